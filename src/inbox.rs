//! (room `inbox`)
