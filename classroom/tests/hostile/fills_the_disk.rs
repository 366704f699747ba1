//! Writes wherever it may until nothing fits any more.
use std::io::Write;

fn main() {
    let block = vec![1; 1 << 20];
    let folders = ["/tmp", "/dev/shm", "/dev", "/run", "/var/tmp", "/", "."];
    for (folder, number) in folders.iter().flat_map(|folder| (0..9).map(move |number| (folder, number))) {
        let file = std::fs::File::create(format!("{folder}/filled-{number}"));
        while file.as_ref().is_ok_and(|mut file| file.write_all(&block).is_ok()) {}
    }
    panic!("full");
}
