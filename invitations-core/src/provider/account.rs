use std::{collections::HashMap, fmt::Debug, sync::Arc};

use async_trait::async_trait;

use super::{AttendanceProvider, AttendeeList, AvailabilityProvider, CalendarProvider, MeetingProvider};
use crate::{
    Error, ErrorKind, Remedy, Result,
    ids::{ConnectionId, ProviderId, TenantId, UserId},
    people::GuestDirectory,
};

/// Which account at which provider acts, for which organisation. Stored with invitations and effects.
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct Account {
    /// The embedder's organisation.
    pub tenant: TenantId,
    /// The provider.
    pub provider: ProviderId,
    /// Who acts there.
    pub actor: AccountActor,
}

/// Who acts at the provider.
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AccountActor {
    /// Application credentials, acting for this user.
    Application {
        /// The user at the provider.
        user: UserId,
    },
    /// A user's own consent.
    Connection(ConnectionId),
}

impl Account {
    /// Application credentials acting for `user`.
    pub fn application(tenant: TenantId, provider: ProviderId, user: UserId) -> Self {
        Self { tenant, provider, actor: AccountActor::Application { user } }
    }

    /// A user's own consent.
    pub fn connection(tenant: TenantId, provider: ProviderId, id: ConnectionId) -> Self {
        Self { tenant, provider, actor: AccountActor::Connection(id) }
    }
}

/// Opens a role for an account. `T` is a trait object: `Open<dyn MeetingProvider>`.
#[async_trait]
pub trait Open<T: ?Sized + Send + Sync + 'static>: Debug + Send + Sync + 'static {
    /// The role, bound to `account`. Makes no request; a missing consent shows on first use.
    ///
    /// # Errors
    /// [`Misconfigured`](ErrorKind::Misconfigured) when the account cannot be served with the configured credentials.
    async fn open(&self, account: &Account) -> Result<Arc<T>>;
}

type Openers<T> = HashMap<ProviderId, Arc<dyn Open<T>>>;

/// One opener per provider and role. A struct, not a trait: new roles are additive.
#[derive(Clone, Debug, Default)]
pub struct Providers {
    attendance: Openers<dyn AttendanceProvider>,
    attendees: Openers<dyn AttendeeList>,
    availability: Openers<dyn AvailabilityProvider>,
    calendars: Openers<dyn CalendarProvider>,
    guests: Openers<dyn GuestDirectory>,
    meetings: Openers<dyn MeetingProvider>,
}

macro_rules! roles { ($($(#[$doc:meta])* $field:ident, $with:ident: $role:ident;)+) => {
    impl Providers {$(
        $(#[$doc])*
        #[must_use]
        pub fn $with(mut self, provider: ProviderId, opener: Arc<dyn Open<dyn $role>>) -> Self {
            self.$field.insert(provider, opener);
            self
        }

        /// Opens this role for `account`.
        ///
        /// # Errors
        /// [`Misconfigured`](ErrorKind::Misconfigured) when no opener was registered for the provider; else what the opener says.
        pub async fn $field(&self, account: &Account) -> Result<Arc<dyn $role>> {
            open(&self.$field, account, stringify!($with)).await
        }
    )+}
}}

roles! {
    /// Registers who opens attendance reports at `provider`.
    attendance, with_attendance: AttendanceProvider;
    /// Registers who opens attendee lists at `provider`.
    attendees, with_attendees: AttendeeList;
    /// Registers who opens free/busy times at `provider`.
    availability, with_availability: AvailabilityProvider;
    /// Registers who opens calendars at `provider`.
    calendars, with_calendars: CalendarProvider;
    /// Registers who opens the guest directory at `provider`.
    guests, with_guests: GuestDirectory;
    /// Registers who opens meetings at `provider`.
    meetings, with_meetings: MeetingProvider;
}

impl Providers {
    /// None registered.
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers meetings and attendee lists, which every meeting provider has.
    #[must_use]
    pub fn with<P>(self, provider: ProviderId, opener: Arc<P>) -> Self
    where
        P: Open<dyn MeetingProvider> + Open<dyn AttendeeList>,
    {
        let attendees: Arc<dyn Open<dyn AttendeeList>> = Arc::<P>::clone(&opener);
        self.with_meetings(provider.clone(), opener).with_attendees(provider, attendees)
    }
}

async fn open<T: ?Sized + Send + Sync + 'static>(
    openers: &Openers<T>,
    account: &Account,
    register: &'static str,
) -> Result<Arc<T>> {
    match openers.get(&account.provider) {
        Some(opener) => opener.open(account).await,
        None => Err(Error::new(ErrorKind::Misconfigured, "open provider")
            .with_provider(account.provider.clone())
            .with_remedy(Remedy::new(format!("Register the provider with Providers::{register}.")))),
    }
}
