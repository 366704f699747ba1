//! Prints a gigabyte, most of it in one line.
use std::io::Write;

fn main() {
    let block = vec![b'x'; 1 << 20];
    for _ in 0..1024 {
        let _ = std::io::stdout().write_all(&block);
        let _ = std::io::stderr().write_all(&block);
    }
    println!();
}
