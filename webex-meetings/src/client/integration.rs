use invitations_core::{ids::ClientId, secret::ClientSecret};

/// What the library itself needs, and the person id that identifies a connection.
const SCOPES: [&str; 3] = ["meeting:schedules_read", "meeting:schedules_write", "spark:people_read"];

/// A Webex integration, as registered at developer.webex.com.
#[derive(Clone, Debug)]
pub struct Integration {
    pub(crate) client: ClientId,
    pub(crate) secret: ClientSecret,
    pub(crate) scopes: Vec<String>,
}

impl Integration {
    /// An integration that asks for `meeting:schedules_read`, `meeting:schedules_write` and `spark:people_read`.
    pub fn new(client: ClientId, secret: ClientSecret) -> Self {
        Self { client, secret, scopes: SCOPES.map(str::to_owned).to_vec() }
    }

    /// Asks for these scopes instead. Each must be registered on the integration; `spark:people_read` is needed to connect
    /// users, and acting for other hosts needs `meeting:admin_schedule_read` and `meeting:admin_schedule_write`.
    #[must_use]
    pub fn with_scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }
}
