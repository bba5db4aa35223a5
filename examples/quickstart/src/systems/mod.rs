//! The five systems, one file each: what happens in them, and what must exist afterwards.

mod assignments;
mod calls;
mod lessons;
mod staff;
mod webinars;

use std::{future::Future, time::Duration};

use invitations_core::{
    Error, ErrorKind, RetryClass,
    ids::InvitationId,
    invitation::{Standing, Status, machine::Phase},
};

use crate::{
    Failure,
    counting::Counts,
    report::{Item, Report},
    services::Services,
    week::Week,
};

/// How often something is asked again before the week is given up; with the waits between, some minutes.
const PATIENCE: u32 = 120;
/// How often a blocked one is looked at again before it is reported as such,
const PROBES: u32 = 5;
/// after this wait at most.
const PROBE: Duration = Duration::from_secs(2);

pub(crate) async fn run(services: &Services, week: &Week) -> Result<Report, Failure> {
    let systems = vec![
        webinars::run(services, week).await?,
        lessons::run(services, week).await?,
        calls::run(services, week).await?,
        staff::run(services, week).await?,
        assignments::run(services, week).await?,
    ];
    let counts = &services.counts;
    let calls = vec![
        ("calls to Microsoft", Counts::read(&counts.microsoft)),
        ("calls to Webex", Counts::read(&counts.webex)),
        ("unanswered", Counts::read(&counts.unanswered)),
        ("throttled", Counts::read(&counts.throttled)),
        ("tokens refreshed", Counts::read(&counts.refreshes)),
    ];
    Ok(Report { systems, calls })
}

/// Tries again while the failure is a passing one.
async fn patiently<T, F>(services: &Services, mut work: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut tries = 0;
    loop {
        match work().await {
            Err(error) if passing(&error) && tries < PATIENCE => {
                tries += 1;
                tracing::info!(%error, tries, "again");
                services.clock.sleep(pause(services)).await;
            }
            other => return other,
        }
    }
}

fn passing(error: &Error) -> bool {
    error.retry() != RetryClass::Never
        || matches!(
            error.kind(),
            ErrorKind::Throttled | ErrorKind::Timeout | ErrorKind::Unavailable | ErrorKind::Conflict
        )
}

fn pause(services: &Services) -> Duration {
    services.timing.retry_first.max(Duration::from_millis(50))
}

/// As [`patiently`], where another process may have been faster: what it did is seen in how the invitation stands afterwards.
async fn unless_done<T, F>(services: &Services, work: impl FnMut() -> F) -> Result<(), Error>
where
    F: Future<Output = Result<T, Error>>,
{
    match patiently(services, work).await {
        Err(error) if error.refusal().is_none() => Err(error),
        _ => Ok(()),
    }
}

/// Waits until nothing more happens by itself.
async fn settled(services: &Services, id: &InvitationId) -> Result<Standing, Error> {
    let mut tries = 0;
    loop {
        let standing = services.invitations.settle(id, services.timing.accept_wait).await?;
        tries += 1;
        // what is blocked is tried again by itself; mostly somebody else has mended it by then
        let blocked = matches!(standing.phase, Phase::Blocked { .. });
        if blocked && tries <= PROBES {
            services.clock.sleep(services.timing.probe_first.min(PROBE)).await;
            continue;
        }
        if standing.is_settled() || tries > PATIENCE {
            return Ok(standing);
        }
        services.clock.sleep(pause(services)).await;
    }
}

/// How it stands, in words, with the link, and whether it is what was meant.
fn item(asked: String, standing: &Standing, meant: Status) -> Item {
    let ok = standing.status == meant;
    let mut now = match (&standing.phase, &standing.attention) {
        (Phase::Blocked { .. } | Phase::Quarantined { .. }, Some(remedy)) => format!("waits: {remedy}"),
        _ => standing.status.to_string(),
    };
    if !ok {
        now = format!("{now} (should be {meant})");
    }
    let mut item = Item::new(asked, now, ok);
    item.link = standing.join.as_ref().map(|join| join.expose().to_string());
    item
}
