//! What an entity is to the domain.

/// A role of RFC 9083, 10.2.4, in the order in which the first one names an entity in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The sponsoring registrar.
    Registrar,
    /// Who sold the domain in the registrar's stead.
    Reseller,
    /// Who sponsors the object, where that is not the registrar.
    Sponsor,
    /// Who holds the domain.
    Registrant,
    /// Who decides for the holder.
    Administrative,
    /// Who runs what the name leads to.
    Technical,
    /// Who hears of abuse.
    Abuse,
    /// Who pays.
    Billing,
    /// Who runs a network.
    Noc,
    /// Who hears of changes.
    Notifications,
    /// Who stands in for another.
    Proxy,
}

impl Role {
    /// All of them.
    const ALL: [Role; 11] = [
        Role::Registrar,
        Role::Reseller,
        Role::Sponsor,
        Role::Registrant,
        Role::Administrative,
        Role::Technical,
        Role::Abuse,
        Role::Billing,
        Role::Noc,
        Role::Notifications,
        Role::Proxy,
    ];

    /// The word of RDAP for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Registrar => "registrar",
            Role::Reseller => "reseller",
            Role::Sponsor => "sponsor",
            Role::Registrant => "registrant",
            Role::Administrative => "administrative",
            Role::Technical => "technical",
            Role::Abuse => "abuse",
            Role::Billing => "billing",
            Role::Noc => "noc",
            Role::Notifications => "notifications",
            Role::Proxy => "proxy",
        }
    }

    /// The role that a word stands for, in lower case; servers and names of redactions shorten two of them.
    pub(super) fn of(word: &str) -> Option<Role> {
        match word {
            "admin" => Some(Role::Administrative),
            "tech" => Some(Role::Technical),
            _ => Role::ALL.into_iter().find(|role| role.as_str() == word),
        }
    }
}
