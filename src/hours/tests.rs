//! What people write and what comes of it; moments around changes of clocks; the official lists of holidays.
