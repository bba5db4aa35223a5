//! Assignment calendars: a user connects Outlook; every assignment that is made, changed or removed shows in the calendar.

use std::collections::BTreeMap;

use calendar_sync::{Binding, Desired, SourceId};
use invitations_core::{
    ids::{BindingId, CalendarId},
    provider::EventDraft,
    time::EventTime,
};

use super::patiently;
use crate::{
    Failure, explain,
    report::{Item, SystemReport},
    services::{Services, connection_of},
    week::{Assignment, Then, Week},
};

pub(super) async fn run(services: &Services, week: &Week) -> Result<SystemReport, Failure> {
    let mut report = SystemReport::new("assignment calendars", "the calendar shows what the application knows");
    let mut by_user: BTreeMap<&str, Vec<&Assignment>> = BTreeMap::new();
    for assignment in &week.assignments {
        by_user.entry(assignment.user.canonical()).or_default().push(assignment);
    }
    for assignments in by_user.into_values() {
        report.items.extend(run_user(services, &assignments).await?);
    }
    Ok(report)
}

async fn run_user(services: &Services, assignments: &[&Assignment]) -> Result<Vec<Item>, Failure> {
    let Some(first) = assignments.first() else { return Ok(Vec::new()) };
    let account = services.connected(&graph_meetings::provider_id(), &first.user).await?;
    let connection = connection_of(&account).ok_or("assignments need a connected calendar")?;
    let binding = BindingId::parse(format!("assignments-{connection}"))?;
    let binding = Binding::new(binding, account, CalendarId::parse("default")?);

    // what the application knew at the beginning of the week, then at its end
    let begin: Vec<Desired> =
        assignments.iter().map(|one| desired(services, one, 1, &one.title)).collect::<Result<_, _>>()?;
    let mut end = Vec::new();
    for one in assignments {
        match &one.then {
            Then::Nothing => {}
            Then::Change { title } => end.push(desired(services, one, 2, title)?),
            Then::Remove => end.push(Desired::gone(source(one)?, 2)),
        }
    }
    for changes in [&begin, &end] {
        push(services, &binding, changes).await?;
    }
    let status = patiently(services, || services.sync.status(&binding)).await?;
    let pending = status.pending;
    Ok(assignments
        .iter()
        .map(|one| {
            let now = match &one.then {
                Then::Nothing => "in the calendar".to_owned(),
                Then::Change { title } => format!("in the calendar as {title:?}"),
                Then::Remove => "removed from the calendar".to_owned(),
            };
            let asked = format!("{} for {}", one.title, one.user);
            if pending == 0 { Item::new(asked, now, true) } else { Item::new(asked, "not yet in the calendar", false) }
        })
        .collect())
}

/// Pushes until nothing is pending: an unclear answer is looked up in the next round.
async fn push(services: &Services, binding: &Binding, changes: &[Desired]) -> Result<(), Failure> {
    for _ in 0..super::PATIENCE {
        match services.sync.push(binding, changes).await {
            Ok(report) if report.pending == 0 => return Ok(()),
            Ok(_) => {}
            Err(error) if super::passing(&error) => tracing::info!(%error, "again"),
            Err(error) => return Err(explain(&error).into()),
        }
        services.clock.sleep(super::pause(services)).await;
    }
    Ok(())
}

fn source(one: &Assignment) -> Result<SourceId, Failure> {
    Ok(SourceId::parse(one.id.as_str())?)
}

fn desired(services: &Services, one: &Assignment, version: u64, title: &str) -> Result<Desired, Failure> {
    let slot = services.calendar.slot(one.day, one.at, one.minutes);
    Ok(Desired::event(source(one)?, version, EventDraft::new(title, EventTime::Timed(slot))))
}
