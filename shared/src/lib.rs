//! What keeps the programs of this workspace comparable: each of them is only its model of
//! concurrency, and all that is not the model is here, once.
//!
//! | module | what is in it | feature |
//! |---|---|---|
//! | `cpu` | work that keeps a core busy, checked | |
//! | `jobs` | which job was under way when, and on which thread | |
//! | `address` | what is the address of a page | `downloads` |
//! | `open_files` | how many connections the system allows | `downloads`, `processes` |
//! | `downloads` | what to download, and the report | `downloads` |
//! | `site` | the practice site, which sees what really happens | `downloads` |
//! | `turnstile` | whether as many are under way at once as was promised | |
//! | `session` | how to download | `ureq`, `reqwest` |
//! | `processes` | a pool of worker processes | `processes` |
//! | `nats_server` | whether there is a server for that, and how to start it | |
//! | `machines` | jobs for several machines | `machines` |
//! | `grader` | what the tests of the programs are made of | `grader` |

#[cfg(feature = "downloads")]
pub mod address;
pub mod cpu;
#[cfg(feature = "downloads")]
pub mod downloads;
mod error;
#[cfg(feature = "grader")]
pub mod grader;
pub mod jobs;
#[cfg(feature = "machines")]
pub mod machines;
#[cfg(any(feature = "downloads", feature = "processes"))]
mod membership;
pub mod nats_server;
#[cfg(any(feature = "downloads", feature = "processes"))]
pub mod open_files;
pub mod options;
pub mod output;
#[cfg(feature = "processes")]
pub mod processes;
#[cfg(any(feature = "ureq", feature = "reqwest"))]
pub mod session;
#[cfg(feature = "downloads")]
pub mod site;
pub mod turnstile;

pub use cpu::{Computations, fib};
#[cfg(feature = "downloads")]
pub use downloads::{Downloads, Outcomes};
pub use error::{Error, Result};
pub use options::{MAX_WORKERS, Workers};
#[cfg(feature = "ureq")]
pub use session::blocking;
#[cfg(feature = "reqwest")]
pub use session::nonblocking;
