//! (room `clock`)
