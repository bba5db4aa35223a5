//! Whether the provider's journal and the invitations say the same, and nothing ever existed twice.

use std::collections::BTreeMap;

use invitations_core::{invitation::Status, provider::Idempotency};

use super::{
    provider::join_link,
    world::{Effect, Entry, Kept, Request, live},
};

/// One invitation, at the end.
#[derive(Clone, Debug)]
pub(crate) struct Affair {
    /// Its title, by which the provider's meetings are told apart; their keys are the library's own business.
    pub(crate) name: String,
    pub(crate) wanted: Wanted,
    pub(crate) status: Status,
    /// Where it says to join.
    pub(crate) join: Option<String>,
    /// The provider's id in its row.
    pub(crate) stored: Option<String>,
    /// Its own id when it calls somebody: those want to be told.
    pub(crate) call: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wanted {
    OneMeeting,
    /// Taken back.
    NoneLeft,
    /// Nobody accepted it.
    NeverAny,
}

/// Everything that is wrong.
pub(crate) fn problems(entries: &[Entry], idempotency: Idempotency, affairs: &[Affair]) -> Vec<String> {
    let mut problems = Vec::new();
    if !matches!(idempotency, Idempotency::InexactLookup { .. }) {
        problems.extend(twice_at_once(entries));
    }
    let mut left: BTreeMap<&str, Vec<&Kept>> = BTreeMap::new();
    for kept in live(entries).into_values() {
        left.entry(&kept.subject).or_default().push(kept);
    }
    for affair in affairs {
        let meetings = left.remove(&*affair.name).unwrap_or_default();
        let fits = match affair.wanted {
            Wanted::OneMeeting => stands(affair, &meetings),
            Wanted::NoneLeft => is_gone(affair, &meetings, &[Status::Cancelled, Status::Revoked]),
            Wanted::NeverAny => {
                is_gone(affair, &meetings, &[Status::Declined, Status::Revoked])
                    && !was_asked_for(entries, &affair.name)
            }
        };
        if !fits {
            let ids: Vec<&str> = meetings.iter().map(|kept| &*kept.id).collect();
            problems.push(format!("{affair:?}, and the provider has {ids:?}"));
        }
    }
    problems.extend(left.into_keys().map(|name| format!("nobody ordered {name}")));
    problems
}

fn stands(affair: &Affair, meetings: &[&Kept]) -> bool {
    let [kept] = meetings else { return false };
    affair.status == Status::Accepted
        && affair.stored.as_deref() == Some(&kept.id)
        && affair.join.as_deref() == Some(&join_link(&kept.id))
}

fn is_gone(affair: &Affair, meetings: &[&Kept], ends: &[Status]) -> bool {
    meetings.is_empty() && affair.join.is_none() && ends.contains(&affair.status)
}

fn was_asked_for(entries: &[Entry], name: &str) -> bool {
    let asked =
        |entry: &Entry| matches!(entry, Entry::Sent { what: Request::Create { subject, .. }, .. } if subject == name);
    entries.iter().any(asked)
}

/// Second meetings, at the moment at which they were made.
fn twice_at_once(entries: &[Entry]) -> Vec<String> {
    let mut problems = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let Entry::Landed { request, effect: Effect::Made(made) } = entry else { continue };
        for other in live(&entries[..at]).into_values() {
            if other.key == made.key || other.subject == made.subject {
                let (first, second) = (&other.id, &made.id);
                problems.push(format!("{}: request {request} made {second} beside {first}", made.subject));
            }
        }
    }
    problems
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use chrono::{DateTime, Utc};

    use super::*;

    const EXACT: Idempotency = Idempotency::ExactLookup;

    fn kept(id: &str, key: &str, subject: &str) -> Kept {
        let time: DateTime<Utc> = DateTime::UNIX_EPOCH;
        let slot = (time..time + Duration::from_secs(60)).into();
        Kept { id: id.to_owned(), key: key.to_owned(), subject: subject.to_owned(), slot, seen_from: time }
    }

    fn made(id: &str, key: &str, subject: &str) -> Entry {
        Entry::Landed { request: 0, effect: Effect::Made(kept(id, key, subject)) }
    }

    fn cancelled(id: &str) -> Entry {
        Entry::Landed { request: 0, effect: Effect::Cancelled { id: id.to_owned() } }
    }

    pub(crate) fn accepted(stored: &str) -> Affair {
        Affair {
            name: "lesson".to_owned(),
            wanted: Wanted::OneMeeting,
            status: Status::Accepted,
            join: Some(join_link(stored)),
            stored: Some(stored.to_owned()),
            call: None,
        }
    }

    fn taken_back() -> Affair {
        let end = Affair { wanted: Wanted::NoneLeft, status: Status::Cancelled, ..accepted("m1") };
        Affair { join: None, ..end }
    }

    #[test]
    fn what_is_right_passes() {
        assert!(problems(&[made("m1", "k", "lesson")], EXACT, &[accepted("m1")]).is_empty());
        assert!(problems(&[made("m1", "k", "lesson"), cancelled("m1")], EXACT, &[taken_back()]).is_empty());
    }

    #[test]
    fn a_second_one_is_noticed_although_it_is_gone_at_the_end() {
        for key in ["k", "another"] {
            let journal = [made("m1", "k", "lesson"), made("m2", key, "lesson"), cancelled("m2")];
            assert_eq!(problems(&journal, EXACT, &[accepted("m1")]).len(), 1);
            let inexact = Idempotency::InexactLookup { lag: Duration::from_secs(1) };
            assert!(problems(&journal, inexact, &[accepted("m1")]).is_empty());
        }
    }

    #[test]
    fn what_is_lost_left_over_or_another_is_noticed() {
        let journal = [made("m1", "k", "lesson")];
        let unanswered = Affair { wanted: Wanted::NeverAny, ..taken_back() };
        let asked = Entry::Sent {
            request: 0,
            about: "k".to_owned(),
            what: Request::Create {
                key: "k".to_owned(),
                subject: "lesson".to_owned(),
                slot: kept("m1", "k", "lesson").slot,
                unseen: Duration::ZERO,
            },
            lands_at: None,
        };
        for (journal, affairs) in [
            (&journal[..0], vec![accepted("m1")]),
            (&journal, vec![accepted("m2")]),
            (&journal, vec![Affair { status: Status::Accepting, ..accepted("m1") }]),
            (&journal, vec![Affair { join: None, ..accepted("m1") }]),
            (&journal, vec![taken_back()]),
            (&journal, vec![]),
            (&[asked], vec![Affair { status: Status::Declined, ..unanswered }]),
        ] {
            assert_eq!(problems(journal, EXACT, &affairs).len(), 1, "{affairs:?}");
        }
    }
}
