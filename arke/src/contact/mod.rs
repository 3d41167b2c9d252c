//! Personal data, in types that do not show themselves: `Debug` is masked, there is no `Display` and no `Serialize`.
//! Who needs the text asks for it with [`Address::reveal`] or [`Personal::reveal`], so that every such place is found by
//! its name.

mod address;
mod personal;

pub use address::{Address, AddressError};
pub use personal::{Personal, clean};
