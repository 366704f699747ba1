//! Writes a file whole, or leaves what was there before.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::interruption::{interrupted, temporary};

/// Writes `content` to a file beside the named one and puts it in its place. What is no file
/// that could be replaced, like `/dev/stdout`, is written directly.
///
/// # Errors
/// It cannot be written, or somebody interrupts; what was there before is there still.
pub fn write(
    file: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    // Opened, but not changed: a file that is protected against writing stays as it is, too.
    match OpenOptions::new().write(true).open(file) {
        Ok(old) if old.metadata().is_ok_and(|old| old.is_file()) => {
            let permissions = old.metadata()?.permissions();
            // Windows replaces no file that is open.
            drop(old);
            // The file that a link leads to, and not the link, is replaced.
            replace(&fs::canonicalize(file)?, Some(permissions), content)
        }
        Ok(device) => fill(&device, content),
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        // A link that leads nowhere yet.
        Err(_) if file.is_symlink() => fill(&File::create(file)?, content),
        Err(_) => replace(file, None, content),
    }
}

fn replace(
    file: &Path,
    permissions: Option<fs::Permissions>,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let folder = file.parent().filter(|folder| *folder != "");
    let folder = folder.map_or_else(|| PathBuf::from("."), Path::to_owned);
    let temporary = new_file(&folder)?;
    fill(temporary.as_file(), content)?;
    if let Some(permissions) = permissions {
        fs::set_permissions(temporary.path(), permissions)?;
    }
    temporary.persist(file)?;
    Ok(())
}

/// A new file with the permissions that every new file gets: a temporary one is for its owner
/// alone by default.
fn new_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".compare-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut temporary = temporary();
    let file = builder.tempfile_in(folder)?;
    temporary.push(file.path().to_owned());
    Ok(file)
}

fn fill(file: &File, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut file = BufWriter::new(Interruptible(file));
    content(&mut file)?;
    file.write_all(b"\n")?;
    file.flush()
}

/// A file that is written in small pieces, as long as nobody interrupts.
struct Interruptible<'a>(&'a File);

impl Write for Interruptible<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if interrupted() {
            return Err(io::Error::other("interrupted"));
        }
        self.0.write(&bytes[..bytes.len().min(64 * 1024)])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_stays_when_writing_fails() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let file = folder.path().join("figures.json");
        write(&file, |file| file.write_all(b"old")).expect("it can be written");
        let failed = write(&file, |file| {
            file.write_all(b"new, but not")?;
            Err(io::Error::other("full"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(&file).expect("it is there"), b"old\n");
        let files = fs::read_dir(folder.path()).expect("it can be read");
        assert_eq!(files.count(), 1, "nothing else is left");
    }
}
