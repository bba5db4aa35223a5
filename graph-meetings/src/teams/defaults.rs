use std::collections::BTreeMap;

use invitations_core::ids::UserId;

use super::options::MeetingOptions;

/// What a meeting opened for an account is: see [`GraphBuilder::meeting_form`](crate::GraphBuilder::meeting_form).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum MeetingForm {
    /// A link to meet at, and nothing in a calendar: [`TeamsMeetings`](super::TeamsMeetings).
    #[default]
    LinkOnly,
    /// An event in the organizer's calendar: [`CalendarMeetings`](super::CalendarMeetings).
    CalendarEvent,
}

/// What the creates of one client begin with.
#[derive(Clone, Debug, Default)]
pub(crate) struct MeetingDefaults {
    pub(crate) form: MeetingForm,
    pub(crate) everybody: MeetingOptions,
    /// By object id or address, in small letters.
    of: BTreeMap<String, MeetingOptions>,
}

impl MeetingDefaults {
    pub(crate) fn set(&mut self, organizer: &UserId, options: MeetingOptions) {
        self.of.insert(organizer.as_str().to_ascii_lowercase(), options);
    }

    /// Whether some organizer has options of its own.
    pub(crate) fn names_organizers(&self) -> bool {
        !self.of.is_empty()
    }

    /// The organizer's options over everybody's. An organizer may have two names: the one the caller said, and the object id.
    pub(crate) fn of<'a>(&self, names: impl IntoIterator<Item = &'a UserId>) -> MeetingOptions {
        let own = names.into_iter().filter_map(|name| self.of.get(&name.as_str().to_ascii_lowercase()));
        own.fold(MeetingOptions::new(), |above, options| above.over(options)).over(&self.everybody)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organizers_options_lie_over_everybodys() {
        let mut defaults = MeetingDefaults {
            everybody: MeetingOptions::new().with_whiteboard(false).with_recording(false),
            ..MeetingDefaults::default()
        };
        let tutor = UserId::parse("Tutor@contoso.example").unwrap();
        defaults.set(&tutor, MeetingOptions::new().with_recording(true));
        let of = |id: &str| defaults.of(&[UserId::parse(id).unwrap()]);
        assert_eq!(of("tutor@Contoso.example").recording, Some(true));
        assert_eq!(of("tutor@Contoso.example").whiteboard, Some(false));
        assert_eq!(of("other@contoso.example").recording, Some(false));
        assert_eq!(defaults.of(&[]).recording, Some(false));
    }
}
