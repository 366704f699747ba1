//! How many pages are in flight while none of them comes.

#[cfg(target_os = "linux")]
use super::means::Means;
use crate::grader::downloader::{Downloader, in_flight, site};
use crate::grader::rest::watch;
use crate::grader::{Failure, Run, Verdict, whence};
use crate::output::counted;

/// How many pages there are for every worker. A few that take several at a time must find
/// enough for all of them; many would open more connections than a system may allow.
fn pages_each(at_once: usize) -> usize {
    if at_once < 50 { 10 } else { 3 }
}

/// A program all of whose pages are held back, when it has come to rest.
struct Held {
    in_flight: usize,
    /// Whether it computes all the time while it has nothing to do but wait.
    restless: bool,
    #[cfg(target_os = "linux")]
    means: Means,
    run: Run,
}

impl Downloader {
    /// It keeps so many in flight with these options.
    pub(super) fn keeps_in_flight(&self, at_once: usize, options: &[&str]) -> Verdict {
        let held = self.hold(at_once, options)?;
        let Held { in_flight, run, .. } = &held;
        let workers = counted(at_once, "worker");
        #[cfg(target_os = "linux")]
        self.leaves_the_work_to_its_workers(&held.means, run)?;
        let asked_for = match options {
            [] => String::new(),
            options => format!("with `{}` ", options.join(" ")),
        };
        ensure!(
            *in_flight >= at_once,
            "the site held all pages back, and {asked_for}saw {} at once; {workers} should keep \
             {at_once} in flight: {}\n{run}",
            counted(*in_flight, "request"),
            match in_flight {
                0 =>
                    "what does every download wait for: a permit or a lock that nobody gives back?"
                        .into(),
                1 => self.too_few.into(),
                _ => whence(*in_flight, at_once),
            },
        );
        ensure!(
            *in_flight <= at_once,
            "the site held all pages back, and {asked_for}saw {in_flight} requests at once; with \
             {workers} there should never be more than {at_once} in flight: {}\n{run}",
            match options.is_empty() && *in_flight == pages_each(at_once) * at_once {
                false => whence(*in_flight, at_once),
                true => "what limits how many downloads are in flight?".into(),
            },
        );
        #[cfg(target_os = "linux")]
        self.keeps_to_its_means(at_once, *in_flight, &held.means, run)?;
        ensure!(
            !held.restless,
            "{} in flight and nothing to do but wait, and the program uses the processor all the \
             time: does it look again and again whether something has come, instead of waiting \
             for it?\n{run}",
            counted(*in_flight, "page"),
        );
        Ok(())
    }

    /// Starts it on pages that never come, and looks at it when it has come to rest.
    fn hold(&self, at_once: usize, options: &[&str]) -> Result<Held, Failure> {
        // Two servers: the limit is one for all of them.
        let sites = [site()?, site()?];
        let pages = (pages_each(at_once) * at_once).to_string();
        let options = [&["--pages", &pages], options].concat();
        let urls = sites.each_ref().map(|site| site.url("/hang"));
        let options = [&urls.each_ref().map(|url| &**url), &*options].concat();
        let mut running = self.start(&sites[0], &[], &options);
        let seen = || sites.each_ref().map(|site| site.observations());
        let rested = watch(&mut running, at_once, || {
            let seen = seen();
            let asked = seen.iter().map(|seen| seen.requests.len()).sum();
            (asked, seen.iter().map(in_flight).sum())
        });
        #[cfg(target_os = "linux")]
        let means = Means::of(&running, &sites);
        let run = running.stop();
        if rested.ended {
            run.reached_its_end()?;
            let asked = seen().iter().map(|seen| seen.requests.len()).sum();
            return Err(Failure::new(format!(
                "the site held all pages back, but the program ended before its timeout of 60 s, \
                 after {}: is there another timeout, or does the program not wait for its \
                 downloads?\n{run}",
                counted(asked, "request"),
            )));
        }
        Ok(Held {
            in_flight: rested.under_way,
            restless: rested.restless,
            #[cfg(target_os = "linux")]
            means,
            run,
        })
    }
}
