//! Whether the next page is asked for when one is there: the site as a turnstile.

use crate::grader::downloader::{Downloader, started, were};
use crate::grader::{Failure, Verdict};
use crate::output::counted;
use crate::site::PracticeSite;
use crate::turnstile::TurnstileSeen;

impl Downloader {
    /// It keeps so many in flight with these options, to the last page, when one comes at a time.
    pub(super) fn goes_on(&self, at_once: usize, options: &[&str]) -> Verdict {
        // If some are left over when every worker has had as many, those come together, too.
        let pages = match at_once {
            ..50 => 6 * at_once + at_once / 2,
            _ => 3 * at_once,
        };
        let site = started(PracticeSite::start_turnstile(at_once, pages))?;
        self.passes(&site, options, |answered| match answered {
            0 => {
                "does their number depend on how long the list is, or does the next download wait \
                 for the oldest one or for all the others, or did only the first ones start \
                 together?"
            }
            1 => {
                "does the next download wait for the oldest one or for all the others, or did \
                 only the first ones start together?"
            }
            _ => {
                "does a worker get its pages beforehand, or wait for the oldest one or for all \
                 the others?"
            }
        })
    }

    /// So it does when all that are in flight come at once.
    pub(super) fn refills_all_places(&self) -> Verdict {
        let pages = 3 * self.at_once + self.at_once / 2;
        let site = started(PracticeSite::start_barrier(self.at_once, pages))?;
        self.passes(
            &site,
            &[],
            |_| "are not all places filled again, when several pages come at once?",
        )
    }

    /// It is not stopped by this site. What to ask, if it is, depends on how many have passed.
    fn passes(
        &self,
        site: &PracticeSite,
        options: &[&str],
        question: impl Fn(usize) -> &'static str,
    ) -> Verdict {
        let seen = || site.turnstile().expect("the site was started as one");
        let TurnstileSeen {
            at_once, expected, ..
        } = seen();
        let pages = expected.to_string();
        let options = [&["--pages", &pages], options].concat();
        let run = self.download(site, &["/jython", "/dice"], &options);
        let seen = seen();
        if let Some(stopped) = seen.stopped {
            let left = stopped.left + stopped.waiting;
            let run = run.map_or_else(|failure| failure.to_string(), |run| run.to_string());
            return Err(Failure::new(format!(
                "after {} only {} in flight, though {} left; {} should keep {} in flight: \
                 {}\n{run}",
                counted(stopped.passed, "page"),
                were(stopped.waiting, "request"),
                were(left, "page"),
                counted(at_once, "worker"),
                at_once.min(left),
                question(stopped.passed),
            )));
        }
        let run = run?;
        ensure!(
            seen.most <= at_once,
            "the site saw {} requests at once, when pages came; with {} there should never be \
             more than {at_once} in flight: {}\n{run}",
            seen.most,
            counted(at_once, "worker"),
            match seen.most > 2 * at_once {
                false =>
                    "does a worker ask for the next page before it has read the last one, or is a \
                     permit given back more than once?",
                true => "are only the first downloads limited, and not those that follow?",
            },
        );
        run.ended_with(0, "that every page was fetched")
    }
}
