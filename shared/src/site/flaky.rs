//! Pages that fail a few times before they are there.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard};

use hyper::Uri;

/// As many addresses are remembered. With one more all are forgotten, and begin again.
const MAX_ADDRESSES: usize = 100_000;

/// How often each of them has been asked for.
///
/// An address counts for itself with its query, whichever connection it comes over:
/// `/flaky/2?a` and `/flaky/2?b` are two pages, and each fails twice.
#[derive(Default)]
pub(super) struct Flaky {
    /// What is remembered of an address has the same size, however long that is.
    hasher: RandomState,
    asked: Mutex<HashMap<u64, u32>>,
}

impl Flaky {
    /// Notes a request for the `path` that an address leads to, and says whether it is to fail; no
    /// for every other path.
    pub fn fails(&self, path: &str, uri: &Uri) -> bool {
        let failures = failures(path).unwrap_or(0);
        if failures == 0 {
            return false;
        }
        let mut asked = self.asked();
        let address = self.hasher.hash_one((uri.path(), uri.query()));
        if asked.len() >= MAX_ADDRESSES && !asked.contains_key(&address) {
            asked.clear();
        }
        let times = asked.entry(address).or_insert(0);
        *times = times.saturating_add(1);
        *times <= failures
    }

    fn asked(&self) -> MutexGuard<'_, HashMap<u64, u32>> {
        self.asked.lock().expect("nothing panics while it is held")
    }
}

/// How often `/flaky/N` fails: N times.
pub(super) fn failures(path: &str) -> Option<u32> {
    let digits = path.strip_prefix("/flaky/")?;
    let number = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_remembers_no_more_than_so_many() {
        let flaky = Flaky::default();
        for number in 0..MAX_ADDRESSES + 10 {
            let uri: Uri = format!("/flaky/1?{number}").parse().expect("an address");
            assert!(flaky.fails(uri.path(), &uri), "{uri}");
            assert!(flaky.asked().len() <= MAX_ADDRESSES);
        }
        let last: Uri = "/flaky/1?100009".parse().expect("an address");
        assert!(!flaky.fails(last.path(), &last));
    }
}
