//! Tutoring bookings: a paid lesson has a meeting with an open door; payment never waits for it; a cancelled lesson has none.

use invitations_core::{
    invitation::{Status, machine::Phase},
    provider::{MeetingDraft, MeetingSettings},
};

use super::{item, patiently, settled, unless_done};
use crate::{
    Failure,
    report::{Item, SystemReport},
    services::{Services, principal},
    week::{Lesson, LessonStatus, Week},
};

pub(super) async fn run(services: &Services, week: &Week) -> Result<SystemReport, Failure> {
    let mut report = SystemReport::new("tutoring bookings", "a paid lesson has a Teams meeting");
    for lesson in &week.lessons {
        report.items.push(run_one(services, lesson).await?);
    }
    Ok(report)
}

async fn run_one(services: &Services, lesson: &Lesson) -> Result<Item, Failure> {
    let org = &services.invitations;
    let asked = format!("{} with {}", lesson.title, lesson.tutor);
    if lesson.status == LessonStatus::Unpaid {
        return Ok(Item::new(asked, "not paid, nothing made", true));
    }
    let slot = services.calendar.slot(lesson.day, lesson.at, lesson.minutes);
    let draft = MeetingDraft::new(&lesson.title, slot).with_settings(MeetingSettings::open_room());
    let organizer = services.application(&lesson.tutor)?;
    let booked =
        patiently(services, || org.provision_paid(lesson.booking.clone(), draft.clone(), organizer.clone())).await?;
    let standing = settled(services, &booked.id).await?;
    if lesson.status == LessonStatus::Paid {
        return Ok(item(format!("{asked}, paid"), &standing, Status::Accepted));
    }
    // cancelled: what was made goes away, also when the cancelling was interrupted last time
    let school = principal("school-office")?;
    if !matches!(standing.phase, Phase::Closed(_) | Phase::Compensating { .. }) {
        unless_done(services, || org.cancel(&booked.id, &school)).await?;
    }
    let standing = settled(services, &booked.id).await?;
    Ok(item(format!("{asked}, cancelled"), &standing, Status::Cancelled))
}
