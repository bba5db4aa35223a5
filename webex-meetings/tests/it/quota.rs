//! The quota of creates, and what an outage costs.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use invitations_core::{
    ErrorKind, RetryClass,
    ids::{ConnectionId, TenantId, UserId},
    provider::{Account, AccountActor, MeetingProvider, Open, WriteOptions},
    runtime::ManualClock,
};
use meetings_http::{Sent, StaticTokens, Step};
use webex_meetings::{TokenSourceOf, meetings::CreateLimits, provider_id};

use crate::support::{draft, id, key, meeting_json, once, scripted_by, utc};

const HOUR: Duration = Duration::from_secs(3600);

fn clock() -> ManualClock {
    ManualClock::new(utc("2026-09-01T00:00:00Z"))
}

fn made() -> Step {
    Step::json(200, &meeting_json("m1", &[]))
}

#[tokio::test]
async fn a_create_beyond_the_quota_is_refused_before_any_request() {
    let clock = clock();
    let (webex, transport) = scripted_by(vec![made(), Step::reply(400), made()], |builder| {
        builder.clock(Arc::new(clock.clone())).create_limits(CreateLimits::new().with_user(2))
    });
    let meetings = webex.my_meetings().unwrap();
    meetings.create(&key("a"), &draft(), once()).await.unwrap();
    meetings.create(&key("b"), &draft(), once()).await.unwrap_err();
    // clones and a second opening share it
    let again = webex.clone().my_meetings().unwrap();
    assert_eq!((again.quota().used, again.quota().left), (2, 0));
    let error = again.create(&key("c"), &draft(), once()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Throttled);
    assert_eq!(error.retry(), RetryClass::Safe { after: Some(24 * HOUR) });
    assert!(error.detail().unwrap().contains("2026-09-02T00:00:00Z"), "{error}");
    assert_eq!(transport.requests().len(), 2);
    clock.advance(24 * HOUR);
    again.create(&key("c"), &draft(), once()).await.unwrap();
}

#[tokio::test]
async fn an_hour_asked_by_webex_is_a_schedule() {
    let clock = clock();
    let page = Step::reply(429).with_header("retry-after", "3600").with_header("content-type", "text/html");
    let (webex, transport) =
        scripted_by(vec![page.with_body("<html>"), made()], |builder| builder.clock(Arc::new(clock.clone())));
    let meetings = webex.my_meetings().unwrap();
    let (first, draft) = (key("a"), draft());
    let created = meetings.create(&first, &draft, WriteOptions::new()).now_or_never();
    let error = created.expect("nobody waits for an hour").unwrap_err();
    assert_eq!(error.retry(), RetryClass::Safe { after: Some(HOUR) });
    clock.advance(HOUR / 4);
    // nobody has waited, and nothing is sent meanwhile
    let error = meetings.create(&first, &draft, WriteOptions::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Throttled, RetryClass::Safe { after: Some(HOUR * 3 / 4) }));
    assert_eq!(error.detail(), Some("Webex asked to wait until 2026-09-01T01:00:00Z; nothing was sent"));
    let asked = Some(utc("2026-09-01T01:00:00Z"));
    assert_eq!((meetings.quota().next_at, meetings.quota().asked_until), (asked, asked));
    assert_eq!(transport.requests().len(), 1);
    clock.advance(HOUR * 3 / 4);
    meetings.create(&first, &draft, WriteOptions::new()).await.unwrap();
}

#[tokio::test]
async fn one_create_is_one_request_and_what_was_not_sent_costs_nothing() {
    for (step, used) in [
        (Step::fails(Sent::No), 0),
        (Step::fails(Sent::Maybe), 1),
        (Step::reply(423), 1),
        (Step::reply(503).with_header("retry-after", "1"), 1),
        (Step::reply(429).with_header("retry-after", "1"), 1),
    ] {
        let (webex, transport) = scripted_by(vec![step], |builder| builder.clock(Arc::new(clock())));
        let meetings = webex.my_meetings().unwrap();
        let (key, draft) = (key("a"), draft());
        // whoever would send again waits first, and the clock stands: it would be for ever
        let created = meetings.create(&key, &draft, WriteOptions::new()).now_or_never();
        created.expect("a create is not sent again, so it waits for nothing").unwrap_err();
        assert_eq!((meetings.quota().used, transport.requests().len()), (used, 1));
    }
    // a caller's mistake
    let (webex, _) = scripted_by(Vec::new(), |builder| builder.clock(Arc::new(clock())));
    let meetings = webex.my_meetings().unwrap();
    let mut bad = draft();
    bad.subject = String::new();
    meetings.create(&key("a"), &bad, once()).await.unwrap_err();
    assert_eq!(meetings.quota().used, 0);
}

#[tokio::test]
async fn each_host_of_an_administrator_has_a_budget_of_its_own() {
    let limits = CreateLimits::new().with_host(1).with_overall(2);
    let (webex, _) = scripted_by(vec![made(), made()], |builder| builder.create_limits(limits));
    let of = async |host: &str| {
        let user = UserId::parse(host).unwrap();
        let account = Account::application(TenantId::parse("t").unwrap(), provider_id(), user);
        Open::<dyn MeetingProvider>::open(&webex, &account).await.unwrap()
    };
    let (ada, grace) = (of("ada@contoso.example").await, of("grace@contoso.example").await);
    ada.create(&key("a"), &draft(), once()).await.unwrap();
    assert_eq!(ada.create(&key("b"), &draft(), once()).await.unwrap_err().kind(), ErrorKind::Throttled);
    grace.create(&key("c"), &draft(), once()).await.unwrap();
    let mary = of("mary@contoso.example").await;
    assert_eq!(mary.create(&key("d"), &draft(), once()).await.unwrap_err().kind(), ErrorKind::Throttled);
}

/// Whether a user administers an organisation stands in no token; the application may know.
#[tokio::test]
async fn an_administrators_own_account_has_the_limits_that_are_said_of_it() {
    let (school, ada, grace) = ("school", "ada", "grace");
    let (webex, transport) = scripted_by((0..3).map(|_| made()).collect(), |builder| {
        let limits_of = |account: &Account| match &account.actor {
            AccountActor::Connection(id) if id.as_str() == "ada" => CreateLimits::of_administrator().with_user(2),
            _ => CreateLimits::new().with_user(1),
        };
        let sources: Arc<TokenSourceOf> = Arc::new(|_, _| Arc::new(StaticTokens::new("t")));
        builder.create_limits_of(Arc::new(limits_of)).token_sources(sources)
    });
    let of = async |id: &str| {
        let (tenant, id) = (TenantId::parse(school).unwrap(), ConnectionId::parse(id).unwrap());
        Open::<dyn MeetingProvider>::open(&webex, &Account::connection(tenant, provider_id(), id)).await.unwrap()
    };
    for (who, fits) in [(ada, 2), (grace, 1)] {
        let meetings = of(who).await;
        for at in 0..=fits {
            let created = meetings.create(&key(&format!("{who}-{at}")), &draft(), once()).await;
            assert_eq!(created.is_ok(), at < fits, "{who} {at}: {created:?}");
        }
    }
    assert_eq!(transport.requests().len(), 3);
    assert_eq!(CreateLimits::of_administrator().user, 800);
}

/// A thousand calls while Webex is fully out.
#[tokio::test]
async fn an_outage_is_not_met_with_a_multiple_of_the_load() {
    const CALLS: usize = 1000;
    let clock = clock();
    let steps = (0..2 * CALLS).map(|_| Step::reply(503)).collect();
    let limits = CreateLimits::new().with_user(u32::MAX);
    let (webex, transport) = scripted_by(steps, |builder| builder.clock(Arc::new(clock.clone())).create_limits(limits));
    let meetings = webex.my_meetings().unwrap();
    let (meeting, key, draft) = (id("m"), key("k"), draft());
    let call = async |number: usize| match number % 2 {
        0 => drop(meetings.create(&key, &draft, WriteOptions::new()).await.unwrap_err()),
        _ => drop(meetings.read(&meeting).await.unwrap_err()),
    };
    let mut all = Box::pin(futures_util::future::join_all((0..CALLS).map(call)));
    loop {
        tokio::select! {
            biased;
            _ = &mut all => break,
            () = tokio::task::yield_now() => {}
        }
        if let Some(wait) = clock.next_wake() {
            clock.advance(wait);
        }
    }
    let requests = transport.requests();
    assert!(requests.len() <= CALLS + CALLS / 10, "{} requests for {CALLS} calls", requests.len());
    let creates = requests.iter().filter(|request| request.method() == http::Method::POST).count();
    assert_eq!(creates, CALLS / 2, "a create is never sent again");
}
