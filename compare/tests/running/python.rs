//! The interpreter of Python for the tests: the one that the variable `PYTHON_WITH_PACKAGES`
//! names, or else `python3`. What needs requests and aiohttp is skipped where it lacks them.
#![allow(dead_code, reason = "not every test needs all of it")]

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use super::folder;

pub fn interpreter() -> String {
    env::var("PYTHON_WITH_PACKAGES").unwrap_or_else(|_| "python3".into())
}

/// Whether the interpreter can do this.
pub fn can(statement: &str) -> bool {
    let done = Command::new(interpreter()).args(["-c", statement]).output();
    let can = done.is_ok_and(|done| done.status.success());
    if !can {
        eprintln!("SKIPPED: {} cannot do `{statement}`", interpreter());
    }
    can
}

pub const IS_NEW_ENOUGH: &str = "import sys; assert sys.version_info >= (3, 10)";
pub const HAS_PACKAGES: &str = "import sys, requests, aiohttp; assert sys.version_info >= (3, 10)";

/// An interpreter that somebody made up: a script.
pub fn stand_in(script: &str) -> PathBuf {
    let file = folder().join("python");
    let python = interpreter();
    fs::write(&file, format!("#!/bin/sh\npython='{python}'\n{script}\n")).expect("it is written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("it is ours");
    file
}

/// An interpreter that says that it is free-threaded.
pub fn free_threaded() -> PathBuf {
    stand_in(
        r#"if [ "$1" = -c ]; then
        exec "$python" -c "import sysconfig
sysconfig.get_config_vars()['Py_GIL_DISABLED'] = 1
$2"
    fi
    exec "$python" "$@""#,
    )
}
