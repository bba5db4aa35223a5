use invitations_core::ErrorKind;
use serde_json::Value;

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn range(from: &str, until: &str) -> TimeRange {
    TimeRange::new(at(&format!("2026-07-15T{from}Z")), at(&format!("2026-07-15T{until}Z")))
}

fn addresses(names: &[&str]) -> Vec<EmailAddress> {
    names.iter().map(|name| EmailAddress::parse(format!("{name}@contoso.example")).unwrap()).collect()
}

/// What becomes of one reply about Ada, from nine to ten.
fn told(value: &Value) -> Availability {
    let who = addresses(&["ada"]);
    let window = range("09:00:00", "10:00:00");
    let reply = Response::new(Bytes::from(json!({ "value": value }).to_string()));
    let mut gathered = Gathered::new(&who);
    gathered.add(window, read("read availability", &reply).unwrap());
    gathered.finish(&who, window).remove(0)
}

fn ada(view: &str, items: &Value) -> Value {
    json!([{ "scheduleId": "ada@contoso.example", "availabilityView": view, "scheduleItems": items }])
}

fn item(status: &str, from: &str, until: &str, zone: &str) -> Value {
    let moment = |time: &str| json!({ "dateTime": format!("2026-07-15T{time}.0000000"), "timeZone": zone });
    json!({ "status": status, "start": moment(from), "end": moment(until), "subject": "x", "isPrivate": true })
}

#[test]
fn a_window_is_asked_for_in_whole_steps_and_parts_that_graph_takes() {
    let windows = |from: &str, until: &str| windows("read availability", TimeRange::new(at(from), at(until)));
    let parts = windows("2026-01-01T09:02:03Z", "2026-03-01T09:57:01Z").unwrap();
    let expected = [("2026-01-01T09:00:00Z", "2026-02-12T09:00:00Z"), ("2026-02-12T09:00:00Z", "2026-03-01T10:00:00Z")];
    assert_eq!(parts, expected.map(|(from, until)| TimeRange::new(at(from), at(until))));
    assert_eq!(windows("2026-01-01T00:00:00Z", "2026-02-12T00:00:00Z").unwrap().len(), 1);
    assert_eq!(windows("2026-01-01T00:00:00Z", "2026-02-12T00:00:01Z").unwrap().len(), 2);
    for (from, until) in [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2026-01-01T00:00:00Z", "2031-01-01T00:00:00Z"),
    ] {
        assert_eq!(windows(from, until).unwrap_err().kind(), ErrorKind::InvalidInput, "{from} {until}");
    }
    let ends =
        super::windows("read availability", TimeRange::new(at("2026-01-01T00:00:00Z"), DateTime::<Utc>::MAX_UTC));
    assert!(ends.is_err());
    let last = TimeRange::new(DateTime::<Utc>::MAX_UTC - Duration::days(1), DateTime::<Utc>::MAX_UTC);
    assert!(super::windows("read availability", last).is_err());
}

#[test]
fn a_request_names_few_people_and_says_utc() {
    let names: Vec<String> = (0..45).map(|n| format!("p{n}")).collect();
    let mut who = addresses(&names.iter().map(String::as_str).collect::<Vec<_>>());
    who.extend(who.clone());
    let batches = Gathered::new(&who).batches();
    assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [20, 20, 5]);
    let sent = request(&Owner::SignedIn, &batches[2][..1], range("09:00:00", "10:00:00")).unwrap();
    assert_eq!(sent.uri(), "/v1.0/me/calendar/getSchedule");
    let expected = json!({
        "schedules": [batches[2][0]],
        "startTime": { "dateTime": "2026-07-15T09:00:00", "timeZone": "UTC" },
        "endTime": { "dateTime": "2026-07-15T10:00:00", "timeZone": "UTC" },
        "availabilityViewInterval": 5,
    });
    assert_eq!(serde_json::from_slice::<Value>(sent.body()).unwrap(), expected);
}

#[test]
fn digits_and_items_both_count_and_the_one_that_promises_less_wins() {
    let items = json!([
        item("tentative", "11:20:00", "11:30:00", "W. Europe Standard Time"),
        item("Oof", "09:32:00", "09:33:00", "UTC"),
        item("free", "09:45:00", "09:50:00", "UTC"),
        item("somethingNew", "09:55:00", "10:30:00", "UTC"),
    ]);
    let known = told(&ada("002014970000", &items));
    for (from, until, expected) in [
        ("09:00:00", "09:10:00", Busy::Free),
        ("09:10:00", "09:15:00", Busy::Busy),
        ("09:15:00", "09:20:00", Busy::Free),
        // the item in Berlin's time says the same as the digits
        ("09:20:00", "09:30:00", Busy::Tentative),
        // nine and seven are no digits that are known
        ("09:30:00", "09:31:00", Busy::Unknown),
        ("09:32:00", "09:33:00", Busy::Busy),
        ("09:35:00", "09:40:00", Busy::Unknown),
        ("09:40:00", "09:55:00", Busy::Free),
        ("09:55:00", "10:00:00", Busy::Unknown),
    ] {
        assert_eq!(known.standing(range(from, until)), expected, "{from}");
    }
}

#[test]
fn nothing_is_free_that_graph_did_not_say() {
    let whole = range("09:00:00", "10:00:00");
    let no_items = json!([]);
    let everything_free = "000000000000";
    let failed = json!([{ "scheduleId": "ada@contoso.example", "availabilityView": everything_free, "scheduleItems": [],
        "error": { "message": "x", "responseCode": "ErrorMailRecipientNotFound" } }]);
    let nameless = json!([{ "scheduleId": null, "availabilityView": everything_free }]);
    let other = json!([{ "scheduleId": "eve@contoso.example", "availabilityView": everything_free }]);
    for (what, value) in [
        ("an error", failed),
        ("left out", json!([])),
        ("without a name", nameless),
        ("somebody else", other),
        ("no view", ada("", &no_items)),
        ("no view but items", ada("", &json!([item("free", "09:00:00", "10:00:00", "UTC")]))),
        ("a view that is too short", ada("00000000000", &no_items)),
        ("a view of other letters", ada("free0free000", &no_items)),
        ("an item without a time", ada(everything_free, &json!([{ "status": "busy" }]))),
        (
            "an item in no known zone",
            ada(everything_free, &json!([item("busy", "09:00:00", "10:00:00", "tzone://Microsoft/Custom")])),
        ),
        (
            "an item that ends before it begins",
            ada(everything_free, &json!([item("busy", "10:00:00", "09:00:00", "UTC")])),
        ),
        ("an item without a status", ada(everything_free, &json!([item("", "09:00:00", "09:01:00", "UTC")]))),
    ] {
        assert_eq!(told(&value).standing(whole), Busy::Unknown, "{what}");
    }
    assert_eq!(told(&ada(everything_free, &no_items)).standing(whole), Busy::Free);
    assert_eq!(told(&ada("00000000000000000000000", &no_items)).standing(whole), Busy::Free);
    let loud =
        json!([{ "scheduleId": "ADA@contoso.example", "availabilityView": everything_free, "scheduleItems": null }]);
    assert_eq!(told(&loud).standing(whole), Busy::Free);
    // told twice: the one that promises less
    let twice = json!([ada(everything_free, &no_items)[0], ada("020000000000", &no_items)[0]]);
    assert_eq!(told(&twice).standing(whole), Busy::Busy);
}
