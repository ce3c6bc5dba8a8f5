//! (room `wording`)
