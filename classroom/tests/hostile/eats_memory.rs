//! Takes all the memory there is.
fn main() {
    let mut eaten = Vec::new();
    loop {
        eaten.push(vec![1_u8; 64 << 20]);
    }
}
