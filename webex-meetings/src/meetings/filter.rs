//! Which meetings a listing shows.

use invitations_core::{
    Error, Remedy, Result,
    ids::MeetingId,
    secret::{JoinUrl, Passcode},
    time::{TimeRange, TimeZone},
};

use super::words::{MeetingState, MeetingType, ScheduledType};
use crate::wire::write_instant;

pub(super) const LIST: &str = "list meetings";

/// Which meetings a listing shows.
///
/// Webex lists by a window, by one meeting's number or link, by a space, or by a series. With a number or a link it passes over most other
/// filters, with a series some, and says nothing; here such a filter is refused
/// (<https://developer.webex.com/docs/api/v1/meetings/list-meetings>).
///
/// The window is always said. Left alone, Webex looks at the next seven days, or, for instances, at the last seven. A meeting is in the
/// window when it begins before its end and ends after its beginning.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MeetingFilter {
    /// Where to look.
    pub place: Place,
    /// What to look for; series unless set.
    pub meeting_type: Option<MeetingType>,
    /// In which state.
    pub state: Option<MeetingState>,
    /// What they are made for.
    pub scheduled_type: Option<ScheduledType>,
    /// Occurrences that were changed on their own, or only others.
    pub modified: Option<bool>,
    /// What ended instances have left behind, or have not.
    pub has: Vec<(Leftover, bool)>,
    /// Whether start and end of a series are those of its next occurrence. `false` unless set: those of the series.
    pub current: bool,
    /// Meetings with this tag, which this OAuth client has set.
    pub tag: Option<String>,
    /// On this site; on all of the user's unless set.
    pub site: Option<String>,
    /// The zone of the times that come back; UTC unless set.
    pub zone: Option<TimeZone>,
    /// The meeting's password, for whoever is neither host nor invited.
    pub password: Option<Passcode>,
    /// How many on a page, 1 to 100; 100 unless set.
    pub page_size: u8,
}

/// Where a listing looks.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Place {
    /// Among all meetings of a window.
    Window(TimeRange),
    /// For one meeting's number.
    Number(String),
    /// For one meeting's link.
    WebLink(JoinUrl),
    /// Among the meetings of a space, in a window.
    Room {
        /// The space.
        room: String,
        /// When.
        within: TimeRange,
    },
    /// Among the occurrences or instances of a series, in a window.
    Series {
        /// The series.
        series: MeetingId,
        /// When.
        within: TimeRange,
    },
}

/// What an ended instance may have left behind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Leftover {
    /// A chat (`hasChat`).
    Chat,
    /// A recording (`hasRecording`).
    Recording,
    /// A transcript (`hasTranscription`).
    Transcription,
    /// A summary (`hasSummary`).
    Summary,
    /// Closed captions (`hasClosedCaption`).
    ClosedCaption,
    /// Polls (`hasPolls`).
    Polls,
    /// Questions and answers (`hasQA`).
    QuestionsAndAnswers,
    /// Slido (`hasSlido`).
    Slido,
}

impl Leftover {
    fn name(self) -> &'static str {
        match self {
            Self::Chat => "hasChat",
            Self::Recording => "hasRecording",
            Self::Transcription => "hasTranscription",
            Self::Summary => "hasSummary",
            Self::ClosedCaption => "hasClosedCaption",
            Self::Polls => "hasPolls",
            Self::QuestionsAndAnswers => "hasQA",
            Self::Slido => "hasSlido",
        }
    }
}

impl MeetingFilter {
    fn at(place: Place) -> Self {
        Self {
            place,
            meeting_type: None,
            state: None,
            scheduled_type: None,
            modified: None,
            has: Vec::new(),
            current: false,
            tag: None,
            site: None,
            zone: None,
            password: None,
            page_size: 100,
        }
    }

    /// The meetings of a window.
    pub fn within(window: impl Into<TimeRange>) -> Self {
        Self::at(Place::Window(window.into()))
    }

    /// The meeting with this number.
    pub fn by_number(number: impl Into<String>) -> Self {
        Self::at(Place::Number(number.into()))
    }

    /// The meeting with this link.
    pub fn by_web_link(link: JoinUrl) -> Self {
        Self::at(Place::WebLink(link))
    }

    /// The meetings of a space.
    pub fn in_room(room: impl Into<String>, within: impl Into<TimeRange>) -> Self {
        Self::at(Place::Room { room: room.into(), within: within.into() })
    }

    /// The occurrences of a series; its instances with the type [`Meeting`](MeetingType::Meeting).
    pub fn of_series(series: MeetingId, within: impl Into<TimeRange>) -> Self {
        Self::at(Place::Series { series, within: within.into() }).with_meeting_type(MeetingType::ScheduledMeeting)
    }

    /// Sets what to look for.
    #[must_use]
    pub fn with_meeting_type(mut self, kind: MeetingType) -> Self {
        self.meeting_type = Some(kind);
        self
    }

    /// Sets the state.
    #[must_use]
    pub fn with_state(mut self, state: MeetingState) -> Self {
        self.state = Some(state);
        self
    }

    /// Sets what they are made for.
    #[must_use]
    pub fn with_scheduled_type(mut self, kind: ScheduledType) -> Self {
        self.scheduled_type = Some(kind);
        self
    }

    /// Looks for occurrences that were changed on their own, or for the others.
    #[must_use]
    pub fn with_modified(mut self, modified: bool) -> Self {
        self.modified = Some(modified);
        self
    }

    /// Looks for ended instances that have left something behind, or have not.
    #[must_use]
    pub fn with_leftover(mut self, what: Leftover, there: bool) -> Self {
        self.has.push((what, there));
        self
    }

    /// Shows the next occurrence's start and end in the place of the series'.
    #[must_use]
    pub fn with_current(mut self, current: bool) -> Self {
        self.current = current;
        self
    }

    /// Sets the tag.
    #[must_use]
    pub fn with_tag(mut self, tag: impl Into<String>) -> Self {
        self.tag = Some(tag.into());
        self
    }

    /// Sets the site.
    #[must_use]
    pub fn with_site(mut self, site: impl Into<String>) -> Self {
        self.site = Some(site.into());
        self
    }

    /// Sets the zone of the times that come back.
    #[must_use]
    pub fn with_zone(mut self, zone: TimeZone) -> Self {
        self.zone = Some(zone);
        self
    }

    /// Sets the meeting's password.
    #[must_use]
    pub fn with_password(mut self, password: Passcode) -> Self {
        self.password = Some(password);
        self
    }

    /// Sets how many on a page.
    #[must_use]
    pub fn with_page_size(mut self, size: u8) -> Self {
        self.page_size = size;
        self
    }

    /// The query, or which filters do not go together.
    pub(super) fn query(&self) -> Result<Vec<(&'static str, String)>> {
        self.check()?;
        let mut query: Vec<(&'static str, String)> = Vec::new();
        let mut window = None;
        match &self.place {
            Place::Window(within) => window = Some(within),
            Place::Number(number) => query.push(("meetingNumber", number.clone())),
            Place::WebLink(link) => query.push(("webLink", link.expose().as_str().to_owned())),
            Place::Room { room, within } => {
                query.push(("roomId", room.clone()));
                window = Some(within);
            }
            Place::Series { series, within } => {
                query.push(("meetingSeriesId", series.as_str().to_owned()));
                window = Some(within);
            }
        }
        if let Some(tag) = &self.tag {
            query.push(("integrationTag", tag.clone()));
        }
        if let Some(window) = window {
            let (from, to) = (write_instant(window.from), write_instant(window.until));
            if from >= to {
                return Err(refused("the time range is empty", "Give a window that ends after it begins."));
            }
            let kind = self.meeting_type.as_ref().unwrap_or(&MeetingType::MeetingSeries);
            query.extend([("meetingType", kind.as_str().to_owned()), ("from", from), ("to", to)]);
        }
        let flag = |flag: bool| if flag { "true" } else { "false" }.to_owned();
        if !matches!(self.place, Place::Series { .. }) {
            query.push(("current", flag(self.current)));
        }
        if let Some(state) = &self.state {
            query.push(("state", state.as_str().to_owned()));
        }
        if let Some(kind) = &self.scheduled_type {
            query.push(("scheduledType", kind.as_str().to_owned()));
        }
        if let Some(modified) = self.modified {
            query.push(("isModified", flag(modified)));
        }
        query.extend(self.has.iter().map(|(what, there)| (what.name(), flag(*there))));
        if let Some(site) = &self.site {
            query.push(("siteUrl", site.clone()));
        }
        query.push(("max", self.page_size.to_string()));
        Ok(query)
    }

    fn check(&self) -> Result<()> {
        if !(1..=100).contains(&self.page_size) {
            return Err(refused("a page has 1 to 100 meetings", "Give a page size from 1 to 100."));
        }
        let one = matches!(self.place, Place::Number(_) | Place::WebLink(_));
        let series = matches!(self.place, Place::Series { .. });
        if one
            && (self.meeting_type.is_some() || self.state.is_some() || self.modified.is_some() || self.site.is_some())
        {
            return Err(refused(
                "Webex passes over type, state, changes and site when it looks for a number or a link",
                "Look for the meeting alone, or list a window.",
            ));
        }
        if one && self.password.is_none() && self.tag.is_some() {
            return Err(refused("a number or a link names one meeting", "Look for the tag in a window."));
        }
        if series && (self.tag.is_some() || self.scheduled_type.is_some() || self.site.is_some() || self.current) {
            return Err(refused(
                "Webex passes over tag, kind, site and current when it lists a series",
                "List the series without them; the answer tells each of them.",
            ));
        }
        if series && self.meeting_type == Some(MeetingType::MeetingSeries) {
            return Err(refused("a series has occurrences and instances", "Read the series itself by its id."));
        }
        if self.modified.is_some() && self.meeting_type != Some(MeetingType::ScheduledMeeting) {
            return Err(refused("only occurrences are changed on their own", "Set the type to scheduledMeeting."));
        }
        let ended = self.meeting_type == Some(MeetingType::Meeting) && self.state == Some(MeetingState::Ended);
        if !self.has.is_empty() && !ended {
            return Err(refused(
                "only ended instances have left something behind",
                "Set the type to meeting and the state to ended.",
            ));
        }
        let tag = self.tag.as_deref().unwrap_or("-");
        if tag.is_empty() || tag.chars().count() > 64 {
            return Err(refused("a tag has 1 to 64 characters", "Look for a tag that was set."));
        }
        Ok(())
    }
}

fn refused(detail: &'static str, remedy: &'static str) -> Error {
    Error::invalid(LIST, detail)
        .with_remedy(Remedy::new(remedy).with_docs("https://developer.webex.com/docs/api/v1/meetings/list-meetings"))
}

#[cfg(test)]
mod tests {
    use invitations_core::ErrorKind;

    use super::*;

    fn week() -> TimeRange {
        TimeRange::new("2026-07-13T00:00:00Z".parse().unwrap(), "2026-07-20T00:00:00Z".parse().unwrap())
    }

    fn series() -> MeetingFilter {
        MeetingFilter::of_series(MeetingId::parse("870f").unwrap(), week())
    }

    fn written(filter: &MeetingFilter) -> String {
        let query = filter.query().unwrap();
        query.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    }

    #[test]
    fn the_window_is_always_said() {
        let window = "from=2026-07-13T00:00:00Z&to=2026-07-20T00:00:00Z";
        assert_eq!(
            written(&MeetingFilter::within(week())),
            format!("meetingType=meetingSeries&{window}&current=false&max=100")
        );
        assert_eq!(
            written(&series().with_modified(true).with_page_size(10)),
            format!("meetingSeriesId=870f&meetingType=scheduledMeeting&{window}&isModified=true&max=10")
        );
        let room = MeetingFilter::in_room("Y2lz", week()).with_tag("key").with_current(true);
        assert_eq!(
            written(&room),
            format!("roomId=Y2lz&integrationTag=key&meetingType=meetingSeries&{window}&current=true&max=100")
        );
        assert_eq!(written(&MeetingFilter::by_number("123")), "meetingNumber=123&current=false&max=100");
        let ended = MeetingFilter::within(week())
            .with_meeting_type(MeetingType::Meeting)
            .with_state(MeetingState::Ended)
            .with_leftover(Leftover::Recording, true)
            .with_leftover(Leftover::Polls, false);
        assert_eq!(
            written(&ended),
            format!("meetingType=meeting&{window}&current=false&state=ended&hasRecording=true&hasPolls=false&max=100")
        );
    }

    #[test]
    fn what_webex_would_pass_over_is_refused() {
        let within = || MeetingFilter::within(week());
        let number = || MeetingFilter::by_number("123");
        let link = || MeetingFilter::by_web_link(JoinUrl::new("https://a.example/j".parse().unwrap()));
        for (bad, why) in [
            (MeetingFilter::within(TimeRange::new(week().until, week().from)), "empty window"),
            (number().with_state(MeetingState::Active), "state"),
            (link().with_site("a.example"), "site"),
            (link().with_meeting_type(MeetingType::Meeting), "type"),
            (number().with_tag("x"), "tag"),
            (series().with_tag("x"), "tag of a series"),
            (series().with_current(true), "current of a series"),
            (series().with_meeting_type(MeetingType::MeetingSeries), "series of a series"),
            (within().with_modified(true), "modified series"),
            (within().with_leftover(Leftover::Chat, true), "chat of a series"),
            (within().with_tag(""), "empty tag"),
            (within().with_page_size(0), "empty page"),
            (within().with_page_size(101), "large page"),
        ] {
            assert_eq!(bad.query().unwrap_err().kind(), ErrorKind::InvalidInput, "{why}");
        }
    }
}
