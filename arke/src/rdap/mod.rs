//! RDAP: who holds a domain, and how they can be written to.

pub mod answer;
