//! (room `phone`)
