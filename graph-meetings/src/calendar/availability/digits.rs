//! `availabilityView`: one digit for each step of the window.

use invitations_core::{provider::Busy, time::TimeRange};

use super::schedule::STEP;

/// What each digit says, in order. The view may be shorter than the window; what is beyond the window counts for nothing.
pub(super) fn pieces(view: &str, window: TimeRange) -> impl Iterator<Item = (TimeRange, Busy)> + '_ {
    let steps = std::iter::successors(Some(window.from), |from| from.checked_add_signed(STEP));
    steps.take_while(move |from| *from < window.until).zip(view.chars()).filter_map(|(from, digit)| {
        let until = from.checked_add_signed(STEP)?;
        Some((TimeRange::new(from, until), standing(digit)))
    })
}

/// 0 free, 1 tentative, 2 busy, 3 out of office, 4 working elsewhere; more may come.
fn standing(digit: char) -> Busy {
    match digit {
        '0' => Busy::Free,
        '1' | '4' => Busy::Tentative,
        '2' | '3' => Busy::Busy,
        _ => Busy::Unknown,
    }
}

/// `freeBusyStatus`, in any letter case (trap 7); more may come.
pub(super) fn status(name: &str) -> Busy {
    match name.to_ascii_lowercase().as_str() {
        "free" => Busy::Free,
        "tentative" | "workingelsewhere" => Busy::Tentative,
        "busy" | "oof" => Busy::Busy,
        _ => Busy::Unknown,
    }
}
