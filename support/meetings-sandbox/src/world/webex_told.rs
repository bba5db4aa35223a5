//! What webhooks tell of instances, participants, recordings and transcripts: whatever has changed since it was last looked at.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::World;
use crate::{defaults, time::whole_seconds};

/// What was told so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Told {
    /// Whether it is over, by instance.
    instances: BTreeMap<String, bool>,
    /// Whether they are in, by participant.
    people: BTreeMap<String, bool>,
    /// Whether it is gone, by recording.
    recordings: BTreeMap<String, bool>,
    transcripts: BTreeSet<String>,
}

/// One event: resource, event, host, data.
type Telling = (&'static str, &'static str, String, Value);

impl World {
    /// Tells webhooks what has happened since the last time. After a restart that is nothing.
    pub(crate) fn tell_webhooks(&mut self) {
        let now = self.standing();
        let Some(before) = self.told.replace(now.clone()) else { return };
        if before == now {
            return;
        }
        for (resource, event, host, data) in self.changes(&before, &now) {
            let seen = self.seen_by_filters(resource, &data);
            self.emit_filtered(resource, event, &host, &data, &seen);
        }
    }

    /// Webhooks of meetings filter by the number, which the data of an instance does not tell.
    fn seen_by_filters(&self, resource: &str, data: &Value) -> Value {
        let mut seen = data.clone();
        let series = data["id"].as_str().filter(|_| resource == "meetings").and_then(|id| self.webex_series(id));
        if let Some(series) = series {
            seen["meetingNumber"] = series.number.as_str().into();
        }
        seen
    }

    fn standing(&self) -> Told {
        let begun = self.webex_instances.iter().filter(|one| one.people.iter().any(|person| !person.stays.is_empty()));
        let people = begun.clone().flat_map(|one| &one.people).filter(|person| !person.stays.is_empty());
        Told {
            people: people.map(|person| (person.id.clone(), person.is_there())).collect(),
            instances: begun.map(|one| (one.id.clone(), one.ended.is_some())).collect(),
            recordings: self.webex_recordings.iter().map(|one| (one.id.clone(), one.status == "purged")).collect(),
            transcripts: self.webex_transcripts.iter().map(|one| one.id.clone()).collect(),
        }
    }

    fn changes(&self, before: &Told, now: &Told) -> Vec<Telling> {
        let mut told = Vec::new();
        let began = now.instances.keys().filter(|id| !before.instances.contains_key(*id));
        told.extend(began.filter_map(|id| self.of_instance(id, "started")));
        for (id, there) in &now.people {
            let was_there = before.people.get(id).copied().unwrap_or_default();
            if *there != was_there {
                told.extend(self.of_participant(id, if *there { "joined" } else { "left" }));
            }
        }
        let ended = now.instances.iter().filter(|(id, over)| **over && before.instances.get(*id) != Some(&true));
        told.extend(ended.filter_map(|(id, _)| self.of_instance(id, "ended")));
        for (id, gone) in &now.recordings {
            match (before.recordings.get(id), gone) {
                (None, false) => told.extend(self.of_artifact(id, "recordings", "created")),
                // not when it goes into the bin
                (Some(false), true) => told.extend(self.of_artifact(id, "recordings", "deleted")),
                _ => {}
            }
        }
        let new = now.transcripts.difference(&before.transcripts);
        told.extend(new.filter_map(|id| self.of_artifact(id, "meetingTranscripts", "created")));
        told
    }

    fn of_instance(&self, id: &str, event: &'static str) -> Option<Telling> {
        let instance = self.webex_instance(id)?;
        let series = self.webex_series(&instance.series)?;
        let mut data = json!({
            "id": id,
            "meetingType": "meeting",
            "timezone": series.timezone,
            "start": whole_seconds(instance.started),
            "hostUserId": series.host,
            "state": if event == "ended" { "ended" } else { "inProgress" },
            "hostEmail": series.host_email,
            "siteUrl": defaults::WEBEX_SITE,
            "orgId": defaults::DIRECTORY_ID,
        });
        if let Some(ended) = instance.ended {
            data["end"] = whole_seconds(ended).into();
        }
        Some(("meetings", event, series.host.clone(), data))
    }

    fn of_participant(&self, id: &str, event: &'static str) -> Option<Telling> {
        let instance = self.webex_instances.iter().find(|one| one.people.iter().any(|person| person.id == id))?;
        let person = instance.people.iter().find(|person| person.id == id)?;
        let series = self.webex_series(&instance.series)?;
        let data = json!({
            "id": id,
            "meetingId": instance.id,
            "state": if event == "left" { "end" } else { "joined" },
            "hostEmail": series.host_email,
            "hostPersonId": series.host,
            "email": person.email,
            "siteUrl": defaults::WEBEX_SITE,
        });
        Some(("meetingParticipants", event, series.host.clone(), data))
    }

    fn of_artifact(&self, id: &str, resource: &'static str, event: &'static str) -> Option<Telling> {
        let recording = self.webex_recordings.iter().find(|one| one.id == id).map(|one| (&one.instance, &one.series));
        let transcript = self.webex_transcripts.iter().find(|one| one.id == id).map(|one| (&one.instance, &one.series));
        let (instance, series) = if resource == "recordings" { recording } else { transcript }?;
        let series = self.webex_series(series)?;
        let data = json!({
            "id": id,
            "meetingId": instance,
            "hostEmail": series.host_email,
            "siteUrl": defaults::WEBEX_SITE,
        });
        Some((resource, event, series.host.clone(), data))
    }
}
