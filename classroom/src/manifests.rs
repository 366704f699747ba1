//! The manifests and the lock file of what is handed out, made from the workspace's.

use std::collections::HashSet;

use shared::{Error, Result};
use toml_edit::{Array, DocumentMut, Item, Table, value};

use crate::exercises::Exercise;

/// What a manifest is needed for reading its parts.
fn parse(file: &str, text: &str) -> Result<DocumentMut> {
    let document = text.parse::<DocumentMut>();
    document.map_err(|error| Error::new(format!("{file}: {}", error.message())))
}

/// The manifest of an exercise, from that of its lesson: what it may use and nothing else.
///
/// # Errors
/// The lesson's does not have what the exercise is to use.
pub fn of_exercise(exercise: &Exercise, lesson: &str, tests: &str) -> Result<String> {
    let file = format!("{}/Cargo.toml", exercise.lesson);
    let lesson = parse(&file, lesson)?;
    let missing = |what: &str| Error::new(format!("{file} has no {what}"));
    let mut package = lesson
        .get("package")
        .cloned()
        .ok_or_else(|| missing("package"))?;
    package["name"] = value(&exercise.name);
    package["description"] = value(&exercise.job);
    let mut manifest = DocumentMut::new();
    manifest["package"] = package;

    let tables = ["dependencies", "dev-dependencies"].map(|name| lesson.get(name));
    let find = |name: &str| {
        tables
            .iter()
            .flatten()
            .find_map(|table| table.get(name))
            .cloned()
    };
    let mut dependencies = Table::new();
    for name in &exercise.dependencies {
        dependencies[name] = find(name).ok_or_else(|| missing(name))?;
    }
    let mut shared = find("shared").ok_or_else(|| missing("shared"))?;
    if let Some(features) = &exercise.shared {
        shared["features"] = value(Array::from_iter(features));
    }
    dependencies["shared"] = shared;
    dependencies.sort_values();
    manifest["dependencies"] = Item::Table(dependencies);

    // Whatever else the lesson has there is for its examples.
    let mut for_tests = Table::new();
    for (name, dependency) in tables[1].and_then(Item::as_table).into_iter().flatten() {
        if name != "shared" && tests.contains(&format!("{}::", name.replace('-', "_"))) {
            for_tests[name] = dependency.clone();
        }
    }
    let mut shared = toml_edit::InlineTable::new();
    shared.insert("path", "../shared".into());
    shared.insert("features", Array::from_iter(["grader"]).into());
    for_tests["shared"] = value(shared);
    for_tests.sort_values();
    manifest["dev-dependencies"] = Item::Table(for_tests);

    if let Some(targets) = lesson.get("test").and_then(Item::as_array_of_tables) {
        let mut targets = targets.clone();
        targets.retain(|target| target.get("name").and_then(Item::as_str) == Some("lesson"));
        if !targets.is_empty() {
            manifest["test"] = Item::ArrayOfTables(targets);
        }
    }
    Ok(manifest.to_string())
}

/// The manifest of `shared` without what only its own tests need.
///
/// # Errors
/// It makes no sense.
pub fn of_shared(text: &str) -> Result<String> {
    let mut manifest = parse("shared/Cargo.toml", text)?;
    for part in ["dev-dependencies", "test", "bench", "example"] {
        manifest.remove(part);
    }
    Ok(manifest.to_string())
}

/// The manifest of the folder that is handed out, from that of the workspace.
///
/// # Errors
/// It makes no sense.
pub fn of_folder(workspace: &str, members: &[&str]) -> Result<String> {
    let mut manifest = parse("Cargo.toml", workspace)?;
    let mut list = Array::from_iter(members.iter().copied());
    for member in list.iter_mut() {
        member.decor_mut().set_prefix("\n    ");
    }
    list.set_trailing("\n");
    list.set_trailing_comma(true);
    manifest["workspace"]["members"] = value(list);
    Ok(manifest.to_string())
}

/// Leaves out the settings for crates that are not in the lock file: cargo warns of those.
///
/// # Errors
/// One of the two makes no sense.
pub fn without_idle_profiles(manifest: &str, lock: &str) -> Result<String> {
    let locked = locked(lock)?;
    let mut manifest = parse("Cargo.toml", manifest)?;
    let profiles = manifest.get_mut("profile").and_then(Item::as_table_mut);
    for (_, profile) in profiles.into_iter().flat_map(Table::iter_mut) {
        if let Some(packages) = profile.get_mut("package").and_then(Item::as_table_mut) {
            packages.retain(|name, _| name == "*" || locked.contains(name));
        }
    }
    Ok(manifest.to_string())
}

fn locked(lock: &str) -> Result<HashSet<String>> {
    let lock = parse("Cargo.lock", lock)?;
    let packages = lock.get("package").and_then(Item::as_array_of_tables);
    let name = |package: &Table| Some(package.get("name")?.as_str()?.to_owned());
    Ok(packages.into_iter().flatten().filter_map(name).collect())
}
