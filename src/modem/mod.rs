//! (room `modem`)
