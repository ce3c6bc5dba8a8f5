//! (room `config`)
