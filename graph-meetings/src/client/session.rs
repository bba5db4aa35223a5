use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Uri};
use invitations_core::{
    Error, Result,
    ids::{ConnectionId, PageToken},
    provider::WriteOptions,
};
use meetings_http::{Call, Listing, Pipeline, Protection};

use super::Graph;
use crate::{
    errors::{self, Asked, Resource},
    owner::Owner,
};

/// One account at Graph: whose resources, and with which tokens.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) graph: Graph,
    pipeline: Pipeline,
    pub(crate) owner: Owner,
    delegated: bool,
    connection: Option<ConnectionId>,
    /// Whether it is a personal Microsoft account, as far as that is known.
    pub(crate) is_personal: bool,
}

impl Session {
    pub(crate) fn new(graph: Graph, pipeline: Pipeline, owner: Owner, delegated: bool) -> Self {
        Self { graph, pipeline, owner, delegated, connection: None, is_personal: false }
    }

    /// Says whose consent it is, where that is known.
    pub(crate) fn by(mut self, connection: &ConnectionId) -> Self {
        self.connection = Some(connection.clone());
        self
    }

    /// Says whether it is a personal account.
    pub(crate) fn personal(mut self, personal: bool) -> Self {
        self.is_personal = personal;
        self
    }

    /// Whether a user's own consent is used.
    pub(crate) fn is_delegated(&self) -> bool {
        self.delegated
    }

    /// The same tokens for another owner.
    pub(crate) fn of(&self, owner: Owner) -> Self {
        Self { owner, ..self.clone() }
    }

    /// How many requests a mailbox takes at a time is counted under this name (trap 27).
    fn lane(&self) -> Option<String> {
        match &self.owner {
            Owner::User(id) => Some(id.as_str().to_ascii_lowercase()),
            // the lanes are shared by all users: without a name of its own a mailbox goes without
            Owner::SignedIn => self.connection.as_ref().map(|id| format!("connection {id}")),
        }
    }

    /// One call; any answer but success is an error out of the table.
    pub(crate) async fn send(
        &self,
        operation: &'static str,
        resource: Resource,
        request: Request<Bytes>,
        protection: Protection,
        options: &WriteOptions,
    ) -> Result<Response<Bytes>> {
        let asked = Asked { operation, resource, delegated: self.delegated };
        let method = request.method().clone();
        let request = self.graph.absolute(request)?;
        let mut call = Call::new(operation, request, protection).with_options(options);
        if resource == Resource::Events
            && let Some(lane) = self.lane()
        {
            call = call.with_lane(lane);
        }
        let reply = self.pipeline.send(call).await?;
        if reply.status().is_success() {
            return Ok(reply);
        }
        Err(errors::failure(asked, &method, &reply, self.graph.clock().now()))
    }

    /// A read.
    pub(crate) async fn read(
        &self,
        operation: &'static str,
        resource: Resource,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>> {
        self.send(operation, resource, request, Protection::Idempotent, &WriteOptions::new()).await
    }

    /// A read that belongs to a write: it shares the write's limits.
    pub(crate) async fn read_within(
        &self,
        operation: &'static str,
        resource: Resource,
        request: Request<Bytes>,
        options: &WriteOptions,
    ) -> Result<Response<Bytes>> {
        self.send(operation, resource, request, Protection::Idempotent, options).await
    }

    /// The address of a link that Graph gave, once its origin is ours.
    pub(crate) fn address_of(&self, link: &str) -> Result<String> {
        Ok(self.pipeline.origin().checked(link)?.into())
    }

    /// The page of the listing that `first` begins: the first, or the one at a place that an earlier page named.
    ///
    /// The path names the mailbox and the calendar. A place comes back through the application and may be forged: one on another path is
    /// refused before anything is sent.
    pub(crate) fn page(
        &self,
        operation: &'static str,
        mut first: Request<Bytes>,
        place: Option<&PageToken>,
    ) -> Result<Request<Bytes>> {
        if let Some(place) = place {
            let url = Listing::new(self.pipeline.origin(), first.uri())?.place(operation, place);
            let url = url.map_err(|error| error.with_provider(crate::provider_id()))?;
            let uri = Uri::try_from(url.as_str());
            *first.uri_mut() = uri.map_err(|_| Error::invalid(operation, "the place to go on at is no URI"))?;
        }
        Ok(first)
    }

    /// Where the listing that `first` begins goes on, checked before it is handed out as it is when it comes back.
    pub(crate) fn next(&self, first: &Uri, link: &str) -> Result<PageToken> {
        PageToken::parse(Listing::new(self.pipeline.origin(), first)?.next(link)?)
    }
}

/// What is left of a budget over several requests.
#[derive(Debug)]
pub(crate) struct Budget {
    options: WriteOptions,
    until: Option<std::time::Instant>,
}

impl Budget {
    pub(crate) fn new(graph: &Graph, options: &WriteOptions) -> Self {
        let until = options.timeout.and_then(|timeout| graph.clock().instant().checked_add(timeout));
        Self { options: options.clone(), until }
    }

    /// When it is used up.
    pub(crate) fn until(&self) -> Option<std::time::Instant> {
        self.until
    }

    /// The options of the next request.
    pub(crate) fn options(&self, graph: &Graph, operation: &'static str) -> Result<WriteOptions> {
        let mut options = self.options.clone();
        if let Some(until) = self.until {
            let left = until.saturating_duration_since(graph.clock().instant());
            if left == Duration::ZERO {
                return Err(Error::new(invitations_core::ErrorKind::Timeout, operation)
                    .with_provider(crate::provider_id())
                    .with_retry(invitations_core::RetryClass::Safe { after: None }));
            }
            options.timeout = Some(left);
        }
        Ok(options)
    }
}
