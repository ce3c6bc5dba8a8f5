//! (room `sim`)
