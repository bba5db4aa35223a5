//! Webhooks over a scripted transport: what is sent, what is read, what is done about it.

use invitations_core::{ErrorKind, RetryClass, provider::WriteOptions, secret::WebhookSecret};
use meetings_http::{ScriptedTransport, Sent, Step};
use serde_json::{Value, json};
use webex_meetings::webhooks::{
    Event, Filter, NewWebhook, Outcome, Owner, Resource, Status, Watchdog, WebexWebhooks, WebhookChange, WebhookId,
};

use crate::support::{once, scripted};

const TARGET: &str = "https://app.example/webex";
const SECRET: &str = "0123456789abcdef";

fn webhooks(steps: Vec<Step>) -> (WebexWebhooks, std::sync::Arc<ScriptedTransport>) {
    let (webex, transport) = scripted(steps);
    (webex.my_webhooks().unwrap(), transport)
}

fn wanted(event: Event) -> NewWebhook {
    NewWebhook::new("Ours", TARGET.parse().unwrap(), Resource::Meetings, event)
}

fn shown(id: &str, event: &str) -> Value {
    json!({
        "id": id, "name": "Ours", "targetUrl": TARGET, "resource": "meetings", "event": event, "status": "active",
        "created": "2026-01-01T00:00:00+00:00", "ownedBy": "creator",
    })
}

fn with(mut value: Value, name: &str, to: impl Into<Value>) -> Value {
    value[name] = to.into();
    value
}

fn listed(items: &[Value]) -> Step {
    Step::json(200, &json!({ "items": items }))
}

/// Method, path with query, and body of everything that was sent.
fn sent(transport: &ScriptedTransport) -> Vec<(String, String, Value)> {
    let requests = transport.requests().into_iter();
    let target = |request: &http::Request<bytes::Bytes>| request.uri().path_and_query().unwrap().as_str().to_owned();
    requests
        .map(|request| {
            let body = serde_json::from_slice(request.body()).unwrap_or_default();
            (request.method().to_string(), target(&request), body)
        })
        .collect()
}

#[tokio::test]
async fn each_call_is_the_documented_request() {
    let reply = || Step::json(200, &shown("w/1", "ended"));
    let (webhooks, transport) = webhooks(vec![reply(), reply(), reply(), reply(), Step::reply(204)]);
    let filter = Filter::new().state("ended").host_email(&"Ada@contoso.example".parse().unwrap());
    let rich = wanted(Event::Ended).with_filter(filter).with_secret(WebhookSecret::new(SECRET)).for_organization();
    let made = webhooks.create(&rich, once()).await.unwrap();
    assert_eq!((made.status, made.owner, made.event), (Status::Active, Some(Owner::Creator), Event::Ended));
    assert_eq!(made.created.unwrap().to_rfc3339(), "2026-01-01T00:00:00+00:00");
    webhooks.read(&made.id).await.unwrap();
    let change = WebhookChange::new("New", "https://app.example/b".parse().unwrap()).with_owner(Owner::Organization);
    webhooks.update(&made.id, &change, once()).await.unwrap();
    let read = webhooks.read(&made.id).await.unwrap();
    webhooks.delete(&read.id, once()).await.unwrap();
    let sent = sent(&transport);
    let path = "/v1/webhooks/w%2F1";
    assert_eq!(
        sent[0],
        (
            "POST".to_owned(),
            "/v1/webhooks".to_owned(),
            json!({
                "name": "Ours", "targetUrl": TARGET, "resource": "meetings", "event": "ended", "secret": SECRET,
                "filter": "hostEmail=ada@contoso.example&state=ended", "ownedBy": "org",
            })
        )
    );
    assert_eq!(sent[1], ("GET".to_owned(), path.to_owned(), Value::Null));
    let body = json!({ "name": "New", "targetUrl": "https://app.example/b", "ownedBy": "org" });
    assert_eq!(sent[2], ("PUT".to_owned(), path.to_owned(), body));
    assert_eq!(sent[4], ("DELETE".to_owned(), path.to_owned(), Value::Null));
}

#[tokio::test]
async fn a_renewal_says_active_and_the_secret() {
    let (webhooks, transport) = webhooks(vec![
        Step::json(200, &with(shown("w", "ended"), "status", "inactive")),
        Step::json(200, &shown("w", "ended")),
    ]);
    let off = webhooks.read(&WebhookId::parse("w").unwrap()).await.unwrap();
    assert_eq!(off.status, Status::Inactive);
    let on = webhooks.renew(&off, Some(&WebhookSecret::new(SECRET))).await.unwrap();
    assert_eq!(on.status, Status::Active);
    let body = json!({ "name": "Ours", "targetUrl": TARGET, "secret": SECRET, "status": "active" });
    assert_eq!(sent(&transport)[1].2, body);
}

/// Webex has taken it, whoever made it: it must come back on as it is.
#[tokio::test]
async fn a_renewal_keeps_what_this_crate_would_not_make() {
    for (name, secret) in [("", Some("short")), (" ", Some("x")), ("Ours", Some("line\nline")), ("\t", None)] {
        let mut off = with(with(shown("w", "ended"), "status", "inactive"), "name", name);
        off["targetUrl"] = "http://app.example/webex".into();
        if let Some(secret) = secret {
            off["secret"] = secret.into();
        }
        let reply = || Step::json(200, &off);
        let (webhooks, transport) = webhooks(vec![reply(), reply(), reply()]);
        let webhook = webhooks.read(&WebhookId::parse("w").unwrap()).await.unwrap();
        webhooks.renew(&webhook, None).await.unwrap();
        // said again, or told by nobody else
        let own = WebhookSecret::new(secret.unwrap_or("theirs"));
        webhooks.renew(&webhook, Some(&own)).await.unwrap();
        let sent = sent(&transport);
        assert_eq!((&sent[1].2["name"], &sent[1].2["targetUrl"]), (&name.into(), &"http://app.example/webex".into()));
        assert_eq!(sent[1].2.get("secret").and_then(Value::as_str), secret);
        assert_eq!(sent[2].2["secret"], own.expose());
        // what is new is as strict as for a new webhook
        let mut changed = WebhookChange::of(&webhook).unwrap();
        changed.name = "  ".to_owned();
        let other = WebhookSecret::new("other");
        let told = secret.is_some();
        for bad in [changed, WebhookChange::of(&webhook).unwrap().with_secret(other.clone())] {
            let error = webhooks.update(&webhook.id, &bad, once()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{bad:?}");
        }
        if told {
            let error = webhooks.renew(&webhook, Some(&other)).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
        }
        assert_eq!(transport.requests().len(), 3);
    }
}

#[tokio::test]
async fn the_watchdog_turns_on_what_others_named_badly() {
    let off = with(with(shown("w", "ended"), "status", "inactive"), "name", "");
    let (webhooks, transport) = webhooks(vec![listed(&[off]), Step::json(200, &shown("w", "ended"))]);
    let watch = Watchdog::new(webhooks, [wanted(Event::Ended)]).run_once().await.unwrap();
    assert!(matches!(watch.webhooks[0].outcome, Outcome::Renewed), "{watch:?}");
    assert_eq!(transport.requests().len(), 2);
}

/// An answer without `ownedBy` is about what was asked; where nothing was, nobody knows.
#[tokio::test]
async fn whose_a_webhook_is_comes_from_the_answer_or_the_question() {
    let mut silent = shown("w", "ended");
    silent.as_object_mut().unwrap().remove("ownedBy");
    let reply = || Step::json(200, &silent);
    let (all, _) = webhooks(vec![listed(&[silent.clone()]), listed(&[silent.clone()]), reply(), reply(), reply()]);
    for owner in [Owner::Creator, Owner::Organization] {
        assert_eq!(all.list(&owner).await.unwrap()[0].owner, Some(owner));
    }
    let read = all.read(&WebhookId::parse("w").unwrap()).await.unwrap();
    assert_eq!(read.owner, None);
    let made = all.create(&wanted(Event::Ended).for_organization(), once()).await.unwrap();
    assert_eq!(made.owner, Some(Owner::Organization));
    assert_eq!(all.renew(&made, None).await.unwrap().owner, Some(Owner::Organization));
    // so the organisation's is found, and not made a second time
    let (all, transport) = webhooks(vec![listed(&[silent])]);
    let done = all.ensure(&[wanted(Event::Ended).for_organization()]).await.unwrap();
    assert!(matches!(done[0].outcome, Outcome::Kept), "{done:?}");
    assert_eq!(transport.requests().len(), 1);
}

#[tokio::test]
async fn mistakes_are_refused_before_anything_is_sent() {
    let (webhooks, transport) = webhooks(Vec::new());
    for bad in [
        wanted(Event::Joined),
        wanted(Event::from("all")),
        wanted(Event::Ended).with_secret(WebhookSecret::new("short")),
        wanted(Event::Ended).with_filter(Filter::new().id("a&state=ended")),
        wanted(Event::Ended).with_filter(Filter::new().host_user_id("Y2lz")),
    ] {
        assert_eq!(webhooks.create(&bad, once()).await.unwrap_err().kind(), ErrorKind::InvalidInput, "{bad:?}");
        assert_eq!(webhooks.ensure(&[bad]).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    let twice =
        [wanted(Event::Ended), NewWebhook::new("Other", TARGET.parse().unwrap(), Resource::Meetings, Event::Ended)];
    assert_eq!(webhooks.ensure(&twice).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    let bad = WebhookChange::new("", TARGET.parse().unwrap());
    let id = WebhookId::parse("w").unwrap();
    assert_eq!(webhooks.update(&id, &bad, once()).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!(transport.requests().is_empty());
}

#[tokio::test]
async fn a_lost_create_is_not_sent_again() {
    let (webhooks, transport) = webhooks(vec![Step::fails(Sent::Maybe), Step::reply(200)]);
    let error = webhooks.create(&wanted(Event::Ended), WriteOptions::new()).await.unwrap_err();
    assert!(matches!(error.retry(), RetryClass::Unclear { .. }));
    assert_eq!(transport.requests().len(), 1);
}

#[tokio::test]
async fn what_is_there_is_left_alone() {
    let there = [
        with(shown("other", "ended"), "targetUrl", "https://app.example/other"),
        with(shown("filtered", "ended"), "filter", "state=ended"),
        with(shown("w", "ended"), "targetUrl", "HTTPS://app.example:443/webex"),
    ];
    let (webhooks, transport) = webhooks(vec![listed(&there)]);
    let done = webhooks.ensure(&[wanted(Event::Ended)]).await.unwrap();
    assert!(matches!(done[0].outcome, Outcome::Kept), "{done:?}");
    assert_eq!((done[0].id.as_ref().unwrap().as_str(), done[0].removed.len()), ("w", 0));
    assert_eq!(transport.requests().len(), 1);
}

#[tokio::test]
async fn what_is_missing_off_or_signed_otherwise_is_mended() {
    let there = [
        with(shown("off", "started"), "status", "inactive"),
        with(shown("old", "ended"), "secret", "the old secret of 2025"),
    ];
    let (webhooks, transport) = webhooks(vec![
        listed(&there),
        Step::json(200, &shown("new", "created")),
        Step::json(200, &shown("off", "started")),
        Step::json(200, &shown("old", "ended")),
    ]);
    let set = wanted(Event::Created).with_secret(WebhookSecret::new(SECRET));
    let set = set.each([Event::Created, Event::Started, Event::Ended]);
    let watch = Watchdog::new(webhooks, set).run_once().await.unwrap();
    assert!(watch.has_gap() && watch.failed().next().is_none());
    let outcomes: Vec<_> = watch.webhooks.iter().map(|one| format!("{:?}", one.outcome)).collect();
    assert_eq!(outcomes, ["Created", "Renewed", "Changed"]);
    let sent = sent(&transport);
    assert_eq!((sent[1].0.as_str(), &sent[1].2["event"]), ("POST", &json!("created")));
    assert_eq!(
        (sent[2].0.as_str(), &sent[2].2["status"], &sent[2].2["secret"]),
        ("PUT", &json!("active"), &json!(SECRET))
    );
    assert_eq!((sent[3].0.as_str(), &sent[3].2["status"], &sent[3].2["secret"]), ("PUT", &Value::Null, &json!(SECRET)));
}

#[tokio::test]
async fn one_that_is_not_signed_is_signed_and_leaves_a_gap() {
    let (webhooks, transport) = webhooks(vec![
        listed(&[with(shown("w", "ended"), "secret", Value::Null)]),
        Step::json(200, &shown("w", "ended")),
    ]);
    let set = [wanted(Event::Ended).with_secret(WebhookSecret::new(SECRET))];
    let watch = Watchdog::new(webhooks, set).run_once().await.unwrap();
    assert!(matches!(watch.webhooks[0].outcome, Outcome::Changed) && watch.has_gap(), "{watch:?}");
    assert_eq!(sent(&transport)[1].2["secret"], json!(SECRET));
}

#[tokio::test]
async fn two_of_a_kind_become_the_oldest_one() {
    let made = |id: &str, at: &str| with(shown(id, "ended"), "created", at);
    let there =
        [made("b", "2026-01-02T00:00:00Z"), made("c", "2026-01-01T00:00:00Z"), made("a", "2026-01-02T00:00:00Z")];
    // another machine has deleted one of them meanwhile
    let (webhooks, transport) = webhooks(vec![listed(&there), Step::reply(204), Step::reply(404)]);
    let done = webhooks.ensure(&[wanted(Event::Ended)]).await.unwrap();
    assert_eq!(done[0].id.as_ref().unwrap().as_str(), "c");
    assert_eq!(done[0].removed.iter().map(WebhookId::as_str).collect::<Vec<_>>(), ["a"]);
    let paths: Vec<_> = sent(&transport).into_iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    assert_eq!(paths[1..], ["DELETE /v1/webhooks/a", "DELETE /v1/webhooks/b"]);
}

#[tokio::test]
async fn nothing_is_made_or_deleted_on_a_guess() {
    // a listing that cannot be read, or is cut off, tells of nothing that is missing
    for steps in [
        vec![Step::json(200, &json!({}))],
        vec![Step::json(200, &json!({ "items": [{ "name": "no id" }] }))],
        vec![listed(&[]).with_header("link", "<https://evil.example/v1/webhooks>; rel=\"next\"")],
        vec![Step::reply(403)],
    ] {
        let (webhooks, transport) = webhooks(steps);
        webhooks.ensure(&[wanted(Event::Ended)]).await.unwrap_err();
        assert_eq!(transport.requests().len(), 1);
    }
    // where the one that stays could not be turned on, its double is not deleted
    let off = [with(shown("a", "ended"), "status", "inactive"), shown("b", "ended")];
    let (webhooks, transport) = webhooks(vec![listed(&off), Step::reply(400)]);
    let watch = Watchdog::new(webhooks, [wanted(Event::Ended)]).run_once().await.unwrap();
    assert_eq!((watch.failed().count(), watch.has_gap()), (1, true));
    assert_eq!(transport.requests().len(), 2);
}

#[tokio::test]
async fn one_that_fails_does_not_stop_the_rest_and_one_that_is_gone_is_made() {
    let off = [with(shown("gone", "started"), "status", "inactive")];
    let (webhooks, transport) =
        webhooks(vec![listed(&off), Step::reply(403), Step::reply(404), Step::json(200, &shown("new", "started"))]);
    let done = webhooks.ensure(&wanted(Event::Created).each([Event::Created, Event::Started])).await.unwrap();
    assert!(matches!(&done[0].outcome, Outcome::Failed(error) if error.kind() == ErrorKind::PermissionDenied));
    assert!(matches!(done[1].outcome, Outcome::Created));
    assert_eq!((done[0].id.is_none(), done[1].id.as_ref().unwrap().as_str()), (true, "new"));
    assert_eq!(transport.requests().len(), 4);
}

#[tokio::test]
async fn the_organisations_are_listed_apart() {
    let organization = with(shown("org", "ended"), "ownedBy", "org");
    let (webhooks, transport) =
        webhooks(vec![listed(&[shown("own", "started"), organization.clone()]), listed(&[organization])]);
    let set = [wanted(Event::Started), wanted(Event::Ended).for_organization()];
    let done = webhooks.ensure(&set).await.unwrap();
    assert!(done.iter().all(|one| matches!(one.outcome, Outcome::Kept) && one.removed.is_empty()), "{done:?}");
    let paths: Vec<_> = sent(&transport).into_iter().map(|(_, path, _)| path).collect();
    assert_eq!(paths, ["/v1/webhooks?max=100", "/v1/webhooks?max=100&ownedBy=org"]);
}

#[tokio::test]
async fn no_secret_and_no_path_is_shown() {
    let (webhooks, _) = webhooks(vec![Step::json(200, &with(shown("w", "ended"), "secret", "planted-secret-abc"))]);
    let webhook = webhooks.read(&WebhookId::parse("w").unwrap()).await.unwrap();
    let new = NewWebhook::new("n", "https://app.example/planted".parse().unwrap(), Resource::Meetings, Event::Ended);
    let change = WebhookChange::of(&webhook).unwrap();
    let text = format!("{webhook:?} {:?} {change:?}", new.with_secret(WebhookSecret::new("planted-secret-abc")));
    assert!(!text.contains("planted") && !text.contains("/webex"), "{text}");
}
