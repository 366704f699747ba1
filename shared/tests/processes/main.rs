//! The pool of worker processes: what a worker holds may fail, the pool may not.
//!
//! Its workers are this very program, so it needs a `main` of its own.

mod endings;
mod hardship;
mod jobs;
mod membership;
mod output;
mod parent;
mod worker;

use std::env;

use parent::{FORGETFUL, act, say_how_it_starts};
use shared::processes::enter_worker;
use worker::{open, work};

type Test = (&'static str, fn());

/// The tests, under their own names.
macro_rules! tests {
    ($($module:ident::$test:ident),* $(,)?) => { [$((stringify!($test), $module::$test)),*] };
}

const TESTS: &[Test] = &tests![
    jobs::outcomes_are_in_the_order_of_the_jobs,
    jobs::workers_are_used_again,
    jobs::a_dead_worker_fails_the_job_it_held_and_no_other,
    jobs::a_job_may_exit_with_any_status,
    jobs::a_job_reads_nothing_that_belongs_to_the_pool,
    jobs::a_lost_job_is_told_once_and_with_its_name,
    output::a_pool_whose_reader_is_gone_ends_quietly,
    output::a_pool_whose_output_is_full_says_so,
    output::what_a_job_prints_is_passed_on,
    output::what_a_job_prints_costs_the_pool_nothing,
    membership::a_pool_that_ends_in_the_middle_of_a_line_is_gone,
    membership::a_worker_is_no_parent,
    membership::a_mark_from_elsewhere_is_told,
    membership::the_first_process_of_a_system_may_have_a_pool,
    hardship::an_idle_worker_that_is_stopped_holds_nobody_up,
    hardship::a_stopped_worker_is_killed_and_replaced,
    hardship::a_job_may_have_all_the_time_in_the_world,
    hardship::workers_may_be_killed_at_any_moment,
    hardship::want_of_processes_is_an_error,
    endings::a_pool_that_ends_early_ends_quietly,
    endings::a_pool_may_be_killed_at_any_moment,
    endings::orphans_end_quietly,
    endings::adopted_orphans_end_quietly,
    endings::nobody_is_left_behind,
];

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let first = arguments.first().map_or("", String::as_str);
    if first == FORGETFUL {
        return say_how_it_starts();
    }
    enter_worker(open, work);
    if act(first) {
        return;
    }
    // The two ways in which test runners call: for the names, and for one or all of the tests.
    if arguments.iter().any(|argument| argument == "--list") {
        let ignored = arguments.iter().any(|argument| argument == "--ignored");
        TESTS
            .iter()
            .filter(|_| !ignored)
            .for_each(|(name, _)| println!("{name}: test"));
        return;
    }
    let wanted = arguments.iter().find(|argument| !argument.starts_with('-'));
    let chosen = |test: &&Test| wanted.is_none_or(|wanted| test.0.contains(wanted.as_str()));
    let tests: Vec<&Test> = TESTS.iter().filter(chosen).collect();
    for (name, test) in &tests {
        test();
        println!("test {name} ... ok");
    }
    println!("\ntest result: ok. {} passed; 0 failed", tests.len());
}
