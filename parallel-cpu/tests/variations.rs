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

mod compress_files {
    use std::io::Read;
    use std::path::{Path, PathBuf};
    use std::{env, fs, process};

    use flate2::read::GzDecoder;
    use shared::grader::{Run, example, refuses, run};

    /// A folder that is gone at the end of a test.
    struct Folder(PathBuf);

    impl Folder {
        fn new(test: &str) -> Self {
            let name = format!("compress-files-{test}-{}", process::id());
            let folder = env::temp_dir().join(name);
            fs::create_dir(&folder).expect("a folder can be made");
            Self(folder)
        }

        fn path(&self, name: &str) -> String {
            let path = self.0.join(name).into_os_string();
            path.into_string().expect("the name of the test is UTF-8")
        }

        fn write(&self, name: &str, bytes: &[u8]) -> String {
            let path = self.path(name);
            fs::write(&path, bytes).expect("a file can be written");
            path
        }

        /// The names of all files, in order.
        fn names(&self) -> Vec<String> {
            let files = fs::read_dir(&self.0).expect("a folder can be read");
            let name = |file: fs::DirEntry| file.file_name().to_string_lossy().into_owned();
            let mut names: Vec<String> = files.map_while(Result::ok).map(name).collect();
            names.sort();
            names
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn compress(files: &[&str]) -> Run {
        run(&example("compress_files"), files)
    }

    #[track_caller]
    fn assert_unpacks(file: &str, original: &[u8]) {
        let compressed = fs::File::open(format!("{file}.gz")).expect("it was compressed");
        let mut unpacked = Vec::new();
        let read = GzDecoder::new(compressed).read_to_end(&mut unpacked);
        read.expect("it can be unpacked");
        assert!(unpacked == original, "{file}.gz unpacks to something else");
        let kept = fs::read(file).expect("the original can be read");
        assert!(kept == original, "{file} was changed");
    }

    #[test]
    fn every_file_unpacks_to_its_original() {
        let folder = Folder::new("unpacks");
        let texts: Vec<Vec<u8>> = [0, 1, 2, 300, 70_000, 400_000]
            .map(|size| {
                (0..size)
                    .map(|byte: u32| (byte.wrapping_mul(byte) >> 7) as u8)
                    .collect()
            })
            .into();
        let name = |index| format!("file {index}.bin");
        let files: Vec<String> = (0..texts.len())
            .map(|index| folder.write(&name(index), &texts[index]))
            .collect();
        let run = compress(&files.iter().map(String::as_str).collect::<Vec<_>>());
        let mut total = [0, 0];
        for (file, text) in files.iter().zip(&texts) {
            assert_unpacks(file, text);
            let size = Path::new(&format!("{file}.gz"))
                .metadata()
                .expect("it is there")
                .len();
            let line = format!("Compressed {} to {size} bytes: {file}.gz\n", text.len());
            assert!(run.stdout.contains(&line), "`{line}` is missing\n{run}");
            total = [total[0] + text.len() as u64, total[1] + size];
        }
        let [before, after] = total;
        let line = format!("Compressed 6 of 6 files, {before} to {after} bytes, in ");
        assert!(run.stdout.contains(&line), "`{line}` is missing\n{run}");
        run.expect_status(0, "that every file was compressed");
        assert!(
            folder.names().len() == 12,
            "something is left: {:?}",
            folder.names()
        );
    }

    #[test]
    fn an_existing_output_survives() {
        let folder = Folder::new("exists");
        let (old, new) = (folder.write("old", b"some"), folder.write("new", b"more"));
        folder.write("old.gz", b"of yesterday");
        let run = compress(&[&old, &new]);
        let output = fs::read(folder.path("old.gz")).expect("it is still there");
        assert!(output == b"of yesterday", "old.gz was overwritten\n{run}");
        let line = format!("Failed {old}: {old}.gz exists already\n");
        assert!(run.stderr.contains(&line), "`{line}` is missing\n{run}");
        run.expect_status(1, "that a file was not compressed");
        assert_unpacks(&new, b"more");
        assert_eq!(folder.names(), ["new", "new.gz", "old", "old.gz"]);
    }

    #[test]
    fn a_file_named_twice_is_compressed_once() {
        let folder = Folder::new("twice");
        let file = folder.write("file", &b"again and ".repeat(10_000));
        let run = compress(&[&file, &file]);
        let line = format!("Failed {file}: {file}.gz exists already\n");
        assert!(
            run.stderr == line,
            "the second should fail as `{line}`\n{run}"
        );
        run.expect_status(1, "that a file was not compressed");
        assert_unpacks(&file, &b"again and ".repeat(10_000));
        assert_eq!(folder.names(), ["file", "file.gz"]);
    }

    #[test]
    fn an_unreadable_file_is_named_and_the_rest_is_compressed() {
        let folder = Folder::new("unreadable");
        let (first, last) = (folder.write("first", b"one"), folder.write("last", b"two"));
        let (missing, inner) = (folder.path("missing"), folder.path("inner"));
        fs::create_dir(&inner).expect("a folder can be made");
        let run = compress(&[&first, &missing, &inner, &last]);
        for file in [&missing, &inner] {
            let line = format!("Failed {file}: ");
            let lines = run
                .stderr
                .lines()
                .filter(|printed| printed.starts_with(&line));
            assert!(
                lines.count() == 1,
                "one line `{line}…` should say why\n{run}"
            );
        }
        assert!(
            run.stdout.contains("Compressed 2 of 4 files, "),
            "2 are good\n{run}"
        );
        run.expect_status(1, "that files were not compressed");
        assert_unpacks(&first, b"one");
        assert_unpacks(&last, b"two");
        assert_eq!(
            folder.names(),
            ["first", "first.gz", "inner", "last", "last.gz"]
        );
    }

    #[test]
    fn makes_files_if_none_are_given_and_takes_them_away() {
        let folder = Folder::new("made");
        let mut command = shared::grader::command(&example("compress_files"), &[]);
        for name in ["TMPDIR", "TMP", "TEMP"] {
            command.env(name, &folder.0);
        }
        let run = shared::grader::wait(command.spawn().expect("it starts"));
        assert!(
            run.stdout.contains("\nCompressed 12 of 12 files, "),
            "it has 12\n{run}"
        );
        run.expect_status(0, "that every file was compressed");
        assert!(
            folder.names().is_empty(),
            "something is left: {:?}",
            folder.names()
        );
    }

    #[test]
    fn refuses_senseless_options() {
        let options = ["--no-such-option", "--workers 0", "--workers many"];
        refuses(&example("compress_files"), &options);
    }
}
