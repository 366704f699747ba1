//! The same programs in Python, in the folder `compare/python`.

use shared::Workers::{EveryCore, One};

use super::{FIVE, HUNDRED, Model, Program, computer, downloader};

/// Every twin in Python. Each is run below the program whose twin it is.
pub static TWINS: [Program; 8] = [
    twin(
        "sync-downloader",
        downloader("sync_downloader.py", Model::OneThread, One),
    ),
    twin(
        "threaded-downloader",
        downloader("threaded_downloader.py", Model::Threads, FIVE),
    ),
    twin(
        "async-downloader",
        downloader("async_downloader.py", Model::EventLoop, HUNDRED),
    ),
    twin(
        "process-downloader",
        downloader("process_downloader.py", Model::Processes, FIVE),
    ),
    twin("sync-cpu", computer("sync_cpu.py", Model::OneThread, One)),
    twin(
        "parallel-cpu",
        computer("threaded_cpu.py", Model::Threads, EveryCore),
    ),
    twin(
        "async_tasks",
        computer("async_cpu.py", Model::EventLoop, One),
    ),
    twin(
        "processes",
        computer("process_cpu.py", Model::Processes, EveryCore),
    ),
];

const fn twin(of: &'static str, program: Program) -> Program {
    Program {
        twin: Some(of),
        ..program
    }
}
