//! How many pages are in flight at once, by which means, and what they share.

mod connections;
mod held;
#[cfg(target_os = "linux")]
mod means;
mod overlap;
mod turnstile;

use super::Downloader;
use crate::grader::{Verdict, refuses_each};
use crate::options::Workers;

impl Downloader {
    /// While no page comes, as many are in flight as promised, never more, and by the means
    /// that were promised: threads, processes or one thread for all.
    pub fn keeps_as_many_in_flight_as_promised(&self) -> Verdict {
        self.keeps_in_flight(self.at_once, &[])
    }

    /// As soon as one page is there, the next is asked for, for as long as any are left: the
    /// site answers one, and only when as many are in flight again the next. Then the same with
    /// all that are in flight.
    pub fn goes_on_when_a_page_is_there(&self) -> Verdict {
        self.goes_on(self.at_once, &[])?;
        self.refills_all_places()
    }

    /// So it does with another number of `--workers`, if there is that option.
    pub fn obeys_another_number_of_workers(&self) -> Verdict {
        if !self.workers_option {
            return refuses_each(self.program, &["--workers 3"]);
        }
        // More than the program has by itself, and more than any limit that follows the machine.
        let many = Workers::EveryCore.number().max(self.at_once + 10) + 5;
        for at_once in [3, 1, many] {
            let option = self.workers(at_once);
            let option: Vec<&str> = option.iter().map(String::as_str).collect();
            self.keeps_in_flight(at_once, &option)?;
        }
        self.goes_on(3, &["--workers", "3"])
    }
}
