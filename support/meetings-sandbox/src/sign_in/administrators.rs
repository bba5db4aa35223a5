//! What only an administrator may grant to an application.

use crate::world::AuthorizationSide;

/// Delegated permissions of Graph whose consent is an administrator's (Microsoft Graph permissions reference), among those that
/// people, guests and directories need here. One that is missing is granted by anybody.
const GRAPH: [&str; 6] = [
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "Organization.Read.All",
    "User.Invite.All",
    "User.Read.All",
    "User.ReadWrite.All",
];
/// Webex: a full administrator of the organisation and of the host's site grants these (Meetings guide, scopes).
const WEBEX: &str = "meeting:admin_";

/// Whether a scope is one of them; Graph's may be written with the resource before it.
pub(super) fn only_for_administrators(side: AuthorizationSide, scope: &str) -> bool {
    match side {
        AuthorizationSide::Microsoft => {
            let name = scope.rsplit('/').next().unwrap_or(scope);
            GRAPH.iter().any(|known| known.eq_ignore_ascii_case(name))
        }
        AuthorizationSide::Webex => scope.starts_with(WEBEX),
    }
}

/// Whether somebody may grant all of a space-separated list.
pub(super) fn may_grant(side: AuthorizationSide, scopes: &str, administrator: bool) -> bool {
    administrator || !scopes.split_whitespace().any(|scope| only_for_administrators(side, scope))
}

/// What the others are told.
pub(super) fn refusal(side: AuthorizationSide) -> &'static str {
    match side {
        AuthorizationSide::Microsoft => "AADSTS90094: The grant requires admin permission.",
        AuthorizationSide::Webex => "Only a full administrator can grant these scopes.",
    }
}
