//! Shows grades: on the terminal, and for whatever else a teacher uses.

mod csv;
mod files;
mod gradescope;
mod html;
mod json;
mod table;

use std::fs;
use std::path::{Path, PathBuf};

use shared::{Result, println};

use crate::grade::Grade;

/// Where grades are to be written, beside the terminal.
pub struct Targets {
    pub html: Option<PathBuf>,
    pub csv: Option<PathBuf>,
    pub json: Option<PathBuf>,
    pub results: Option<PathBuf>,
}

impl Targets {
    /// Nobody should wait for a class to be graded and then hear that a folder is not there.
    ///
    /// # Errors
    /// Something cannot be written, or would be written over.
    pub fn check(&self) -> std::result::Result<(), String> {
        let files = [&self.html, &self.csv, &self.json].into_iter().flatten();
        let mut places = Vec::new();
        for file in files {
            let folder = file.parent().filter(|folder| *folder != "");
            if file.is_dir() || folder.is_some_and(|folder| !folder.is_dir()) {
                return Err(format!("no file can be written at '{}'", file.display()));
            }
            if files::leads_nowhere(file) {
                return Err(format!("'{}' is a link that leads nowhere", file.display()));
            }
            let place = place(file);
            if places.contains(&place) {
                return Err(format!("'{}' is named for two files", file.display()));
            }
            places.push(place);
        }
        match &self.results {
            Some(folder) if folder.exists() && !folder.is_dir() => {
                Err(format!("'{}' is not a folder", folder.display()))
            }
            _ => Ok(()),
        }
    }

    /// Shows the grades everywhere. What goes wrong in one place keeps no other from having them.
    ///
    /// # Errors
    /// Those of all places together.
    pub fn report(&self, grades: &[Grade]) -> Result<()> {
        println!("{}", table::of_grades(grades));
        let files = [
            (&self.html, html::page as fn(&[Grade]) -> Result<Vec<u8>>),
            (&self.csv, csv::rows),
            (&self.json, json::all),
        ];
        let mut trouble = Vec::new();
        for (file, make) in files {
            if let Some(file) = file {
                trouble.extend(
                    make(grades)
                        .and_then(|bytes| files::replace(file, &bytes))
                        .err(),
                );
            }
        }
        if let Some(folder) = &self.results {
            trouble.extend(gradescope::results(grades, folder).err());
        }
        match trouble
            .into_iter()
            .reduce(|all, error| shared::Error::new(format!("{all}; {error}")))
        {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

/// Where a file is or will be, however it is named.
fn place(file: &Path) -> PathBuf {
    let folder = file.parent().filter(|folder| *folder != "");
    let folder = fs::canonicalize(folder.unwrap_or(Path::new(".")));
    fs::canonicalize(file).unwrap_or_else(|_| match (folder, file.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => file.to_owned(),
    })
}
