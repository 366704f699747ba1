//! What a program printed and how it ended, and whether it came to its end at all.

use std::fmt;
use std::process::ExitStatus;

use super::{Failure, Verdict};
use crate::output::counted;

/// What a program printed and how it ended.
pub struct Run {
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
    /// How it ended.
    pub status: ExitStatus,
}

impl Run {
    /// Fails unless the exit status is `status`.
    ///
    /// # Panics
    /// It is not.
    #[track_caller]
    pub fn expect_status(&self, status: i32, because: &str) {
        if let Err(failure) = self.ended_with(status, because) {
            panic!("{failure}");
        }
    }

    pub(super) fn ended_with(&self, status: i32, because: &str) -> Verdict {
        let actual = self.status;
        if actual.code() != Some(status) {
            // Why it broke off says more than with which status.
            self.reached_its_end()?;
        }
        ensure!(
            actual.code() == Some(status),
            "the program ended with {actual}, but {because} means exit status {status}\n{self}"
        );
        Ok(())
    }

    /// The line that says why the program as a whole failed, if there is one.
    pub(super) fn error(&self) -> Option<&str> {
        self.stderr.lines().find(|line| line.starts_with("Error: "))
    }

    /// Fails if the program broke off: nothing is written yet, it panicked, or the system
    /// ended it.
    pub(super) fn reached_its_end(&self) -> Verdict {
        if let Some(missing) = self.not_written() {
            return Err(Failure::last(missing));
        }
        if let Some((place, message)) = self.panicked() {
            let why = match place.contains("registry") {
                true => {
                    "A library did: does it get what it needs? A session, for example, comes from \
                     `new_session`."
                }
                false => {
                    "Is there an `unwrap`, an `expect` or an index? What may fail should return \
                     its error instead."
                }
            };
            return Err(Failure::last(format!(
                "the program panicked ({place}): {message}\n{why}\n{self}"
            )));
        }
        if self.stderr.contains("has overflowed its stack") {
            return Err(Failure::last(format!(
                "the program has used up its stack: does a function call itself as often as there \
                 are pages or jobs?\n{self}"
            )));
        }
        if self.status.code().is_none() {
            return Err(Failure::last(format!(
                "the program was ended by the system ({})\n{self}",
                self.status
            )));
        }
        Ok(())
    }

    /// "fetch_all is not written yet (src/main.rs, line 36)", if it says anything like it.
    fn not_written(&self) -> Option<String> {
        let said = |line: &&str| line.contains("is not written yet");
        if let Some(line) = self.stderr.lines().find(said) {
            return Some(line.trim_start_matches("Error: ").to_owned());
        }
        let (place, message) = self.panicked()?;
        let what = ["not yet implemented", "not implemented"]
            .iter()
            .find_map(|start| message.strip_prefix(start))?;
        let what = what.trim_start_matches(": ").trim_start_matches("write ");
        let what = if what.is_empty() { "this" } else { what };
        Some(format!("{what} is not written yet ({place})"))
    }

    /// Where it panicked and why: "thread 'main' panicked at FILE:LINE:COLUMN:", then the message.
    fn panicked(&self) -> Option<(String, &str)> {
        let mut lines = self.stderr.lines();
        let place = lines.find_map(|line| line.split_once(" panicked at ").map(|it| it.1))?;
        let message = lines.next().unwrap_or_default();
        let mut place = place.trim_end_matches(':').rsplitn(3, ':');
        let (_, line, file) = (place.next()?, place.next()?, place.next()?);
        // Below the folder of the program, whatever stands before it.
        let file = file.find("src/main.rs").map_or(file, |at| &file[at..]);
        Some((format!("{file}, line {line}"), message))
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, text) in [("output", &self.stdout), ("error", &self.stderr)] {
            let lines: Vec<&str> = text.lines().collect();
            writeln!(f, "--- standard {name}, {}", counted(lines.len(), "line"))?;
            let skipped = lines.len().saturating_sub(2 * SHOWN);
            for (index, line) in lines.iter().enumerate() {
                match index {
                    _ if skipped == 0 || index < SHOWN || index >= SHOWN + skipped => {
                        writeln!(f, "{}", start_of(&shortened(line), WIDTH))?;
                    }
                    SHOWN => writeln!(f, "...")?,
                    _ => {}
                }
            }
        }
        write!(f, "---")
    }
}

/// A text whose lines can be read, whatever a program printed that is a part of it.
pub(super) fn shortened(text: &str) -> String {
    let shorten = |line| start_of(&with_short_addresses(line), LINE);
    text.split('\n').map(shorten).collect::<Vec<_>>().join("\n")
}

/// As many characters of a line, and whether there are more.
fn start_of(line: &str, characters: usize) -> String {
    match line.char_indices().nth(characters) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.to_owned(),
    }
}

fn with_short_addresses(line: &str) -> String {
    let mut short = String::new();
    let mut rest = line;
    while let Some(start) = rest.find("http://") {
        let (before, address) = rest.split_at(start);
        let end = address.find(|char: char| char.is_whitespace() || char == '`');
        let address = address[..end.unwrap_or(address.len())].trim_end_matches([':', ',', '.']);
        short += before;
        match address.char_indices().nth(ADDRESS) {
            Some((end, _)) => short.extend([&address[..end], "…"]),
            None => short += address,
        }
        rest = &rest[start + address.len()..];
    }
    short + rest
}

/// How much of an address is shown, in characters.
const ADDRESS: usize = 40;

/// How many lines a failed check shows from the start and from the end of an output.
const SHOWN: usize = 5;

/// How much of a line of an output is shown, in characters.
const WIDTH: usize = 200;

/// How long a line of a message may be, in characters. No check's own words are as long.
const LINE: usize = 600;

#[cfg(test)]
mod tests {
    use super::*;

    fn run(stderr: &str) -> Run {
        Run {
            stdout: String::new(),
            stderr: stderr.into(),
            status: ExitStatus::default(),
        }
    }

    fn failure(stderr: &str) -> Failure {
        let failure = run(stderr).reached_its_end().expect_err("it broke off");
        assert!(failure.is_last(), "{failure}");
        failure
    }

    #[test]
    fn what_is_not_written_is_said_in_one_line() {
        let line = "fetch_all is not written yet (src/main.rs, line 36)";
        assert_eq!(failure(&format!("Error: {line}\n")).to_string(), line);
        let todo = "\nthread 'main' (7) panicked at threaded-downloader/src/main.rs:36:5:\n\
                    not yet implemented: write fetch_all\nnote: run with `RUST_BACKTRACE=1`\n";
        assert_eq!(failure(todo).to_string(), line);
        let bare = "thread 'main' panicked at src/main.rs:36:5:\nnot implemented\n";
        let line = "this is not written yet (src/main.rs, line 36)";
        assert_eq!(failure(bare).to_string(), line);
    }

    #[test]
    fn a_panic_is_told_with_its_place_and_its_message() {
        let panic = "thread '<unnamed>' (9) panicked at src/main.rs:12:7:\nwhere is it?\n";
        let told = failure(panic).to_string();
        let start = "the program panicked (src/main.rs, line 12): where is it?\n";
        assert!(told.starts_with(start), "{told}");
    }

    #[test]
    fn a_panic_of_a_library_asks_what_the_library_was_given() {
        let panic = "thread 'main' panicked at /home/me/.cargo/registry/src/index/reqwest-0.13.5/\
                     src/client.rs:12:7:\nNo provider\n";
        let told = failure(panic).to_string();
        assert!(told.contains("\nA library did: "), "{told}");
    }

    #[test]
    fn a_panic_says_more_than_the_status_that_it_leads_to() {
        let panic = "thread 'main' panicked at src/main.rs:12:7:\nwhere is it?\n";
        let failure = run(panic).ended_with(1, "that a page failed");
        let told = failure.expect_err("it ended with another").to_string();
        assert!(told.starts_with("the program panicked ("), "{told}");
    }

    #[test]
    fn a_stack_that_is_used_up_is_told() {
        let overflow = "\nthread 'main' (7) has overflowed its stack\nfatal runtime error\n";
        let told = failure(overflow).to_string();
        assert!(
            told.starts_with("the program has used up its stack: "),
            "{told}"
        );
    }

    #[test]
    fn a_program_that_only_complains_has_reached_its_end() {
        let complaint = run("Failed http://127.0.0.1/: it panicked, perhaps\n");
        assert!(complaint.reached_its_end().is_ok());
    }

    #[test]
    fn of_a_long_address_only_its_start_is_shown() {
        let page = "http://127.0.0.1:12345/status/503";
        let long = format!("http://127.0.0.1:12345/dice?{}", "and-again".repeat(400));
        let text = format!("`Fetched 276 bytes from {long}`\nFailed {long}: {page}: {long}");
        let start = "http://127.0.0.1:12345/dice?and-againand…";
        let short = format!("`Fetched 276 bytes from {start}`\nFailed {start}: {page}: {start}");
        assert_eq!(shortened(&text), short);
        assert_eq!(Failure::new(text).to_string(), short);
        assert!(run(&long).to_string().contains(&format!("\n{start}\n")));
    }

    #[test]
    fn long_outputs_are_shown_in_part() {
        let lines: String = (0..100).map(|line| format!("line {line}\n")).collect();
        let shown = run(&(lines + &"x".repeat(1000))).to_string();
        assert!(
            shown.contains("--- standard error, 101 lines\nline 0\n"),
            "{shown}"
        );
        assert!(shown.contains("line 4\n...\nline 96\n"), "{shown}");
        assert!(shown.lines().all(|line| line.len() <= WIDTH + 3), "{shown}");
        let failure = Failure::new(format!("it said: {}\n---\n", "é".repeat(100_000)));
        let start = "é".repeat(LINE - "it said: ".len());
        assert_eq!(failure.to_string(), format!("it said: {start}...\n---\n"));
    }
}
