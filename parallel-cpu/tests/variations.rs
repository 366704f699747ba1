//! What makes each variation a lesson: `cargo test -p parallel-cpu`.

use shared::grader::{Computer, example};

fn computer(name: &str) -> Computer {
    Computer {
        program: example(name).leak(),
        workers_option: true,
    }
}

mod threads {
    shared::grade!(Computer, super::computer("threads"));
}

mod async_tasks {
    use super::{computer, example};

    #[test]
    fn does_every_job_in_both_ways() {
        let run = shared::grader::run(&example("async_tasks"), &["--number", "20", "--jobs", "7"]);
        let lines: Vec<&str> = run.stdout.lines().collect();
        // Were the results of the two ways not the same, it would end with status 1.
        assert!(
            lines.len() == 3
                && lines[0].starts_with("Every call awaited, on one thread: ")
                && lines[1] == "fib(20) = 6765, 7 times"
                && lines[2].starts_with("Completed in "),
            "it should print how long the awaited calls took, then its report\n{run}"
        );
        run.expect_status(0, "that both ways did every job");
    }

    /// The awaited calls are in no log, so it is the others that are judged by it.
    #[test]
    fn keeps_every_blocking_thread_busy() {
        // Few jobs: without optimisation each takes the awaited calls about a second.
        computer("async_tasks").keeps_workers_busy(2, &["--number", "33", "--jobs", "6"]);
    }

    #[test]
    fn refuses_senseless_options() {
        computer("async_tasks").refuses_senseless_options();
    }
}

mod processes {
    use super::{computer, example};

    #[test]
    fn does_every_job() {
        let options = ["--number", "20", "--jobs", "7", "--workers", "3"];
        let run = shared::grader::run(&example("processes"), &options);
        assert!(
            run.stdout
                .starts_with("fib(20) = 6765, 7 times\nCompleted in "),
            "it should print `fib(20) = 6765, 7 times`, then `Completed in …s`\n{run}"
        );
        run.expect_status(0, "that every job was done");
    }

    /// Jobs that take minutes: workers that have all been busy by then are busy at once.
    #[test]
    #[cfg(target_os = "linux")]
    fn keeps_every_worker_busy() {
        use std::time::{Duration, Instant};
        use std::{fs, thread};

        let options = ["--number", "54", "--jobs", "9", "--workers", "3"];
        let mut child = shared::grader::command(&example("processes"), &options)
            .spawn()
            .expect("it starts");
        let children = format!("/proc/{0}/task/{0}/children", child.id());
        let busy = |worker: &&str| {
            let stat = fs::read_to_string(format!("/proc/{worker}/stat")).unwrap_or_default();
            // The name in brackets, the state, and ten more before the ticks in its own code.
            let fields = stat.rsplit_once(") ").map(|(_, fields)| fields.split(' '));
            fields.and_then(|mut fields| fields.nth(11)?.parse().ok()) > Some(9)
        };
        let start = Instant::now();
        let mut most = 0;
        while most < 3 && start.elapsed() < Duration::from_secs(60) {
            let workers = fs::read_to_string(&children).unwrap_or_default();
            most = workers.split_whitespace().filter(busy).count();
            thread::sleep(Duration::from_millis(5));
        }
        // The workers end with their parent, even in the middle of a job.
        child.kill().expect("a child can be killed");
        let run = shared::grader::wait(child);
        assert!(
            most == 3,
            "3 workers should be at it at once, not {most}\n{run}"
        );
    }

    #[test]
    fn refuses_senseless_options() {
        computer("processes").refuses_senseless_options();
    }
}
