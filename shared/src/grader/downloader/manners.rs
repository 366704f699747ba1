//! How a downloader behaves on the command line.

use super::{Downloader, server};
use crate::grader::{Running, Verdict, command, refuses_each};

impl Downloader {
    /// Without any address it brings its own site along, and says what that saw.
    pub fn brings_its_own_site(&self) -> Verdict {
        let run = Running::start(command(
            self.program,
            &["--latency", "0", "--faulty", "--pages", "40"],
        ))
        .end()?;
        run.reached_its_end()?;
        let mut lines = run.stdout.lines().rev();
        let [last, summary] = [(); 2].map(|()| lines.next().unwrap_or_default());
        ensure!(
            last.starts_with("The site saw at most ") && last.contains(" at once, over "),
            "the last line should be `The site saw at most … at once, over …`, as `report` prints \
             it\n{run}"
        );
        ensure!(
            summary.starts_with("Fetched 36 of 40 pages in "),
            "36 of 40 pages are good, but the summary says `{summary}`: is it the one that \
             `report` prints?\n{run}"
        );
        run.ended_with(1, "that pages failed")
    }

    /// A senseless command line gets one line and status 2.
    pub fn refuses_senseless_options(&self) -> Verdict {
        refuses_each(
            self.program,
            &[
                "--no-such-option",
                "--pages 0",
                "--pages many",
                "--workers 0",
                "--latency -1",
                "--latency NaN",
                "--timeout 0",
                "--live --faulty",
            ],
        )
    }

    /// A reader who has seen enough (`| head -1`) ends it without noise.
    pub fn ends_quietly_without_a_reader(&self) -> Verdict {
        let running = Running::start_unread(command(self.program, &["--latency", "10"]));
        let run = running.read_one_line()?.end()?;
        // It may say there what it does; but not that nobody reads.
        ensure!(
            run.status.success() && !run.stderr.contains("panicked"),
            "nobody reads after the first line (as with `| head -1`), so the program should end \
             quietly; but it ended with {} and said what follows: is a page printed with the \
             `println!` of `shared`?\n{run}",
            run.status,
        );
        let failed = run.stderr.lines().find(|line| line.starts_with("Failed "));
        ensure!(
            failed.is_none(),
            "nobody reads after the first line (as with `| head -1`), so the program should end \
             quietly; but it says `{}`: does a line that cannot be printed make its page a \
             failure?\n{run}",
            failed.unwrap_or_default(),
        );
        Ok(())
    }

    /// A proxy that the environment names is asked for pages of other machines.
    pub fn asks_the_proxy_of_the_environment(&self) -> Verdict {
        let address = server::start(server::stand_in_for_a_proxy)?;
        let url = "http://elsewhere.invalid/page";
        let mut proxied = command(self.program, &[url, "--pages", "1"]);
        proxied.env("HTTP_PROXY", format!("http://{address}"));
        let run = Running::start(proxied).end()?;
        let line = format!("Fetched 2 bytes from {url}");
        ensure!(
            run.stdout.contains(&line),
            "HTTP_PROXY names a proxy that has the page, so the program should print `{line}`: \
             does the session come from `new_session`?\n{run}"
        );

        let run = Running::start(command(self.program, &[url, "--pages", "1"])).end()?;
        ensure!(
            run.stderr.contains("proxy 127.0.0.1:9"),
            "nobody answers at the proxy that HTTP_PROXY names, so the reason of the failure \
             should name the proxy\n{run}"
        );
        run.ended_with(1, "that the page failed")
    }
}
