//! Printing that a reader who has seen enough (`| head -1`) does not turn into a panic, and that
//! does a terminal no harm.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::io::{self, ErrorKind, Write as _};
use std::process;
use std::sync::OnceLock;

/// Prints a line to standard output, like [`std::println!`], but ends the program quietly
/// when nobody reads any more, where the original panics.
#[macro_export]
macro_rules! println {
    ($($line:tt)*) => { $crate::output::print(format_args!("{}\n", format_args!($($line)*))) };
}

/// Prints to standard output what is left of it when it is [`harmless`]. If nobody reads it any
/// more, the program ends with status 0; any other failure ends it with status 1 and a line that
/// says so. In a worker process it is the pool, too, that ends so.
pub fn print(text: fmt::Arguments<'_>) {
    let text = text.to_string();
    let Err(error) = io::stdout().write_all(harmless(&text).as_bytes()) else {
        return;
    };
    let reader_gone = error.kind() == ErrorKind::BrokenPipe;
    if !reader_gone {
        complain(format_args!(
            "Error: cannot write to standard output: {error}"
        ));
    }
    let status = i32::from(!reader_gone);
    if let Some(tell_pool) = TELL_POOL.get() {
        tell_pool(status);
    }
    process::exit(status)
}

/// In a worker process, whose output is that of its pool: tells the pool with which status to
/// end. Elsewhere it is not set.
pub(crate) static TELL_POOL: OnceLock<Box<dyn Fn(i32) + Send + Sync>> = OnceLock::new();

/// Prints a line to standard error, [`harmless`], too. If that fails there is nobody left to tell.
pub fn complain(line: fmt::Arguments<'_>) {
    // In one piece: other threads and processes write, too.
    let line = format!("{line}\n");
    let _ = io::stderr().write_all(harmless(&line).as_bytes());
}

/// A text that a terminal may show, whoever wrote it: `\u{1b}` in place of an escape character,
/// as of all control characters but newline and tab, and `***` in place of a password, as in
/// `http://user:***@127.0.0.1/`.
pub fn harmless(text: &str) -> Cow<'_, str> {
    harmless_but(text, |character| matches!(character, '\n' | '\t'))
}

/// A text that is [`harmless`] and in one line.
pub(crate) fn harmless_line(text: &str) -> Cow<'_, str> {
    harmless_but(text, |_| false)
}

fn harmless_but(text: &str, allowed: impl Fn(char) -> bool) -> Cow<'_, str> {
    let text = without_passwords(text);
    let harms = |character: char| character.is_control() && !allowed(character);
    // Every page has a line, and next to none of them has a control character. Those beyond
    // ASCII begin with the byte 0xC2. To look at all bytes, come what may, takes fewer
    // instructions than to stop at the first: the compiler looks at many at once.
    let suspicious = |byte: u8| (byte.is_ascii_control() & !allowed(byte.into())) | (byte == 0xc2);
    let any = |found, byte| found | suspicious(byte);
    if !text.bytes().fold(false, any) || !text.contains(harms) {
        return text;
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        // Writing to a String cannot fail.
        let _ = match harms(character) {
            true => write!(shown, "{}", character.escape_default()),
            false => write!(shown, "{character}"),
        };
    }
    Cow::Owned(shown)
}

/// Hides the password of every address, of misspelt ones, too.
fn without_passwords(text: &str) -> Cow<'_, str> {
    if !text.contains('@') || !text.contains("://") {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(scheme) = rest.find("://") {
        let (before, after) = rest.split_at(scheme + "://".len());
        shown.push_str(before);
        rest = after;
        if let Some((colon, at)) = password(rest) {
            shown.push_str(&rest[..=colon]);
            shown.push_str("***");
            rest = &rest[at..];
        }
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

/// Where a password stands in what follows `://`: behind the first number, before the second.
fn password(address: &str) -> Option<(usize, usize)> {
    let line = address.lines().next()?;
    let place = line.split(|c: char| c.is_whitespace() || "/?#\\".contains(c));
    let place = place.into_iter().next()?;
    let colon = place.find(':')?;
    // A slash or a space in a password is a mistake, and no reason to show the rest of it.
    let port = place[colon + 1..].trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    let is_port = port.bytes().all(|byte| byte.is_ascii_digit());
    let at = match place.rfind('@') {
        Some(at) => at,
        None if is_port || place.starts_with('[') => return None,
        None => line.rfind('@')?,
    };
    (colon < at).then_some((colon, at))
}

/// "1 page", "160 pages".
pub fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_and_not_obeyed() {
        assert_eq!(
            harmless("a\u{1b}[2J\r\0\u{7f}\u{9b}2Jü\tb\n"),
            "a\\u{1b}[2J\\r\\u{0}\\u{7f}\\u{9b}2Jü\tb\n"
        );
        assert_eq!(harmless_line("a\nb\tü"), "a\\nb\\tü");
        for text in [
            "",
            "Fetched 276 bytes from http://[::1]:8/dice\n",
            "ü\u{a0}",
        ] {
            assert!(matches!(harmless(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn a_password_is_hidden() {
        for (text, shown) in [
            ("http://user:secret@host/", "http://user:***@host/"),
            ("socks5://:secret@host:1", "socks5://:***@host:1"),
            ("http://u:s@e:cret@host/?a@b", "http://u:***@host/?a@b"),
            (
                "a://b:c@d and http://e:f@g\nh@i",
                "a://b:***@d and http://e:***@g\nh@i",
            ),
            ("http://u:sec/ret@host/", "http://u:***@host/"),
            ("http://u:sec ret@host/", "http://u:***@host/"),
            ("http://u:sec\\ret@host/", "http://u:***@host/"),
            // What only looks like one stays.
            ("http://user@host/", "http://user@host/"),
            ("http://host:80/a:b@c", "http://host:80/a:b@c"),
            ("http://host:80: told by a@b", "http://host:80: told by a@b"),
            ("http://[::1]/@me", "http://[::1]/@me"),
            ("http://host/?to=a:b@c", "http://host/?to=a:b@c"),
        ] {
            assert_eq!(harmless(text), shown);
            assert_eq!(harmless(shown), shown);
        }
    }
}
