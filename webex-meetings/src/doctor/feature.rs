use invitations_core::doctor::Need;

/// What is done through this crate; each needs scopes of its own (<https://developer.webex.com/docs/meetings>).
///
/// ```
/// use webex_meetings::Feature;
///
/// let asked = ["meeting:schedules_read", "meeting:schedules_write", "spark:people_read"];
/// let needs = Feature::Meetings.user_needs();
/// assert!(needs.iter().all(|need| need.is_met(&asked)));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Feature {
    /// Users are connected: it is learned whose consent it is.
    Connecting,
    /// Meetings are made, changed, found and cancelled.
    Meetings,
    /// Invitees are listed, added and removed.
    Invitees,
    /// It is learned who has joined; the host admits, mutes and puts out.
    Participants,
    /// Recordings are listed, downloaded and removed.
    Recordings,
    /// Transcripts are listed and downloaded.
    Transcripts,
}

/// Feature, what users grant, what an administrator's or a service application's token needs to act for other hosts.
type Row = (Feature, &'static str, &'static [&'static str], &'static [&'static str]);

const TABLE: &[Row] = &[
    (Feature::Connecting, "connecting users", &["spark:people_read"], &[]),
    (
        Feature::Meetings,
        "meetings",
        &["meeting:schedules_read", "meeting:schedules_write"],
        &["meeting:admin_schedule_read", "meeting:admin_schedule_write"],
    ),
    (
        Feature::Invitees,
        "invitees",
        &["meeting:schedules_read", "meeting:schedules_write"],
        &["meeting:admin_schedule_read", "meeting:admin_schedule_write"],
    ),
    (
        Feature::Participants,
        "participants",
        &["meeting:participants_read", "meeting:participants_write"],
        &["meeting:admin_participants_read"],
    ),
    (
        Feature::Recordings,
        "recordings",
        &["meeting:recordings_read", "meeting:recordings_write"],
        &["meeting:admin_recordings_read", "meeting:admin_recordings_write"],
    ),
    (
        Feature::Transcripts,
        "transcripts",
        &["meeting:transcripts_read", "meeting:schedules_read"],
        &["meeting:admin_transcripts_read"],
    ),
];

impl Feature {
    /// The scopes that a user grants; each of these needs must be met.
    pub fn user_needs(self) -> Vec<Need> {
        self.needs(|row| row.2)
    }

    /// The scopes of a token that acts for other hosts (`hostEmail`).
    pub fn admin_needs(self) -> Vec<Need> {
        self.needs(|row| row.3)
    }

    fn needs(self, of: impl Fn(&Row) -> &'static [&'static str]) -> Vec<Need> {
        let rows = TABLE.iter().filter(|row| row.0 == self);
        rows.flat_map(|row| of(row).iter().map(|scope| Need::new(row.1, [*scope]))).collect()
    }
}
