//! (room `settings`)
