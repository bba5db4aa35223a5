use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, Uri, uri::PathAndQuery};
use invitations_core::{
    Error, Result,
    ids::UserId,
    provider::WriteOptions,
    runtime::{Clock, Entropy},
    token::{AuthorizationServer, Connections, DeviceAuthorizationServer, TokenSource},
};
use meetings_http::{Counts, DeviceClient, Pipeline, Protection};

use super::{
    App, ExpiringCredential, GraphBuilder, KeyedLocks, Session, builder::TokenSources, organizers::Organizers,
};
use crate::{
    calendar,
    doctor::{GraphDoctor, Parts},
    errors::Resource,
    guests,
    owner::Owner,
    teams,
};

/// Microsoft Graph for one application. Clones share everything.
///
/// Opens meetings, calendars, attendee lists and guests for an [`Account`](invitations_core::provider::Account); or directly, with
/// [`meetings_of`](Self::meetings_of) and its neighbours.
#[derive(Clone, Debug)]
pub struct Graph(Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) pipeline: Pipeline,
    pub(super) server: Arc<DeviceClient>,
    pub(super) sources: Option<TokenSources>,
    pub(super) app: App,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) organizers: Organizers,
    pub(super) attendee_locks: KeyedLocks,
    pub(super) parts: Arc<Parts>,
    /// The application's tokens, where they were given.
    pub(super) given: Option<Arc<dyn TokenSource>>,
    pub(super) meetings: Arc<teams::MeetingDefaults>,
}

impl Graph {
    pub(super) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// An application that acts by itself, with what an administrator granted it. No store, no sealer, no builder.
    ///
    /// # Errors
    /// [`Misconfigured`](invitations_core::ErrorKind::Misconfigured) when the cloud is not https, the directory is not a single one,
    /// or TLS cannot be set up.
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    #[cfg_attr(docsrs, doc(cfg(any(feature = "rustls", feature = "native-tls"))))]
    pub fn app_only(app: App) -> Result<Self> {
        Self::builder(app).build()
    }

    /// Everything can be chosen.
    pub fn builder(app: App) -> GraphBuilder {
        GraphBuilder::new(app)
    }

    /// The Teams meetings of an organizer, named by object id or by address. An address is resolved once and remembered:
    /// Teams takes object ids only.
    pub fn meetings_of(&self, organizer: &UserId) -> teams::TeamsMeetings {
        teams::TeamsMeetings::new(self.application(organizer))
    }

    /// The organizer's Teams meetings that are events in the calendar: attendees are invited by Outlook, and there are recordings.
    /// The organizer is named by object id or by address. [`teams`] says what differs.
    pub fn calendar_meetings_of(&self, organizer: &UserId) -> teams::CalendarMeetings {
        teams::CalendarMeetings::new(self.application(organizer))
    }

    /// The calendars of a mailbox, named by object id or by address.
    pub fn calendars_of(&self, mailbox: &UserId) -> calendar::OutlookCalendars {
        calendar::OutlookCalendars::new(self.application(mailbox))
    }

    /// The attendees of events in a mailbox, named by object id or by address.
    pub fn attendees_of(&self, mailbox: &UserId) -> calendar::EventAttendees {
        calendar::EventAttendees::new(self.application(mailbox))
    }

    /// Free and busy times, asked for by a mailbox, named by object id or by address.
    pub fn availability_of(&self, mailbox: &UserId) -> calendar::OutlookAvailability {
        calendar::OutlookAvailability::new(self.application(mailbox))
    }

    /// The guests of the directory.
    pub fn guests(&self) -> guests::Guests {
        let session = Session::new(self.clone(), self.0.pipeline.clone(), Owner::SignedIn, false);
        guests::Guests::new(session)
    }

    /// The Teams meetings of the user whose tokens these are.
    pub fn my_meetings(&self, tokens: Arc<dyn TokenSource>) -> teams::TeamsMeetings {
        teams::TeamsMeetings::new(self.delegated(tokens))
    }

    /// The Teams meetings in the calendar of the user whose tokens these are.
    pub fn my_calendar_meetings(&self, tokens: Arc<dyn TokenSource>) -> teams::CalendarMeetings {
        teams::CalendarMeetings::new(self.delegated(tokens))
    }

    /// The calendars of the user whose tokens these are.
    pub fn my_calendars(&self, tokens: Arc<dyn TokenSource>) -> calendar::OutlookCalendars {
        calendar::OutlookCalendars::new(self.delegated(tokens))
    }

    /// The attendees of events in the mailbox of the user whose tokens these are.
    pub fn my_attendees(&self, tokens: Arc<dyn TokenSource>) -> calendar::EventAttendees {
        calendar::EventAttendees::new(self.delegated(tokens))
    }

    /// Free and busy times, asked for by the user whose tokens these are.
    pub fn my_availability(&self, tokens: Arc<dyn TokenSource>) -> calendar::OutlookAvailability {
        calendar::OutlookAvailability::new(self.delegated(tokens))
    }

    /// Where users give their consent; for the connect flow.
    pub fn authorization_server(&self) -> Arc<dyn AuthorizationServer> {
        Arc::<DeviceClient>::clone(&self.0.server)
    }

    /// The same for devices without a browser (RFC 8628): `Connections::begin_device`.
    pub fn device_authorization_server(&self) -> Arc<dyn DeviceAuthorizationServer> {
        Arc::<DeviceClient>::clone(&self.0.server)
    }

    /// From now on, accounts of users' own consent are opened with the tokens of `connections`, which signs in at
    /// [`authorization_server`](Self::authorization_server).
    #[must_use]
    pub fn with_connections(self, connections: Connections) -> Self {
        let inner = &*self.0;
        Self::new(Inner {
            pipeline: inner.pipeline.clone(),
            server: Arc::clone(&inner.server),
            sources: Some(connections.into()),
            app: inner.app.clone(),
            clock: Arc::clone(&inner.clock),
            entropy: Arc::clone(&inner.entropy),
            organizers: Organizers::default(),
            attendee_locks: KeyedLocks::default(),
            parts: Arc::clone(&inner.parts),
            given: inner.given.clone(),
            meetings: Arc::clone(&inner.meetings),
        })
    }

    /// The application's credentials that end within 30 days, or have ended ([`App::expiring`] by this client's clock).
    pub fn expiring_credentials(&self) -> Vec<ExpiringCredential> {
        self.0.app.expiring(self.0.clock.now())
    }

    /// Asks how the application stands, for a [`Doctor`](invitations_core::doctor::Doctor).
    pub fn doctor(&self) -> GraphDoctor {
        GraphDoctor::new(self.clone())
    }

    /// What was sent so far, by this client and its clones.
    pub fn counts(&self) -> Counts {
        self.0.pipeline.counts()
    }

    /// Calls what is not modelled, with the application's tokens, this client's limits and its errors. The address is a path that
    /// begins with `/v1.0/` (or `/beta/`), or an absolute one on the configured origin. Reads, `PUT` and `DELETE` may be sent again
    /// when that is safe; other methods only when the server surely did not act.
    ///
    /// # Errors
    /// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) for another origin, before any I/O; any answer but success.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let session = Session::new(self.clone(), self.0.pipeline.clone(), Owner::SignedIn, false);
        let again = request.method().is_idempotent() && request.method() != Method::TRACE;
        let protection = if again { Protection::Idempotent } else { Protection::Unprotected };
        session.send("call Graph", Resource::Other, request, protection, &WriteOptions::new()).await
    }

    pub(crate) fn application(&self, user: &UserId) -> Session {
        Session::new(self.clone(), self.0.pipeline.clone(), Owner::User(user.clone()), false)
    }

    pub(crate) fn delegated(&self, tokens: Arc<dyn TokenSource>) -> Session {
        let session = Session::new(self.clone(), self.0.pipeline.with_tokens(tokens), Owner::SignedIn, true);
        session.personal(self.0.app.directory.is_personal() == Some(true))
    }

    pub(crate) fn app(&self) -> &App {
        &self.0.app
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.0.parts
    }

    pub(crate) fn given_tokens(&self) -> Option<&Arc<dyn TokenSource>> {
        self.0.given.as_ref()
    }

    pub(crate) fn clock_shared(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.0.clock)
    }

    pub(crate) fn entropy_shared(&self) -> Arc<dyn Entropy> {
        Arc::clone(&self.0.entropy)
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &*self.0.entropy
    }

    /// Whether only the account itself tells if it is a personal one.
    pub(super) fn mixes_accounts(&self) -> bool {
        self.0.app.directory.is_personal().is_none()
    }

    pub(super) fn sources(&self) -> Option<&TokenSources> {
        self.0.sources.as_ref()
    }

    /// What creates begin with, and what is opened for an account.
    pub(crate) fn meeting_defaults(&self) -> &teams::MeetingDefaults {
        &self.0.meetings
    }

    pub(crate) fn organizers(&self) -> &Organizers {
        &self.0.organizers
    }

    pub(crate) fn attendee_locks(&self) -> &KeyedLocks {
        &self.0.attendee_locks
    }

    /// The request on our origin, with an id that both sides can log.
    pub(crate) fn absolute(&self, mut request: Request<Bytes>) -> Result<Request<Bytes>> {
        let origin = self.0.pipeline.origin();
        let refused =
            |error: Error| Error::invalid("call Graph", "the address is on another origin").with_source(error);
        let url = match request.uri().authority() {
            Some(_) => origin.checked(&request.uri().to_string()).map_err(refused)?,
            None => origin.join(request.uri().path_and_query().map_or("", PathAndQuery::as_str)).map_err(refused)?,
        };
        *request.uri_mut() =
            Uri::try_from(String::from(url)).map_err(|_| Error::invalid("call Graph", "the address is no URI"))?;
        let id = meetings_http::client_request_id(self.entropy());
        if let Ok(id) = http::HeaderValue::try_from(id) {
            request.headers_mut().entry("client-request-id").or_insert(id);
        }
        Ok(request)
    }
}
