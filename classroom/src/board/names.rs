//! Which names may be used on a board: all, or those on a list.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use shared::{Error, Result};

/// What a name may be, in words.
pub const RULE: &str =
    "a name has 1 to 24 letters (a to z), digits, dots, - and _, and begins with a letter or digit";

/// As many names as a board has.
pub const MAX_NAMES: usize = 200;

const LONGEST_NAME: usize = 24;

/// The largest list, in bytes: much more than its names take.
const LARGEST_LIST: usize = 64 * 1024;

/// Which names may be used.
#[derive(Default)]
pub enum Names {
    #[default]
    All,
    Listed(BTreeSet<String>),
}

/// Why somebody cannot have a name.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    NoName,
    NotOnTheList,
    Full,
}

impl Names {
    /// A list from a file: a name in every line.
    ///
    /// # Errors
    /// The file cannot be read, or holds something else.
    pub fn read(file: &Path) -> Result<Self> {
        let doing = format!("cannot take the names from {}", file.display());
        let names = text(file).and_then(|text| listed(&text));
        names
            .map(Self::Listed)
            .map_err(|error| error.while_doing(&doing))
    }

    pub fn check(&self, name: &str) -> std::result::Result<(), Refusal> {
        match self {
            _ if !is_name(name) => Err(Refusal::NoName),
            Self::Listed(names) if !names.contains(name) => Err(Refusal::NotOnTheList),
            _ => Ok(()),
        }
    }
}

fn text(file: &Path) -> Result<String> {
    let mut bytes = Vec::new();
    let mut some = File::open(file)?.take(LARGEST_LIST as u64 + 1);
    some.read_to_end(&mut bytes)?;
    if bytes.len() > LARGEST_LIST {
        return Err(Error::new("it is larger than 64 KiB"));
    }
    String::from_utf8(bytes).map_err(|_| Error::new("it is not UTF-8"))
}

fn listed(text: &str) -> Result<BTreeSet<String>> {
    // Editors on Windows like to begin with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut names = BTreeSet::new();
    for (index, line) in text.lines().enumerate() {
        match line.trim() {
            "" => {}
            name if is_name(name) => {
                names.insert(name.to_owned());
            }
            _ => {
                let number = index + 1;
                return Err(Error::new(format!("line {number} is no name: {RULE}")));
            }
        }
    }
    match names.len() {
        0 => Err(Error::new("there are none")),
        1..=MAX_NAMES => Ok(names),
        _ => Err(Error::new(format!("a board has at most {MAX_NAMES} names"))),
    }
}

fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    text.len() <= LONGEST_NAME
        && text.bytes().all(allowed)
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain() {
        for name in ["ada", "A-1", "x", "a.b_c", &"n".repeat(24)] {
            assert_eq!(Names::All.check(name), Ok(()), "{name}");
        }
        for text in [
            "",
            ".",
            "..",
            "-a",
            "a b",
            "a%20",
            "ü",
            "<b>",
            &"n".repeat(25),
        ] {
            assert_eq!(Names::All.check(text), Err(Refusal::NoName), "{text}");
        }
    }

    #[test]
    fn only_listed_names_are_taken() {
        let names = Names::Listed(["ada".to_owned()].into());
        assert_eq!(names.check("ada"), Ok(()));
        assert_eq!(names.check("ben"), Err(Refusal::NotOnTheList));
    }
}
