//! What users' connections are asked.

use invitations_core::{
    ids::TenantId,
    token::{Connections, ConnectionsDoctor},
};

/// What is done with users' consent at Webex.
pub(crate) const WEBEX: [webex_meetings::Feature; 3] =
    [webex_meetings::Feature::Connecting, webex_meetings::Feature::Meetings, webex_meetings::Feature::Invitees];

/// Users organize meetings and keep calendars themselves; guests are the application's own matter.
pub(crate) fn doctor(
    connections: &Connections,
    organization: TenantId,
    features: &[graph_meetings::Feature],
) -> ConnectionsDoctor {
    use graph_meetings::Feature::{Calendars, Meetings};
    let of_users = features.iter().filter(|feature| matches!(feature, Meetings | Calendars));
    connections
        .doctor(organization)
        .with_needs(graph_meetings::provider_id(), of_users.flat_map(|feature| feature.delegated_needs()))
        .with_needs(webex_meetings::provider_id(), WEBEX.iter().flat_map(|feature| feature.user_needs()))
}
