//! (room `rules`)
