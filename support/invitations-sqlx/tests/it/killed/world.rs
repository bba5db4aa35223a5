//! The provider's side: a journal in a file, under a lock. It outlives every process, and so do requests on their way.
//!
//! A request is written down when it is sent, with the time at which it lands. Whoever opens the world later carries out what has
//! landed meanwhile, in that order, although the sender may be dead by then.

use std::{
    collections::{BTreeMap, HashSet},
    fs::{File, OpenOptions},
    io::{Read as _, Result, Write as _},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use invitations_core::{
    provider::Idempotency,
    runtime::{Clock as _, SystemClock},
    time::Slot,
};

use super::{
    fate::Fate,
    setting::{Setting, timing},
};

/// One line of the journal.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
pub(crate) enum Entry {
    /// A request left its sender. It changes nothing unless it lands.
    Sent { request: u64, about: String, what: Request, lands_at: Option<DateTime<Utc>> },
    /// It took effect.
    Landed { request: u64, effect: Effect },
    /// Its sender has the reply, or has given up. Missing: the sender was dead by then.
    Over { request: u64, answered: bool },
}

#[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
pub(crate) enum Request {
    Create { key: String, subject: String, slot: Slot, unseen: Duration },
    Cancel { id: String },
    LookUp,
}

#[derive(Clone, Debug, PartialEq, serde::Deserialize, serde::Serialize)]
pub(crate) enum Effect {
    Made(Kept),
    /// There was one with this key already.
    Same(Kept),
    Cancelled {
        id: String,
    },
    NotThere,
}

/// A meeting as the provider keeps it.
#[derive(Clone, Debug, PartialEq, serde::Deserialize, serde::Serialize)]
pub(crate) struct Kept {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) subject: String,
    pub(crate) slot: Slot,
    /// Look-ups by key miss it before.
    pub(crate) seen_from: DateTime<Utc>,
}

/// The world, locked as long as it is open.
#[derive(Debug)]
pub(crate) struct World {
    journal: File,
    entries: Vec<Entry>,
    idempotency: Idempotency,
}

impl World {
    pub(crate) fn open(setting: &Setting) -> Result<Self> {
        let path = setting.folder.join("provider.journal");
        let mut journal = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        journal.lock()?;
        let mut text = String::new();
        journal.read_to_string(&mut text)?;
        // whoever wrote the last line may have been killed in the middle of it
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        if whole < text.len() {
            journal.set_len(whole as u64)?;
        }
        let entries = text[..whole].lines().map(serde_json::from_str).collect::<serde_json::Result<_>>()?;
        let mut world = Self { journal, entries, idempotency: setting.idempotency };
        world.land()?;
        Ok(world)
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn live(&self) -> BTreeMap<&str, &Kept> {
        live(&self.entries)
    }

    pub(crate) fn requests_about(&self, name: &str) -> usize {
        self.entries.iter().filter(|entry| matches!(entry, Entry::Sent { about, .. } if about == name)).count()
    }

    /// Sends a request, unless it is too late for that; its number.
    pub(crate) fn send(
        &mut self,
        about: &str,
        what: Request,
        fate: &Fate,
        send_before: Option<Instant>,
    ) -> Result<Option<u64>> {
        // looked at under the lock: however long this process is stopped now, nobody looks before the request is written down
        let (now, instant) = (SystemClock.now(), SystemClock.instant());
        let left = send_before.map(|limit| limit.saturating_duration_since(instant));
        if left == Some(Duration::ZERO) {
            return Ok(None);
        }
        // however slow the network, a request is dead before everybody else's patience ends
        let latest = now + left.unwrap_or_default() + timing().settle * 3 / 4;
        let arrives = !fate.throttled && !matches!(what, Request::LookUp);
        let lands_at = fate.there.filter(|_| arrives).map(|there| latest.min(now + there));
        let request = self.entries.iter().filter(|entry| matches!(entry, Entry::Sent { .. })).count() as u64;
        self.write(Entry::Sent { request, about: about.to_owned(), what, lands_at })?;
        Ok(Some(request))
    }

    /// What the request did, if it has landed.
    pub(crate) fn effect_of(&self, request: u64) -> Option<Effect> {
        self.entries.iter().find_map(|entry| match entry {
            Entry::Landed { request: one, effect } if *one == request => Some(effect.clone()),
            _ => None,
        })
    }

    /// The sender waits no longer.
    pub(crate) fn over(&mut self, request: u64, answered: bool) -> Result<()> {
        self.write(Entry::Over { request, answered })
    }

    /// Requests that have yet to land, by the time at which they do.
    pub(crate) fn on_the_way(&self) -> Vec<(DateTime<Utc>, u64, Request)> {
        let landed: HashSet<u64> = self
            .entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Landed { request, .. } => Some(*request),
                _ => None,
            })
            .collect();
        let sent = self.entries.iter().filter_map(|entry| match entry {
            Entry::Sent { request, what, lands_at: Some(at), .. } => Some((*at, *request, what.clone())),
            _ => None,
        });
        let mut waiting: Vec<_> = sent.filter(|(_, request, _)| !landed.contains(request)).collect();
        waiting.sort_by_key(|(at, request, _)| (*at, *request));
        waiting
    }

    fn land(&mut self) -> Result<()> {
        let now = SystemClock.now();
        for (at, request, what) in self.on_the_way().into_iter().filter(|(at, ..)| *at <= now) {
            let effect = match what {
                Request::Create { key, subject, slot, unseen } => {
                    let same = self.live().into_values().find(|kept| kept.key == key).cloned();
                    match same.filter(|_| self.idempotency == Idempotency::NativeKey) {
                        Some(kept) => Effect::Same(kept),
                        None => {
                            let id = format!("meeting-{request}");
                            Effect::Made(Kept { id, key, subject, slot, seen_from: at + unseen })
                        }
                    }
                }
                Request::Cancel { id } if self.live().contains_key(&*id) => Effect::Cancelled { id },
                Request::Cancel { .. } | Request::LookUp => Effect::NotThere,
            };
            self.write(Entry::Landed { request, effect })?;
        }
        Ok(())
    }

    /// One line, in one write.
    fn write(&mut self, entry: Entry) -> Result<()> {
        let line = serde_json::to_string(&entry)? + "\n";
        self.journal.write_all(line.as_bytes())?;
        self.entries.push(entry);
        Ok(())
    }
}

/// The meetings that live after these entries.
pub(crate) fn live(entries: &[Entry]) -> BTreeMap<&str, &Kept> {
    let mut live = BTreeMap::new();
    for entry in entries {
        match entry {
            Entry::Landed { effect: Effect::Made(kept), .. } => {
                live.insert(&*kept.id, kept);
            }
            Entry::Landed { effect: Effect::Cancelled { id }, .. } => {
                live.remove(&**id);
            }
            _ => {}
        }
    }
    live
}
