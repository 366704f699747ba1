//! A constant that takes for ever.
#![allow(long_running_const_eval)]

const NEVER: u64 = {
    let mut number = 0_u64;
    loop {
        number = number.wrapping_add(1);
        if number == u64::MAX {
            break number;
        }
    }
};

fn main() {
    println!("{NEVER}");
}
