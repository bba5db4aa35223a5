use std::{collections::HashMap, sync::LazyLock};

use chrono_tz::{TZ_VARIANTS, Tz};
use icu_time::{TimeZone as CldrZone, zone::IanaParser};
use invitations_core::time::TimeZone;
use windows_timezones::WindowsTimezone;

/// Zones whose Windows name is that of another zone. The first four the CLDR dropped, and IANA keeps them as links (tzdata 2024b,
/// `backward`). The others changed their clocks later than the CLDR's table knows (tzdata 2023d, 2024a, 2025b), and have since then
/// the clock of the zone beside them, which a test proves.
const SAME_CLOCK: [(&str, Tz); 8] = [
    ("CST6CDT", Tz::America__Chicago),
    ("EST5EDT", Tz::America__New_York),
    ("MST7MDT", Tz::America__Denver),
    ("PST8PDT", Tz::America__Los_Angeles),
    ("America/Coyhaique", Tz::America__Punta_Arenas),
    ("America/Scoresbysund", Tz::America__Godthab),
    ("Antarctica/Casey", Tz::Australia__Perth),
    ("Antarctica/Vostok", Tz::Asia__Tashkent),
];

/// The CLDR's `windowsZones` by its own zone ids. One id stands for all names that a zone ever had: Asia/Calcutta and Asia/Kolkata
/// are one, where the table has only the first.
static BY_CLDR_ZONE: LazyLock<HashMap<CldrZone, WindowsTimezone>> = LazyLock::new(|| {
    let names = IanaParser::new();
    let listed = TZ_VARIANTS.iter().filter_map(|zone| Some((*zone, WindowsTimezone::try_from(*zone).ok()?)));
    listed
        .map(|(zone, windows)| (names.parse(zone.name()), windows))
        .filter(|(id, _)| *id != CldrZone::UNKNOWN)
        .collect()
});

/// The Windows name of a zone; `None` where Windows has no zone with its rules.
pub(super) fn name(zone: TimeZone) -> Option<&'static str> {
    let iana = zone.name();
    let iana = SAME_CLOCK.iter().find(|(name, _)| *name == iana).map_or(iana, |(_, zone)| zone.name());
    if let Ok(listed) = WindowsTimezone::try_from(iana.parse::<Tz>().ok()?) {
        return Some(listed.name());
    }
    BY_CLDR_ZONE.get(&IanaParser::new().parse(iana)).map(|windows| windows.name())
}
