use invitations_core::ids::UserId;

use crate::wire::segment;

/// Whose resources a path is about.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Owner {
    /// The user of the token.
    SignedIn,
    /// A user named by object id, or by address where Graph takes one.
    User(UserId),
}

impl Owner {
    /// The beginning of the path.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::SignedIn => "/v1.0/me".to_owned(),
            Self::User(id) => format!("/v1.0/users/{}", segment(id.as_str())),
        }
    }
}
