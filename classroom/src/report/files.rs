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
    let old = fs::metadata(file);
    if old.as_ref().is_ok_and(|old| !old.is_file()) {
        let device = OpenOptions::new().write(true).open(file);
        return device
            .and_then(|mut device| device.write_all(bytes))
            .map_err(cannot);
    }
    if leads_nowhere(file) {
        return Err(cannot(io::Error::other("it is a link that leads nowhere")));
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
    if let Ok(old) = old {
        // Before anything is in it: who may not read the old one may not read this either.
        let permissions = old.permissions();
        new.as_file().set_permissions(permissions).map_err(cannot)?;
    }
    new.write_all(bytes).map_err(cannot)?;
    new.persist(file).map_err(|error| cannot(error.error))?;
    Ok(())
}

/// Whether it is a link to what is not there: a disk that is missing, or a slip of the pen.
pub fn leads_nowhere(file: &Path) -> bool {
    file.is_symlink() && !file.exists()
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
    use std::process::Command;
    use std::thread;

    use super::replace;

    #[test]
    fn a_file_keeps_its_permissions() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let file = folder.path().join("grades");
        fs::write(&file, "old").expect("a file can be written");
        for mode in [0o600, 0o640, 0o666] {
            fs::set_permissions(&file, Permissions::from_mode(mode)).expect("it is ours");
            replace(&file, b"new").expect("it can be replaced");
            let permissions = fs::metadata(&file).expect("it is there").permissions();
            assert_eq!(permissions.mode() & 0o777, mode);
        }
    }

    #[test]
    fn a_link_stays_and_leads_to_the_new_text() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let [file, link] = ["grades", "link"].map(|name| folder.path().join(name));
        fs::write(&file, "old").expect("a file can be written");
        symlink(&file, &link).expect("a link can be made");
        replace(&link, b"new").expect("it can be replaced");
        let kind = fs::symlink_metadata(&link).expect("it is there");
        assert!(kind.file_type().is_symlink());
        assert_eq!(fs::read(&file).expect("it is there"), b"new");
    }

    #[test]
    fn a_link_that_leads_nowhere_stays_and_is_refused() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let link = folder.path().join("link");
        symlink("nowhere", &link).expect("a link can be made");
        let error = replace(&link, b"new").expect_err("there is no file to write");
        assert!(error.to_string().ends_with("leads nowhere"), "{error}");
        assert!(link.is_symlink() && !link.exists());
    }

    #[test]
    fn a_pipe_stays_and_gets_the_text() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let pipe = folder.path().join("pipe");
        let made = Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("there is mkfifo").success());
        let reader = thread::spawn({
            let pipe = pipe.clone();
            move || fs::read(pipe)
        });
        replace(&pipe, b"new").expect("it can be written");
        let kind = fs::metadata(&pipe).expect("it is there").file_type();
        assert!(kind.is_fifo(), "{kind:?}");
        let read = reader.join().expect("no panic");
        assert_eq!(read.expect("it can be read"), b"new");
    }
}
