//! What makes each variation a lesson: `cargo test -p parallel-cpu`.

use shared::grader::{Computer, example};

fn computer(name: &str) -> Computer {
    Computer {
        program: example(name).leak(),
        workers_option: true,
        processes: false,
    }
}

mod threads {
    shared::grade!(Computer, super::computer("threads"));
}

mod async_tasks {
    use shared::grader::Computer;

    fn one_at_a_time() -> Computer {
        Computer {
            workers_option: false,
            ..super::computer("async_tasks")
        }
    }

    // Many tasks are spawned, and never are two of them under way at once.
    shared::grade!(
        one_at_a_time(),
        does_every_job,
        keeps_every_worker_busy,
        goes_on_when_a_job_is_done,
        refuses_senseless_options,
    );
}

mod async_tasks_cured {
    shared::grade!(Computer, super::computer("async_tasks_cured"));
}

mod processes {
    use shared::grader::Computer;

    fn processes() -> Computer {
        Computer {
            processes: true,
            ..super::computer("processes")
        }
    }

    shared::grade!(Computer, processes());
}

mod one_job {
    use shared::grader::{example, run};

    #[test]
    fn every_way_gives_the_same_answer() {
        for number in ["0", "1", "2", "24", "25", "26", "30"] {
            let run = run(&example("one_job"), &["--number", number, "--jobs", "3"]);
            run.expect_status(0, "that every job was done");
            assert!(run.stdout.contains(", 3 times\n"), "{run}");
        }
    }
}

mod compress_files {
    use std::io::{BufRead, BufReader, Read};
    use std::path::{Path, PathBuf};
    use std::process::Command;
    use std::{env, fs, process};

    use flate2::read::GzDecoder;
    use shared::grader::{Run, command, example, refuses, run, wait};
    use shared::jobs::{JOB_LOG, most_at_once, read_log};

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

        /// The command that makes its files in this folder.
        fn command(&self, options: &[&str]) -> Command {
            let mut command = command(&example("compress_files"), options);
            command.envs(["TMPDIR", "TMP", "TEMP"].map(|name| (name, &self.0)));
            command
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

    #[test]
    fn keeps_every_worker_busy() {
        let folder = Folder::new("busy");
        let log = folder.path("log");
        let mut command = command(&example("compress_files"), &["--workers", "3"]);
        let run = wait(command.env(JOB_LOG, &log).spawn().expect("it starts"));
        let jobs = read_log(log.as_ref()).expect("it leaves a log of its jobs");
        assert_eq!(jobs.len(), 12, "files were compressed\n{run}");
        assert_eq!(
            most_at_once(&jobs),
            3,
            "files were under way at once\n{run}"
        );
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
        let run = wait(folder.command(&[]).spawn().expect("it starts"));
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

    /// Whose reader is gone after a line.
    fn read_one_line(mut command: Command) {
        let mut child = command.spawn().expect("it starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("it was asked for"));
        let read = stdout.read_line(&mut String::new());
        read.expect("a pipe can be read");
        drop(stdout);
        let run = wait(child);
        run.expect_status(0, "that its reader had seen enough");
        assert!(run.stderr.is_empty(), "it complains\n{run}");
    }

    #[test]
    fn leaves_none_of_its_own_files_behind_without_a_reader() {
        let folder = Folder::new("head-made");
        read_one_line(folder.command(&["--workers", "6"]));
        let left = folder.names();
        assert!(left.is_empty(), "something is left: {left:?}");
    }

    #[test]
    fn leaves_no_half_of_a_file_behind_without_a_reader() {
        let folder = Folder::new("head-given");
        let text = b"again and ".repeat(20_000);
        let files = [1, 2, 3, 4, 5, 6, 7, 8].map(|file| folder.write(&file.to_string(), &text));
        let options = ["--workers", "6"].into_iter();
        let options: Vec<&str> = options.chain(files.iter().map(String::as_str)).collect();
        read_one_line(folder.command(&options));
        for name in folder.names() {
            assert!(!name.starts_with(".part-"), "{name} is left");
            if let Some(original) = name.strip_suffix(".gz") {
                assert_unpacks(&folder.path(original), &text);
            }
        }
    }

    #[test]
    fn one_worker_has_nothing_to_compare_with() {
        for (workers, compares) in [("1", false), ("2", true)] {
            let run = run(&example("compress_files"), &["--workers", workers]);
            let compared = run.stdout.contains("\nOne core takes ");
            assert_eq!(compared, compares, "with --workers {workers}\n{run}");
        }
    }

    #[test]
    fn refuses_senseless_options() {
        let options = ["--no-such-option", "--workers 0", "--workers many"];
        refuses(&example("compress_files"), &options);
    }
}
