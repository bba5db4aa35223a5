//! Instances of Webex meetings: one begins when somebody joins, and ends when the last one leaves.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{WebexMeeting, World, name_from};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct WebexInstance {
    /// `<series>_I_<number>`.
    pub(crate) id: String,
    pub(crate) series: String,
    pub(crate) started: DateTime<Utc>,
    pub(crate) ended: Option<DateTime<Utc>>,
    pub(crate) people: Vec<WebexParticipant>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct WebexParticipant {
    /// `<instance>_<guid>`.
    pub(crate) id: String,
    /// Callers by phone and guests have none.
    pub(crate) email: Option<String>,
    pub(crate) name: String,
    pub(crate) host: bool,
    pub(crate) co_host: bool,
    pub(crate) invitee: bool,
    pub(crate) muted: bool,
    /// When they came to the door: REST shows them from then on, plus its lag.
    pub(crate) came: DateTime<Utc>,
    /// Empty while they wait in the lobby.
    pub(crate) stays: Vec<WebexStay>,
    /// They went away from the lobby.
    pub(crate) turned_away: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct WebexStay {
    pub(crate) device: String,
    pub(crate) joined: DateTime<Utc>,
    pub(crate) left: Option<DateTime<Utc>>,
}

/// How somebody comes to a meeting.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebexArrival {
    /// The series, or an instance that is under way.
    pub(crate) meeting: String,
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
    /// They have to wait to be let in.
    #[serde(default)]
    pub(crate) lobby: bool,
}

impl WebexParticipant {
    pub(crate) fn is_there(&self) -> bool {
        self.stays.iter().any(|stay| stay.left.is_none())
    }

    pub(crate) fn waits(&self) -> bool {
        self.stays.is_empty() && !self.turned_away
    }

    /// As REST shows them when it sees only what happened until `seen`; `None` where it does not yet.
    pub(crate) fn seen(&self, seen: DateTime<Utc>) -> Option<Self> {
        let mut shown = self.clone();
        shown.stays.retain(|stay| stay.joined <= seen);
        for stay in &mut shown.stays {
            stay.left = stay.left.filter(|left| *left <= seen);
        }
        (self.came <= seen).then_some(shown)
    }

    fn leave(&mut self, now: DateTime<Utc>) {
        self.turned_away |= self.stays.is_empty();
        for stay in self.stays.iter_mut().filter(|stay| stay.left.is_none()) {
            stay.left = Some(now);
        }
    }
}

impl WebexInstance {
    /// Over, when nobody is in it any more. Who waits in the lobby goes away then.
    fn end_if_empty(&mut self, now: DateTime<Utc>) {
        let begun = self.people.iter().any(|one| !one.stays.is_empty());
        if begun && !self.people.iter().any(WebexParticipant::is_there) {
            self.ended = Some(now);
            self.people.iter_mut().for_each(|one| one.leave(now));
        }
    }
}

impl World {
    /// What REST knows: everything until now, less its lag.
    pub(crate) fn webex_seen(&self) -> DateTime<Utc> {
        let lag = TimeDelta::try_milliseconds(self.settings.participant_lag_milliseconds).unwrap_or(TimeDelta::MAX);
        self.now().checked_sub_signed(lag).unwrap_or(DateTime::<Utc>::MIN_UTC)
    }

    pub(crate) fn webex_instance(&self, id: &str) -> Option<&WebexInstance> {
        self.webex_instances.iter().find(|instance| instance.id == id)
    }

    /// The series that a series id, an occurrence id or an instance id belongs to; also of a deleted meeting, whose instances stay.
    pub(crate) fn webex_series(&self, id: &str) -> Option<&WebexMeeting> {
        let series = id.split('_').next().unwrap_or(id);
        self.webex_meetings.iter().find(|meeting| meeting.id == series)
    }

    /// Somebody joins, or comes to the lobby; returns instance and participant. Who comes back is the same participant.
    pub(crate) fn webex_join(&mut self, arrival: &WebexArrival) -> Result<(String, String), String> {
        let now = self.now();
        let series =
            self.webex_series(&arrival.meeting).filter(|meeting| !meeting.deleted && !meeting.is_removed(now)).cloned();
        let series = series.ok_or_else(|| format!("no Webex meeting {}", arrival.meeting))?;
        let running = self.webex_instances.iter().position(|one| one.series == series.id && one.ended.is_none());
        let at = running.unwrap_or_else(|| {
            let id = format!("{}_I_{}", series.id, self.ids.number("webex-instance", 18));
            let instance =
                WebexInstance { id, series: series.id.clone(), started: now, ended: None, people: Vec::new() };
            self.webex_instances.push(instance);
            self.webex_instances.len() - 1
        });
        let (guid, device) = (self.ids.guid("participant"), self.ids.guid("device"));
        let known = arrival.email.as_deref().and_then(|email| self.person(email)).map(|person| person.name.clone());
        let instance = self.webex_instances.get_mut(at).ok_or("no instance")?;
        let stay = WebexStay { device, joined: now, left: None };
        let same = |one: &&mut WebexParticipant| {
            one.email
                .as_deref()
                .zip(arrival.email.as_deref())
                .is_some_and(|(one, other)| one.eq_ignore_ascii_case(other))
        };
        if let Some(back) = instance.people.iter_mut().find(same) {
            if back.is_there() {
                return Err(format!("{} is there already", back.name));
            }
            back.stays.push(stay);
            return Ok((instance.id.clone(), back.id.clone()));
        }
        let invited = arrival.email.as_deref().and_then(|email| series.invitee(email));
        let from_address = arrival.email.as_deref().map(name_from);
        let id = format!("{}_{guid}", instance.id);
        instance.people.push(WebexParticipant {
            id: id.clone(),
            email: arrival.email.clone(),
            name: arrival.name.clone().or(known).or(from_address).unwrap_or_else(|| "Caller".to_owned()),
            host: arrival.email.as_deref().is_some_and(|email| email.eq_ignore_ascii_case(&series.host_email)),
            co_host: invited.is_some_and(|invitee| invitee.co_host),
            invitee: invited.is_some(),
            muted: false,
            came: now,
            stays: if arrival.lobby { Vec::new() } else { vec![stay] },
            turned_away: false,
        });
        Ok((instance.id.clone(), id))
    }

    /// The instance that is under way of a series, of an occurrence's series, or itself.
    pub(crate) fn webex_running(&self, id: &str) -> Option<&WebexInstance> {
        let running = |one: &&WebexInstance| one.ended.is_none();
        let of_series = |one: &&WebexInstance| if id.contains("_I_") { one.id == id } else { one.series == id };
        self.webex_instances.iter().filter(running).find(of_series)
    }

    /// Everybody goes, and the instance is over.
    pub(crate) fn webex_end(&mut self, id: &str) {
        let now = self.now();
        if let Some(instance) = self.webex_instances.iter_mut().find(|one| one.id == id && one.ended.is_none()) {
            instance.people.iter_mut().for_each(|one| one.leave(now));
            instance.ended = Some(now);
        }
    }

    /// Somebody leaves. False where nobody of this id is there.
    pub(crate) fn webex_leave(&mut self, participant: &str) -> bool {
        let now = self.now();
        let Some((instance, one)) = self.webex_participant_mut(participant) else { return false };
        let Some(leaver) = instance.people.get_mut(one) else { return false };
        if !leaver.is_there() && !leaver.waits() {
            return false;
        }
        leaver.leave(now);
        instance.end_if_empty(now);
        true
    }

    /// Somebody who waits in the lobby is let in. False where nobody of this id waits.
    pub(crate) fn webex_admit(&mut self, participant: &str) -> bool {
        let (now, device) = (self.now(), self.ids.guid("device"));
        let Some((instance, one)) = self.webex_participant_mut(participant) else { return false };
        let Some(waiting) = instance.people.get_mut(one).filter(|one| one.waits()) else { return false };
        waiting.stays.push(WebexStay { device, joined: now, left: None });
        true
    }

    pub(crate) fn webex_mute(&mut self, participant: &str, muted: bool) {
        if let Some((instance, one)) = self.webex_participant_mut(participant)
            && let Some(one) = instance.people.get_mut(one)
        {
            one.muted = muted;
        }
    }

    fn webex_participant_mut(&mut self, id: &str) -> Option<(&mut WebexInstance, usize)> {
        self.webex_instances.iter_mut().find_map(|instance| {
            let at = instance.people.iter().position(|one| one.id == id)?;
            Some((instance, at))
        })
    }
}
