//! (room `store`)
