//! What really exists at the providers, and everything that ever happened there. No store can talk it away.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use invitations_core::{
    ids::{MeetingId, MeetingKey, TenantId},
    people::EmailAddress,
    provider::{Account, Gathering, MeetingDraft},
    secret::InvitationLink,
};

/// One line of the journal; only ever appended.
#[derive(Clone, Debug)]
#[expect(dead_code, reason = "read by people, through Debug")]
pub(super) enum Entry {
    Created { meeting: usize, case: usize, key: String, organizer: String },
    Cancelled { meeting: usize, case: usize },
    Invited { email: String },
    GuestMailed { email: String },
    Added { to: String, email: String },
    Removed { from: String, email: String },
    Mailed { case: usize, to: String, purpose: &'static str, dedupe: String },
}

#[derive(Debug)]
pub(super) struct SimMeeting {
    pub(super) case: usize,
    pub(super) key: MeetingKey,
    pub(super) account: Account,
    pub(super) draft: MeetingDraft,
    /// From when on a look-up shows it.
    pub(super) visible_at: Instant,
    pub(super) live: bool,
}

/// Something of ours that may still take effect.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) case: usize,
    /// Not after this instant.
    pub(super) limit: Instant,
}

#[derive(Debug, Default)]
pub(super) struct Outside {
    pub(super) journal: Vec<(Instant, Entry)>,
    pub(super) meetings: Vec<SimMeeting>,
    pub(super) guests: BTreeMap<String, usize>,
    pub(super) seats: BTreeMap<String, BTreeSet<String>>,
    pub(super) network: BTreeMap<u64, Message>,
    pub(super) mailbox: Vec<(usize, &'static str, InvitationLink)>,
    messages: u64,
}

/// The invitation that a text of ours is about: every subject and every address carries `case-N`.
pub(super) fn case_in(text: &str) -> Option<usize> {
    let rest = &text[text.find("case-")? + 5..];
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

pub(super) fn tenant(number: usize) -> TenantId {
    TenantId::parse(format!("tenant-{number}")).unwrap()
}

pub(super) fn place(gathering: &Gathering) -> String {
    match gathering {
        Gathering::Meeting(id) => id.to_string(),
        Gathering::Event { event, .. } => event.to_string(),
        _ => unreachable!("another kind of gathering"),
    }
}

pub(super) fn meeting_id(number: usize) -> MeetingId {
    MeetingId::parse(format!("meeting-{number}")).unwrap()
}

pub(super) fn join_url(number: usize) -> String {
    format!("https://meet.example/join/{number}")
}

impl Outside {
    pub(super) fn log(&mut self, at: Instant, entry: Entry) {
        self.journal.push((at, entry));
    }

    pub(super) fn send(&mut self, message: Message) -> u64 {
        self.messages += 1;
        self.network.insert(self.messages, message);
        self.messages
    }

    pub(super) fn live(&self, case: usize) -> impl Iterator<Item = (usize, &SimMeeting)> {
        self.meetings.iter().enumerate().filter(move |(_, meeting)| meeting.live && meeting.case == case)
    }

    pub(super) fn create(&mut self, now: Instant, meeting: SimMeeting) -> usize {
        let number = self.meetings.len();
        let (case, key) = (meeting.case, meeting.key.to_string());
        let organizer = format!("{:?}", meeting.account.actor);
        let listed = meeting.draft.attendees.iter().map(|attendee| attendee.email.canonical().to_owned());
        self.seats.insert(meeting_id(number).to_string(), listed.collect());
        self.meetings.push(meeting);
        self.log(now, Entry::Created { meeting: number, case, key, organizer });
        number
    }

    /// Whether it was there.
    pub(super) fn cancel(&mut self, now: Instant, number: usize) -> bool {
        let Some(meeting) = self.meetings.get_mut(number).filter(|meeting| meeting.live) else { return false };
        meeting.live = false;
        let case = meeting.case;
        self.log(now, Entry::Cancelled { meeting: number, case });
        true
    }

    /// The guest's number. Whoever is there already is mailed again, as real directories do.
    pub(super) fn invite(&mut self, now: Instant, email: &EmailAddress, mail: bool) -> usize {
        let email = email.canonical().to_owned();
        let next = self.guests.len();
        let number = *self.guests.entry(email.clone()).or_insert(next);
        if number == next {
            self.log(now, Entry::Invited { email: email.clone() });
        }
        if mail {
            self.log(now, Entry::GuestMailed { email });
        }
        number
    }

    /// Whether something changed.
    pub(super) fn seat(&mut self, now: Instant, gathering: &str, email: &EmailAddress, add: bool) -> bool {
        let email = email.canonical().to_owned();
        let list = self.seats.entry(gathering.to_owned()).or_default();
        let changed = if add { list.insert(email.clone()) } else { list.remove(&email) };
        if changed {
            let place = gathering.to_owned();
            let entry = if add { Entry::Added { to: place, email } } else { Entry::Removed { from: place, email } };
            self.log(now, entry);
        }
        changed
    }

    /// Takes an invitation's people off a gathering, by hand.
    pub(super) fn unseat(&mut self, now: Instant, gathering: &str, case: usize) {
        let list = self.seats.entry(gathering.to_owned()).or_default();
        let gone: Vec<String> = list.iter().filter(|email| case_in(email) == Some(case)).cloned().collect();
        for email in gone {
            list.remove(&email);
            self.journal.push((now, Entry::Removed { from: gathering.to_owned(), email }));
        }
    }

    /// Who sits at a gathering, of one invitation's people.
    pub(super) fn seated(&self, gathering: &str, case: usize) -> usize {
        let list = self.seats.get(gathering);
        list.map_or(0, |list| list.iter().filter(|email| case_in(email) == Some(case)).count())
    }

    /// What may still take effect for an invitation.
    pub(super) fn under_way(&self, case: usize, now: Instant) -> usize {
        self.network.values().filter(|message| message.case == case && now < message.limit).count()
    }
}
