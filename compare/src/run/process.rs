//! A process that is watched to its very end, or ended, and with it all that it started.

use std::io;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use shared::{Error, Result};
use wait4::{ResUse, Wait4};

use crate::interruption::{end_group, interrupted, running};

/// A process under way. It does not outlive this, nor does what it left behind.
pub struct Process {
    pub child: Child,
    start: Instant,
    end: End,
    /// Its number is nobody's any more.
    over: bool,
}

/// What became of a process.
pub enum Attended {
    Ended { usage: ResUse, elapsed: Duration },
    Hung,
}

const LOOK_AFTER: Duration = Duration::from_millis(2);
const LOOK_EVERY: Duration = Duration::from_millis(100);

impl Process {
    /// Starts a process that has nothing to read.
    ///
    /// # Errors
    /// The system refuses.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        // What it starts can then be ended with it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let mut running = running();
        let start = Instant::now();
        let child = command.stdin(Stdio::null()).spawn()?;
        *running = Some(child.id());
        drop(running);
        let mut process = Self {
            child,
            start,
            end: End::default(),
            over: false,
        };
        process.end.wait_for(&process.child)?;
        Ok(process)
    }

    /// Waits for its end; puts one to it when its time is over.
    ///
    /// # Errors
    /// Somebody interrupts.
    pub fn attend(
        &mut self,
        limit: Duration,
        mut meanwhile: impl FnMut(Duration),
    ) -> Result<Attended> {
        loop {
            let elapsed = self.start.elapsed();
            // More often at first: a short run should not be over before the first look.
            let patience = (elapsed / 5).clamp(LOOK_AFTER, LOOK_EVERY);
            if let Some(end) = self.end.within(patience, &mut self.child)? {
                let elapsed = end - self.start;
                let usage = self.finish()?;
                return Ok(Attended::Ended { usage, elapsed });
            }
            if interrupted() {
                return Err(Error::new("interrupted"));
            }
            if elapsed > limit {
                self.child.kill()?;
                self.finish()?;
                return Ok(Attended::Hung);
            }
            meanwhile(elapsed);
        }
    }

    /// Ends what it left behind, then takes leave of it: not before, for its number is also
    /// that of its group.
    fn finish(&mut self) -> io::Result<ResUse> {
        end_group(self.child.id());
        *running() = None;
        self.over = true;
        if let Some(usage) = self.end.usage() {
            return Ok(usage);
        }
        loop {
            if let Some(usage) = self.child.try_wait4()? {
                return Ok(usage);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.over {
            // It may have ended by itself meanwhile.
            let _ = self.child.kill();
            let _ = self.finish();
        }
    }
}

/// The end of a process, as precise as the system tells it: a thread does nothing but wait for
/// it, and leaves the process where it is, so that its number stays its own.
#[cfg(unix)]
#[derive(Default)]
struct End(Option<std::sync::mpsc::Receiver<Instant>>);

#[cfg(unix)]
impl End {
    fn wait_for(&mut self, child: &Child) -> io::Result<()> {
        use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
        let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let id = WaitId::Pid(id.expect("a process has a positive number"));
        let (sender, receiver) = std::sync::mpsc::channel();
        let wait = move || {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            while matches!(waitid(id.clone(), options), Err(rustix::io::Errno::INTR)) {}
            // Nobody asks any more for the end of a process that was put an end to.
            let _ = sender.send(Instant::now());
        };
        std::thread::Builder::new().spawn(wait)?;
        self.0 = Some(receiver);
        Ok(())
    }

    fn within(&mut self, patience: Duration, _: &mut Child) -> io::Result<Option<Instant>> {
        let end = self.0.as_ref().map(|end| end.recv_timeout(patience));
        Ok(end.and_then(|end| end.ok()))
    }

    fn usage(&self) -> Option<ResUse> {
        None
    }
}

/// The end of a process, to a millisecond or so.
#[cfg(not(unix))]
#[derive(Default)]
struct End(Option<ResUse>);

#[cfg(not(unix))]
impl End {
    fn wait_for(&mut self, _: &Child) -> io::Result<()> {
        Ok(())
    }

    fn within(&mut self, patience: Duration, child: &mut Child) -> io::Result<Option<Instant>> {
        let start = Instant::now();
        while start.elapsed() < patience {
            self.0 = child.try_wait4()?;
            if self.0.is_some() {
                return Ok(Some(Instant::now()));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(None)
    }

    fn usage(&self) -> Option<ResUse> {
        self.0
    }
}
