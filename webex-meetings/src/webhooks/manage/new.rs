use std::fmt;

use invitations_core::secret::WebhookSecret;
use meetings_http::Origin;
use url::Url;

use super::{Filter, secret};
use crate::webhooks::{Event, Owner, Resource};

/// A webhook that is to be: one event of one resource.
#[derive(Clone)]
#[non_exhaustive]
pub struct NewWebhook {
    /// A name for people.
    pub name: String,
    /// Where Webex posts events. It should answer within seconds and do its work afterwards.
    pub target_url: Url,
    /// What it is about.
    pub resource: Resource,
    /// What happens to it. `all` does not cover meetings.
    pub event: Event,
    /// Which of these events.
    pub filter: Filter,
    /// Signs deliveries. Without one nobody can tell Webex's from others'.
    pub secret: Option<WebhookSecret>,
    /// Whose events.
    pub owner: Owner,
}

impl NewWebhook {
    /// All events of this kind that whoever makes it may see.
    pub fn new(name: impl Into<String>, target_url: Url, resource: Resource, event: Event) -> Self {
        let (filter, secret, owner) = (Filter::new(), None, Owner::Creator);
        Self { name: name.into(), target_url, resource, event, filter, secret, owner }
    }

    /// Only these events.
    #[must_use]
    pub fn with_filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// Signs deliveries with this; see [`random_secret`](super::random_secret).
    #[must_use]
    pub fn with_secret(mut self, secret: impl Into<Option<WebhookSecret>>) -> Self {
        self.secret = secret.into();
        self
    }

    /// The whole organisation's events, for an administrator. Webex takes one for each resource, and one more for each other filter.
    #[must_use]
    pub fn for_organization(mut self) -> Self {
        self.owner = Owner::Organization;
        self
    }

    /// One webhook for each of these events, alike otherwise.
    #[must_use]
    pub fn each(&self, events: impl IntoIterator<Item = Event>) -> Vec<Self> {
        events.into_iter().map(|event| Self { event, ..self.clone() }).collect()
    }

    /// Why Webex would not take it, or why it should not be.
    pub(super) fn fault(&self) -> Option<&'static str> {
        if self.resource.events().is_some_and(|events| !events.contains(&self.event)) {
            return Some("this resource has no such event; one webhook tells one event");
        }
        let conditions = self.resource.filters();
        if self.filter.names().any(|name| conditions.is_some_and(|known| !known.contains(&name))) {
            return Some("this resource cannot be filtered so");
        }
        let by_host = self.filter.names().any(|name| matches!(name, "hostEmail" | "hostUserId"));
        if by_host && self.owner != Owner::Organization {
            return Some("only webhooks of the whole organisation are filtered by host");
        }
        let parts = [named(&self.name), target(&self.target_url), secret::fault(self.secret.as_ref())];
        parts.into_iter().flatten().next().or_else(|| self.filter.fault())
    }
}

pub(super) fn named(name: &str) -> Option<&'static str> {
    let good = !name.trim().is_empty() && name.len() <= 1024 && !name.contains(|c: char| c.is_control());
    (!good).then_some("a webhook's name is 1 to 1024 bytes without control characters")
}

/// Deliveries hold addresses and ids: they do not travel readable, but on this machine.
pub(super) fn target(url: &Url) -> Option<&'static str> {
    let good = Origin::dangerous_loopback_http(url.clone()).is_ok();
    (!good).then_some("a webhook's target is https, without a user name or password in it")
}

/// The host alone: a path may hold what only Webex should know.
pub(super) fn host(url: &str) -> String {
    Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "?".to_owned())
}

impl fmt::Debug for NewWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewWebhook")
            .field("name", &self.name)
            .field("host", &host(self.target_url.as_str()))
            .field("resource", &self.resource)
            .field("event", &self.event)
            .field("filter", &self.filter)
            .field("secret", &self.secret)
            .field("owner", &self.owner)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hook(resource: Resource, event: Event) -> NewWebhook {
        NewWebhook::new("ours", "https://app.example/webex".parse().unwrap(), resource, event)
    }

    #[test]
    fn every_resource_has_its_events() {
        use Event::*;
        let all = [Created, Updated, Deleted, Started, Ended, Joined, Left, Authorized, Deauthorized];
        for (resource, events) in [
            (Resource::Meetings, &[Created, Updated, Deleted, Started, Ended] as &[Event]),
            (Resource::MeetingParticipants, &[Joined, Left]),
            (Resource::Recordings, &[Created, Updated, Deleted]),
            (Resource::MeetingTranscripts, &[Created]),
            (Resource::ServiceApp, &[Authorized, Deauthorized]),
        ] {
            for event in all.clone() {
                let taken = hook(resource.clone(), event.clone()).fault().is_none();
                assert_eq!(taken, events.contains(&event), "{resource:?} {event:?}");
            }
            assert!(hook(resource, Event::from("all")).fault().is_some());
        }
        assert!(hook(Resource::from("uc_counters"), Event::from("statusChanged")).fault().is_none());
    }

    #[test]
    fn hosts_are_the_organisations_filter() {
        let host = "ada@contoso.example".parse().unwrap();
        let by_host = hook(Resource::Meetings, Event::Ended).with_filter(Filter::new().host_email(&host));
        assert!(by_host.fault().is_some());
        assert!(by_host.for_organization().fault().is_none());
        let other = hook(Resource::Meetings, Event::Ended).with_filter(Filter::new().meeting_id("m"));
        assert!(other.fault().is_some(), "that is a condition of participants");
    }

    #[test]
    fn bad_parts_are_refused() {
        let good = || hook(Resource::Meetings, Event::Ended);
        for (target, taken) in [
            ("https://app.example/webex?key=1", true),
            ("http://127.0.0.1:8080/webex", true),
            ("http://app.example/webex", false),
            ("https://user:password@app.example/", false),
            ("ftp://app.example/", false),
            ("javascript:alert(1)", false),
        ] {
            let webhook = NewWebhook { target_url: target.parse().unwrap(), ..good() };
            assert_eq!(webhook.fault().is_none(), taken, "{target}");
        }
        assert!(NewWebhook { name: " ".to_owned(), ..good() }.fault().is_some());
        for (secret, taken) in [("fifteen bytes..", false), ("sixteen bytes...", true), ("line\nline line line", false)]
        {
            assert_eq!(good().with_secret(WebhookSecret::new(secret)).fault().is_none(), taken, "{secret:?}");
        }
    }
}
