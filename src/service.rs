//! (room `service`)
