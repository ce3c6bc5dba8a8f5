//! The `textback` program.
fn main() {}
