//! Probing: requests become observations, within budgets.

pub mod pace;
