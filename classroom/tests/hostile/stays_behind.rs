//! Leaves somebody behind who belongs to nobody.
fn main() {
    let stay = "sleep 54321 </dev/null >/dev/null 2>&1 &";
    let _ = std::process::Command::new("setsid").args(["sh", "-c", stay]).status();
}
