//! (room `call`)
