//! What makes each variation a lesson: `cargo test -p sync-cpu`.

mod remembered {
    use shared::grader::{Computer, Verdict, example, run};

    #[test]
    fn every_way_gives_the_same_answer() {
        // The largest number that fits: by its definition it would take a thousand years.
        for (number, answer) in [("0", "0"), ("20", "6765"), ("93", "12200160415121876738")] {
            let run = run(&example("remembered"), &["--number", number, "--jobs", "7"]);
            for way in ["Empty cache", "Full cache", "Iteration"] {
                let line = format!("{way}: {answer} in ");
                assert!(run.stdout.contains(&line), "`{line}…` is missing\n{run}");
            }
            let report = format!("\nfib({number}) = {answer}, 7 times\nCompleted in ");
            assert!(run.stdout.contains(&report), "the report is missing\n{run}");
            run.expect_status(0, "that every job was done");
        }
    }

    #[test]
    fn refuses_senseless_options() -> Verdict {
        let program = example("remembered").leak();
        let workers_option = false;
        Computer {
            program,
            workers_option,
            processes: false,
        }
        .refuses_senseless_options()
    }
}
