//! Printing that a reader who has seen enough (`| head -1`) does not turn into a panic.

use std::io::{self, ErrorKind, Write};
use std::{fmt, process};

/// Prints a line to standard output, like [`std::println!`], but ends the program quietly
/// when nobody reads any more, where the original panics.
#[macro_export]
macro_rules! println {
    ($($line:tt)*) => { $crate::output::print(format_args!("{}\n", format_args!($($line)*))) };
}

/// Prints to standard output. If nobody reads it any more, the program ends with status 0; any
/// other failure ends it with status 1 and a line that says so.
pub fn print(text: fmt::Arguments<'_>) {
    if let Err(error) = io::stdout().write_fmt(text) {
        if error.kind() != ErrorKind::BrokenPipe {
            complain(format_args!(
                "Error: cannot write to standard output: {error}"
            ));
        }
        #[cfg(feature = "files")]
        crate::files::remove_temporary();
        process::exit(i32::from(error.kind() != ErrorKind::BrokenPipe));
    }
}

/// Prints a line to standard error. If that fails there is nobody left to tell.
pub fn complain(line: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// "1 page", "160 pages".
pub fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
