//! Outlook's enums. Letter case is not stable and members are added (trap 7): what is not known is kept as it was said.

use invitations_core::{Error, Remedy, Result};

use crate::wire::words::{is_hidden, words};

words! {
    /// What an event is in its series (`eventType`).
    EventKind {
        /// An event that does not repeat.
        SingleInstance = "singleInstance",
        /// One event of a series, as the series says.
        Occurrence = "occurrence",
        /// One event of a series that was changed on its own.
        Exception = "exception",
        /// The series itself.
        SeriesMaster = "seriesMaster",
    }
    /// How the time is shown to others (`freeBusyStatus`).
    ShowAs {
        /// Free.
        Free = "free",
        /// Tentative.
        Tentative = "tentative",
        /// Busy.
        Busy = "busy",
        /// Out of office.
        OutOfOffice = "oof",
        /// Working elsewhere.
        WorkingElsewhere = "workingElsewhere",
        /// Outlook does not know.
        NotKnown = "unknown",
    }
    /// Who may read what it says (`sensitivity`).
    Sensitivity {
        /// No mark.
        Normal = "normal",
        /// Personal.
        Personal = "personal",
        /// Private: others see that there is something, and not what.
        Private = "private",
        /// Confidential.
        Confidential = "confidential",
    }
    /// How important it is (`importance`).
    Importance {
        /// Low.
        Low = "low",
        /// Normal.
        Normal = "normal",
        /// High.
        High = "high",
    }
    /// What somebody is invited as (`attendeeType`).
    AttendeeKind {
        /// Has to be there.
        Required = "required",
        /// May be there.
        Optional = "optional",
        /// A room or a thing.
        Resource = "resource",
    }
    /// What somebody answered (`responseType`).
    Response {
        /// Nothing was asked, or nothing is known.
        None = "none",
        /// It is the organizer.
        Organizer = "organizer",
        /// Perhaps.
        TentativelyAccepted = "tentativelyAccepted",
        /// Yes.
        Accepted = "accepted",
        /// No.
        Declined = "declined",
        /// No answer yet.
        NotResponded = "notResponded",
    }
    /// Who makes the online meeting (`onlineMeetingProviderType`).
    OnlineMeetingProvider {
        /// Nobody: there is none, or the mailbox may not have one.
        NotKnown = "unknown",
        /// Teams.
        Teams = "teamsForBusiness",
        /// Skype for Business.
        SkypeForBusiness = "skypeForBusiness",
        /// Skype.
        Skype = "skypeForConsumer",
    }
    /// How a text is written (`bodyType`).
    BodyKind {
        /// Plain text.
        Text = "text",
        /// HTML.
        Html = "html",
    }
    /// What a place is (`locationType`).
    LocationKind {
        /// Not said.
        Default = "default",
        /// A room.
        ConferenceRoom = "conferenceRoom",
        /// A home.
        HomeAddress = "homeAddress",
        /// A business.
        BusinessAddress = "businessAddress",
        /// A point on the map.
        GeoCoordinates = "geoCoordinates",
        /// A street.
        StreetAddress = "streetAddress",
        /// A hotel.
        Hotel = "hotel",
        /// A restaurant.
        Restaurant = "restaurant",
        /// A shop or the like.
        LocalBusiness = "localBusiness",
        /// A postal address.
        PostalAddress = "postalAddress",
    }
    /// A calendar's colour (`calendarColor`).
    CalendarColor {
        /// Outlook chooses.
        Auto = "auto",
        /// Light blue.
        LightBlue = "lightBlue",
        /// Light green.
        LightGreen = "lightGreen",
        /// Light orange.
        LightOrange = "lightOrange",
        /// Light gray.
        LightGray = "lightGray",
        /// Light yellow.
        LightYellow = "lightYellow",
        /// Light teal.
        LightTeal = "lightTeal",
        /// Light pink.
        LightPink = "lightPink",
        /// Light brown.
        LightBrown = "lightBrown",
        /// Light red.
        LightRed = "lightRed",
        /// The end of the list, which some calendars have.
        MaxColor = "maxColor",
    }
    /// A category's colour (`categoryColor`), by the names that Outlook shows for its presets.
    CategoryColor {
        /// None.
        NoColor = "none",
        /// Preset 0.
        Red = "preset0",
        /// Preset 1.
        Orange = "preset1",
        /// Preset 2.
        Brown = "preset2",
        /// Preset 3.
        Yellow = "preset3",
        /// Preset 4.
        Green = "preset4",
        /// Preset 5.
        Teal = "preset5",
        /// Preset 6.
        Olive = "preset6",
        /// Preset 7.
        Blue = "preset7",
        /// Preset 8.
        Purple = "preset8",
        /// Preset 9.
        Cranberry = "preset9",
        /// Preset 10.
        Steel = "preset10",
        /// Preset 11.
        DarkSteel = "preset11",
        /// Preset 12.
        Gray = "preset12",
        /// Preset 13.
        DarkGray = "preset13",
        /// Preset 14.
        Black = "preset14",
        /// Preset 15.
        DarkRed = "preset15",
        /// Preset 16.
        DarkOrange = "preset16",
        /// Preset 17.
        DarkBrown = "preset17",
        /// Preset 18.
        DarkYellow = "preset18",
        /// Preset 19.
        DarkGreen = "preset19",
        /// Preset 20.
        DarkTeal = "preset20",
        /// Preset 21.
        DarkOlive = "preset21",
        /// Preset 22.
        DarkBlue = "preset22",
        /// Preset 23.
        DarkPurple = "preset23",
        /// Preset 24.
        DarkCranberry = "preset24",
    }
}

/// A word that can be written.
pub(super) fn checked<'a>(operation: &'static str, member: &str, word: &'a str) -> Result<&'a str> {
    if word.is_empty() || is_hidden(word) {
        return Err(Error::invalid(operation, format!("{member}: a value that Graph hid cannot be written"))
            .with_remedy(Remedy::new("Leave the member out, or say one of its known values.")));
    }
    Ok(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trap_07_words_are_read_in_any_case_and_unknown_ones_are_kept() {
        for word in ["busy", "Busy", "BUSY"] {
            assert_eq!(ShowAs::from(word), ShowAs::Busy);
        }
        assert_eq!(ShowAs::from("Oof"), ShowAs::OutOfOffice);
        assert_eq!(BodyKind::from("HTML"), BodyKind::Html);
        assert_eq!(AttendeeKind::from("Required"), AttendeeKind::Required);
        let later: OnlineMeetingProvider = serde_json::from_value("TheNextThing".into()).unwrap();
        assert_eq!(later, OnlineMeetingProvider::Unknown("TheNextThing".to_owned()));
        assert_eq!(serde_json::to_value(&later).unwrap(), "TheNextThing");
    }

    #[test]
    fn trap_06_a_hidden_word_is_never_written() {
        assert!(checked("write event", "showAs", "busy").is_ok());
        for hidden in ["UnknownFutureValue", ""] {
            let error = checked("write event", "showAs", hidden).unwrap_err();
            assert!(error.remedy().is_some(), "{error}");
        }
    }
}
