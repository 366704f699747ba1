//! Writes a file completely or not at all.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use shared::{Error, Result};

/// Puts a file in the place of the one that is there, if there is one: a full disk spoils none.
/// What is no file that could be replaced, like `/dev/stdout`, is written directly.
///
/// # Errors
/// It cannot be written; the error names it.
pub fn replace(file: &Path, bytes: &[u8]) -> Result<()> {
    let cannot =
        |error| Error::from(error).while_doing(&format!("cannot write {}", file.display()));
    if fs::metadata(file).is_ok_and(|old| !old.is_file()) {
        let device = OpenOptions::new().write(true).open(file);
        return device
            .and_then(|mut device| device.write_all(bytes))
            .map_err(cannot);
    }
    // The file that a link leads to, and not the link, is replaced.
    let file = &fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let folder = match file.parent() {
        Some(folder) if folder != "" => folder,
        _ => Path::new("."),
    };
    let mut new = tempfile::Builder::new();
    // As for any other file; by default others may not read it.
    #[cfg(unix)]
    new.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    // Its own words name a file that nobody has heard of.
    let new = new.tempfile_in(folder);
    let mut new = new.map_err(|error| cannot(io::Error::from(error.kind())))?;
    new.write_all(bytes).map_err(cannot)?;
    new.persist(file).map_err(|error| cannot(error.error))?;
    Ok(())
}
