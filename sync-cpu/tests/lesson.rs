//! The grader of this lesson: `cargo test -p sync-cpu`, also for a solution of your own.

use std::process::ExitCode;

use shared::grader::Computer;

const LESSON: Computer = Computer {
    program: env!("CARGO_BIN_EXE_sync-cpu"),
    workers_option: false,
    processes: false,
};

fn main() -> ExitCode {
    LESSON.lesson().grade()
}
