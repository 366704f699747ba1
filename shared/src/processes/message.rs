//! What a worker says to its pool: a line of JSON for every job.

/// The outcome of a job, where an error is its reason; or else the status with which the pool
/// has to end, because the output that it shares with its workers cannot be written any more.
pub(super) type Message<R> = Result<Result<R, String>, i32>;
