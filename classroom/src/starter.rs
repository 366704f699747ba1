//! Makes a starter from a program: what the student has to write or to mend.
//!
//! The text is edited where something goes and is left as it is elsewhere, so that a starter
//! reads like the program it comes from.

use std::collections::HashSet;
use std::ops::Range;

use proc_macro2::{TokenStream, TokenTree};
use shared::{Error, Result};
use syn::spanned::Spanned;
use syn::{Expr, File, Item, UseTree};

use crate::exercises::{Exercise, Kind};
use crate::workspace::Workspace;

/// The starter of an exercise, made from its source.
///
/// # Errors
/// The source cannot be read or is no Rust, or what should be emptied or left out is not in it.
pub fn starter(workspace: &Workspace, exercise: &Exercise) -> Result<String> {
    let source = &workspace.read(&exercise.source)?;
    let trouble = |what: &str| {
        let file = exercise.source.display();
        Error::new(what.to_owned()).while_doing(&format!("no starter can be made from {file}"))
    };
    let file = parse(source).map_err(|error| trouble(&error))?;
    let mut edits = Edits::default();
    edits.header(source, exercise);
    edits.about(&file, &exercise.job);
    for name in &exercise.without {
        let item = file.items.iter().find(|item| is_called(item, name));
        let item = item.ok_or_else(|| trouble(&format!("there is no `{name}`")))?;
        edits.replace(with_comments(source, item.span().byte_range()), "");
    }
    if let Some(function) = &exercise.function {
        let body = file.items.iter().find_map(|item| match item {
            Item::Fn(item) if item.sig.ident == function => Some(item.block.span().byte_range()),
            _ => None,
        });
        let body = body.ok_or_else(|| trouble(&format!("there is no function `{function}`")))?;
        edits.replace(body, &format!("{{\n    todo!(\"write {function}\")\n}}"));
    }
    if exercise.kind == Kind::Mend {
        edits.comments(source, &file);
        return Ok(edits.apply(source));
    }
    let emptied = edits.apply(source);
    let tidied =
        without_idle_imports(&emptied, &exercise.given).map_err(|error| trouble(&error))?;
    Ok(tidied.replace("\n\n\n", "\n\n"))
}

fn parse(source: &str) -> std::result::Result<File, String> {
    syn::parse_file(source).map_err(|error| error.to_string())
}

/// What to put in place of which bytes.
#[derive(Default)]
struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    fn replace(&mut self, bytes: Range<usize>, text: &str) {
        self.0.push((bytes, text.to_owned()));
    }

    /// The first lines tell of the exercise, not of what the program printed or of its twin.
    fn header(&mut self, source: &str, exercise: &Exercise) {
        let (name, job) = (&exercise.name, &exercise.job);
        let mut header = format!(
            "//! {job}\n//!\n//! `EXERCISE.md` says what to do. Run it with `cargo run -p {name}`, and test it with\n\
             //! `cargo test -p {name}`.\n"
        );
        if exercise.kind == Kind::Write {
            header += "\n// Parts of this file have no use yet. Take these two lines out when all is written.\n\
                       #![allow(unused)]\n";
        }
        let lines = source.split_inclusive('\n');
        let old: usize = lines
            .take_while(|line| line.starts_with("//!"))
            .map(str::len)
            .sum();
        self.replace(0..old, &header);
    }

    /// What `--help` says first must not tell what is wrong.
    fn about(&mut self, file: &File, job: &str) {
        for item in &file.items {
            if let Item::Const(item) = item
                && item.ident == "ABOUT"
                && let Expr::Lit(text) = &*item.expr
            {
                self.replace(text.span().byte_range(), &format!("{job:?}"));
            }
        }
    }

    /// Comments inside functions say what a part is for, and so what is wrong with it.
    fn comments(&mut self, source: &str, file: &File) {
        for item in &file.items {
            if matches!(item, Item::Use(_)) {
                continue;
            }
            let bytes = item.span().byte_range();
            let mut start = source[..bytes.start]
                .rfind('\n')
                .map_or(0, |newline| newline + 1);
            for line in source[start..bytes.end].split_inclusive('\n') {
                let text = line.trim_start();
                if text.starts_with("//") && !text.starts_with("///") {
                    self.replace(start..start + line.len(), "");
                }
                start += line.len();
            }
        }
    }

    fn apply(mut self, source: &str) -> String {
        self.0.sort_by_key(|(bytes, _)| bytes.start);
        let mut text = String::new();
        let mut end = 0;
        for (bytes, new) in self.0 {
            // What lies within something that goes has gone with it.
            if bytes.start >= end {
                text += &source[end..bytes.start];
                text += &new;
                end = bytes.end;
            }
        }
        text + &source[end..]
    }
}

fn is_called(item: &Item, name: &str) -> bool {
    match item {
        Item::Fn(item) => item.sig.ident == name,
        Item::Const(item) => item.ident == name,
        Item::Static(item) => item.ident == name,
        Item::Struct(item) => item.ident == name,
        Item::Macro(item) => item.mac.path.is_ident(name),
        _ => false,
    }
}

/// The lines of an item, with the comments right above it.
fn with_comments(source: &str, item: Range<usize>) -> Range<usize> {
    let mut start = source[..item.start]
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    for line in source[..start].split_inclusive('\n').rev() {
        if !line.starts_with("//") || line.starts_with("//!") {
            break;
        }
        start -= line.len();
    }
    let end = source[item.end..]
        .find('\n')
        .map_or(source.len(), |newline| item.end + newline + 1);
    start..end
}

/// Takes out the imports that nothing in the rest of the file names: they would give the
/// answer away.
fn without_idle_imports(source: &str, given: &[String]) -> std::result::Result<String, String> {
    let file = parse(source)?;
    let mut named: HashSet<String> = given.iter().cloned().collect();
    for item in &file.items {
        if !matches!(item, Item::Use(_)) {
            collect_names(quote(source, item), &mut named);
        }
    }
    let mut edits = Edits::default();
    for item in &file.items {
        let Item::Use(item) = item else { continue };
        let bytes = item.span().byte_range();
        match kept(&item.tree, &named) {
            Some(tree) => edits.replace(bytes, &format!("use {tree};")),
            None => edits.replace(with_comments(source, bytes), ""),
        }
    }
    Ok(edits.apply(source))
}

/// The tokens of an item, also those inside of macros.
fn quote(source: &str, item: &Item) -> TokenStream {
    source[item.span().byte_range()]
        .parse()
        .expect("it was parsed before")
}

fn collect_names(tokens: TokenStream, names: &mut HashSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                names.insert(ident.to_string());
            }
            TokenTree::Group(group) => collect_names(group.stream(), names),
            _ => {}
        }
    }
}

/// What is left of an import, if anything is. A glob stays only if its module is `given`.
fn kept(tree: &UseTree, named: &HashSet<String>) -> Option<String> {
    let leaf = |name: &dyn ToString| Some(name.to_string()).filter(|name| named.contains(name));
    match tree {
        UseTree::Path(path) => match &*path.tree {
            UseTree::Glob(_) => leaf(&path.ident).map(|name| format!("{name}::*")),
            tree => Some(format!("{}::{}", path.ident, kept(tree, named)?)),
        },
        UseTree::Name(name) if name.ident == "self" => Some("self".into()),
        UseTree::Name(name) => leaf(&name.ident),
        UseTree::Rename(rename) => {
            let name = leaf(&rename.rename)?;
            Some(format!("{} as {name}", rename.ident))
        }
        UseTree::Group(group) => {
            let trees: Vec<String> = group
                .items
                .iter()
                .filter_map(|tree| kept(tree, named))
                .collect();
            match &trees[..] {
                [] => None,
                [tree] if tree != "self" => Some(tree.clone()),
                _ => Some(format!("{{{}}}", trees.join(", "))),
            }
        }
        UseTree::Glob(_) => None,
    }
}
