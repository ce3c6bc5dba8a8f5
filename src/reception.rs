//! (room `reception`)
