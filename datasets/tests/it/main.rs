//! Durable storage: the log, tables and the store, through their public doors.
