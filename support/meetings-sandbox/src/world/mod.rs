//! Everything the sandbox remembers, as plain data behind one lock.

mod calendar;
mod categories;
mod credentials;
mod devices;
mod ids;
mod invitations;
mod mail;
mod people;
mod roles;
mod save;
mod series;
mod service_apps;
mod teams;
mod tokens;
mod view;
mod webex;
mod webex_artifacts;
mod webex_presence;
mod webex_rule;
mod webex_told;
mod webhooks;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub(crate) use calendar::{Calendar, Event, Moment, zone_of};
pub(crate) use categories::Category;
pub(crate) use credentials::Credentials;
pub use credentials::MicrosoftCredential;
pub(crate) use devices::{DeviceRefusal, DeviceSignIn};
pub(crate) use ids::Ids;
pub use mail::Mail;
pub(crate) use people::{Guest, Person, User, name_from};
pub use people::{MicrosoftUser, WebexUser};
pub(crate) use series::{date, weekday};
pub(crate) use service_apps::{GUEST_SCOPE, GUEST_SECONDS, ServiceApp, WebexGuest, is_machine};
pub(crate) use teams::TeamsMeeting;
pub(crate) use tokens::{AccessToken, Challenge, Client, Code, GrantRefusal, Granted, TokenDesk, has_scope};
pub use tokens::{AuthorizationSide, Rotation};
pub(crate) use webex::{Invitee, WebexMeeting};
pub(crate) use webex_artifacts::{NewRecording, NewTranscript, WebexRecording, WebexSnippet, WebexTranscript};
pub(crate) use webex_presence::{WebexArrival, WebexInstance, WebexParticipant};
pub(crate) use webex_rule::{rule_fault, rule_shown};
pub use webhooks::WebhookDelivery;
pub(crate) use webhooks::{Outgoing, WebexWebhook};

use crate::{
    defaults,
    faults::FaultPlan,
    sign_in::{SignIn, device::DevicePage},
    time::SandboxClock,
};

/// The grant type of a device that asks (RFC 8628, 3.4).
pub(crate) const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// Seconds a Microsoft access token lives.
const MICROSOFT_ACCESS_SECONDS: i64 = 3599;
/// Seconds a Webex access token lives (just under 14 days).
const WEBEX_ACCESS_SECONDS: i64 = 1_209_599;
/// Seconds a Webex refresh token lives (just under 90 days).
const WEBEX_REFRESH_SECONDS: i64 = 7_775_999;
/// Seconds a Microsoft refresh token lives (90 days).
const MICROSOFT_REFRESH_SECONDS: i64 = 7_776_000;

/// The whole state. What is here survives a restart when a state file is configured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct World {
    pub(crate) ids: Ids,
    pub(crate) clock: SandboxClock,
    pub(crate) clients: BTreeMap<String, Client>,
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) people: BTreeMap<String, Person>,
    pub(crate) policy: AccessPolicy,
    pub(crate) access: BTreeMap<String, AccessToken>,
    pub(crate) entra: TokenDesk,
    pub(crate) webex_tokens: TokenDesk,
    pub(crate) families: u64,
    /// By device code; missing in older state files, as the next two.
    #[serde(default)]
    pub(crate) devices: BTreeMap<String, DeviceSignIn>,
    /// By application id.
    #[serde(default)]
    pub(crate) service_apps: BTreeMap<String, ServiceApp>,
    /// By person id.
    #[serde(default)]
    pub(crate) webex_guests: BTreeMap<String, WebexGuest>,
    /// By the name that the page carries; a sign-in does not outlive the process.
    #[serde(skip)]
    pub(crate) sign_ins: BTreeMap<String, SignIn>,
    /// By the name that the page carries.
    #[serde(skip)]
    pub(crate) device_pages: BTreeMap<String, DevicePage>,
    pub(crate) grant_calls: BTreeMap<String, u64>,
    pub(crate) meetings: Vec<TeamsMeeting>,
    pub(crate) calendars: Vec<Calendar>,
    pub(crate) events: Vec<Event>,
    /// Categories of mailboxes; missing in older state files.
    #[serde(default)]
    pub(crate) categories: BTreeMap<String, Vec<Category>>,
    /// Counts changes of events; delta tokens hold a value of it.
    pub(crate) change: u64,
    /// Delta tokens older than this are no longer known.
    pub(crate) oldest_delta: u64,
    pub(crate) webex_meetings: Vec<WebexMeeting>,
    /// In the order they began; missing in older state files, as the next two.
    #[serde(default)]
    pub(crate) webex_instances: Vec<WebexInstance>,
    #[serde(default)]
    pub(crate) webex_recordings: Vec<WebexRecording>,
    #[serde(default)]
    pub(crate) webex_transcripts: Vec<WebexTranscript>,
    /// Missing in older state files.
    #[serde(default)]
    pub(crate) webex_webhooks: Vec<WebexWebhook>,
    /// What webhooks were told; unknown after a restart.
    #[serde(skip)]
    pub(crate) told: Option<webex_told::Told>,
    /// Deliveries that wait to be sent; none outlives the process.
    #[serde(skip)]
    pub(crate) outgoing: Vec<Outgoing>,
    pub(crate) creations: BTreeMap<String, Vec<DateTime<Utc>>>,
    /// What administrators sent for hosts, by the host; missing in older state files.
    #[serde(default)]
    pub(crate) host_creations: BTreeMap<String, Vec<DateTime<Utc>>>,
    pub(crate) mails: Vec<Mail>,
    pub(crate) faults: FaultPlan,
    pub(crate) settings: Settings,
}

/// The Teams application access policy.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct AccessPolicy {
    /// Object ids, or `*`.
    pub(crate) granted: BTreeSet<String>,
    /// So many app-only calls still answer `1026` after a grant.
    pub(crate) settling_requests: u32,
}

/// Knobs of the control API.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// Reads of a new guest that answer 404.
    pub(crate) guest_hidden_reads: u32,
    /// Whether the directory lets nobody invite. Missing in older state files.
    #[serde(default)]
    pub(crate) guest_invitations_disabled: bool,
    /// Look-ups that miss the meeting behind a new event. Missing in older state files.
    #[serde(default)]
    pub(crate) meeting_hidden_reads: u32,
    /// A used transactionId is refused instead of answered. Missing in older state files, as the next three.
    #[serde(default)]
    pub(crate) duplicate_transaction_ids_conflict: bool,
    /// The transactionId of a deleted event is refused, too.
    #[serde(default)]
    pub(crate) deleted_transaction_ids_remembered: bool,
    /// Nobody may see or change categories.
    #[serde(default)]
    pub(crate) categories_denied: bool,
    /// The answer to a new calendar has another id than lists show.
    #[serde(default)]
    pub(crate) calendar_ids_differ: bool,
    /// Requests in flight per application and mailbox.
    pub(crate) mailbox_concurrency: u32,
    /// A new Webex meeting is missing in lists for so many milliseconds.
    pub(crate) index_lag_milliseconds: i64,
    /// What happens in a Webex meeting is missing in lists for so many milliseconds. Missing in older state files.
    #[serde(default)]
    pub(crate) participant_lag_milliseconds: i64,
    /// Webex meetings a user may create in 24 hours.
    pub(crate) webex_daily_quota: usize,
    /// Webhooks a user may have. Missing in older state files.
    #[serde(default = "webhooks_per_user")]
    pub(crate) webex_webhooks_per_user: usize,
    /// Lists of Webex begin with an empty page that is not the last. Missing in older state files.
    #[serde(default)]
    pub(crate) webex_empty_page_first: bool,
}

fn webhooks_per_user() -> usize {
    30_000
}

impl World {
    pub(crate) fn new(seed: u64, clock: SandboxClock) -> Self {
        let client = |id: &str, side, secret: &str| (id.to_owned(), Client::new(side, secret));
        let clients = BTreeMap::from([
            client(defaults::MICROSOFT_CLIENT_ID, AuthorizationSide::Microsoft, defaults::MICROSOFT_CLIENT_SECRET),
            client(defaults::WEBEX_CLIENT_ID, AuthorizationSide::Webex, defaults::WEBEX_CLIENT_SECRET),
            client(defaults::OTHER_WEBEX_CLIENT_ID, AuthorizationSide::Webex, defaults::OTHER_WEBEX_CLIENT_SECRET),
            client(
                defaults::WEBEX_SERVICE_APP_CLIENT_ID,
                AuthorizationSide::Webex,
                defaults::WEBEX_SERVICE_APP_CLIENT_SECRET,
            ),
        ]);
        let settings = Settings {
            guest_hidden_reads: 0,
            guest_invitations_disabled: false,
            meeting_hidden_reads: 0,
            duplicate_transaction_ids_conflict: false,
            deleted_transaction_ids_remembered: false,
            categories_denied: false,
            calendar_ids_differ: false,
            mailbox_concurrency: 4,
            index_lag_milliseconds: 0,
            participant_lag_milliseconds: 0,
            webex_daily_quota: 100,
            webex_webhooks_per_user: webhooks_per_user(),
            webex_empty_page_first: false,
        };
        let mut world = Self {
            ids: Ids::new(seed),
            clock,
            clients,
            users: BTreeMap::new(),
            people: BTreeMap::new(),
            policy: AccessPolicy::default(),
            access: BTreeMap::new(),
            entra: TokenDesk::new(Rotation::Keep, MICROSOFT_ACCESS_SECONDS, MICROSOFT_REFRESH_SECONDS),
            webex_tokens: TokenDesk::new(Rotation::Same, WEBEX_ACCESS_SECONDS, WEBEX_REFRESH_SECONDS),
            families: 0,
            devices: BTreeMap::new(),
            service_apps: BTreeMap::new(),
            webex_guests: BTreeMap::new(),
            sign_ins: BTreeMap::new(),
            device_pages: BTreeMap::new(),
            grant_calls: BTreeMap::new(),
            meetings: Vec::new(),
            calendars: Vec::new(),
            events: Vec::new(),
            categories: BTreeMap::new(),
            change: 0,
            oldest_delta: 0,
            webex_meetings: Vec::new(),
            webex_instances: Vec::new(),
            webex_recordings: Vec::new(),
            webex_transcripts: Vec::new(),
            webex_webhooks: Vec::new(),
            told: Some(webex_told::Told::default()),
            outgoing: Vec::new(),
            creations: BTreeMap::new(),
            host_creations: BTreeMap::new(),
            mails: Vec::new(),
            faults: FaultPlan::default(),
            settings,
        };
        let now = world.clock.now();
        world.add_default_users(now);
        world.add_default_service_app();
        world
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Grants the access policy to an address, an object id, or everybody (`*`); false for an unknown user.
    pub(crate) fn grant_policy(&mut self, who: &str) -> bool {
        let key = if who == "*" {
            Some("*".to_owned())
        } else {
            self.user(who).or_else(|| self.user_by_address(who)).map(|user| user.id.clone())
        };
        key.is_some_and(|key| {
            self.policy.granted.insert(key);
            true
        })
    }

    /// Marks a guest's invitation as redeemed; false where there is no such guest.
    pub(crate) fn redeem_guest(&mut self, address: &str, now: DateTime<Utc>) -> bool {
        let guests = self.users.values_mut().filter(|u| u.mail.eq_ignore_ascii_case(address));
        let Some(guest) = guests.filter_map(|u| u.guest.as_mut()).next() else { return false };
        (guest.accepted, guest.changed) = (true, now);
        true
    }

    /// Blocks a guest's account, or lets it in again; false where there is no such guest.
    pub(crate) fn block_guest(&mut self, address: &str, blocked: bool) -> bool {
        let guests = self.users.values_mut().filter(|u| u.mail.eq_ignore_ascii_case(address));
        let Some(guest) = guests.filter_map(|u| u.guest.as_mut()).next() else { return false };
        guest.blocked = blocked;
        true
    }

    pub(crate) fn send_mail(&mut self, to: &str, kind: &str, subject: &str, link: Option<&str>) {
        self.mails.push(Mail::new(to, kind, subject, link));
    }
}
