//! onlineMeetings.

use meetings_sandbox::{MicrosoftUser, defaults};
use serde_json::json;

use crate::bench::Bench;

const PLAIN: &str = "POST {me}/onlineMeetings";
const CREATE_OR_GET: &str = "POST {me}/onlineMeetings/createOrGet";

fn encoded(id: &str) -> String {
    percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[tokio::test]
async fn create_or_get_creates_once_and_does_not_apply_the_second_body() {
    let bench = Bench::granted().await;
    let first = bench.graph(CREATE_OR_GET, Some(json!({ "externalId": "lesson-1", "subject": "Maths" }))).await;
    let second = bench.graph(CREATE_OR_GET, Some(json!({ "externalId": "lesson-1", "subject": "Other" }))).await;
    assert_eq!((first.status, second.status), (201, 200));
    assert_eq!((second.text("/id"), second.text("/subject")), (first.text("/id"), "Maths"));
    assert_eq!(first.text("/startDateTime"), "2027-03-01T09:00:00.0000000Z");
    assert_eq!(first.text("/endDateTime"), "2027-03-01T10:00:00.0000000Z");
    assert!(first.text("/joinWebUrl").starts_with("https://teams.microsoft.com/l/meetup-join/19%3ameeting_"));
}

#[tokio::test]
async fn external_ids_belong_to_their_organizer() {
    let bench = Bench::granted().await;
    let ada = bench.sandbox.add_microsoft_user(&MicrosoftUser::new("ada@contoso.example"));
    bench.sandbox.grant_access_policy(&ada);
    let body = json!({ "externalId": "same" });
    let ours = bench.graph(CREATE_OR_GET, Some(body.clone())).await;
    let hers = bench.graph(&format!("POST /v1.0/users/{ada}/onlineMeetings/createOrGet"), Some(body)).await;
    assert_eq!((ours.status, hers.status), (201, 201));
    assert_ne!(ours.text("/id"), hers.text("/id"));
}

#[tokio::test]
async fn create_or_get_after_a_delete_makes_a_new_meeting() {
    let bench = Bench::granted().await;
    let first = bench.graph(CREATE_OR_GET, Some(json!({ "externalId": "k" }))).await;
    let path = format!("{{me}}/onlineMeetings/{}", encoded(first.text("/id")));
    assert_eq!(bench.graph(&format!("DELETE {path}"), None).await.status, 204);
    assert_eq!(bench.graph(&format!("GET {path}"), None).await.status, 404);
    assert_eq!(bench.graph(&format!("DELETE {path}"), None).await.status, 404);
    let second = bench.graph(CREATE_OR_GET, Some(json!({ "externalId": "k" }))).await;
    assert_eq!(second.status, 201);
    assert_ne!(second.text("/id"), first.text("/id"));
    let meetings = &bench.sandbox.state()["meetings"];
    assert_eq!((&meetings[0]["deleted"], &meetings[1]["deleted"]), (&json!(true), &json!(false)));
    assert_eq!(meetings[1]["createdCount"], 2);
}

#[tokio::test]
async fn applications_need_the_access_policy_and_users_do_not() {
    let bench = Bench::new().await;
    let body = || Some(json!({ "externalId": "k" }));
    let create = bench.graph(PLAIN, body()).await;
    assert_eq!((create.status, create.code()), (403, "Unauthorized"));
    assert!(create.text("/error/message").contains("is not authorized to Create meeting on behalf of user"));
    let or_get = bench.graph(CREATE_OR_GET, body()).await;
    assert_eq!((or_get.status, or_get.code()), (403, "Forbidden"));
    assert_eq!(or_get.text("/error/message"), "No application access policy found for this app.");
    assert_eq!(bench.graph("GET {me}/onlineMeetings/x", None).await.code(), "General");
    let organizer = bench.user_token(defaults::ORGANIZER);
    assert_eq!(bench.call(&organizer, "POST /v1.0/me/onlineMeetings", &[], body()).await.status, 201);

    let grant = json!({ "grant": [defaults::ORGANIZER], "settling_requests": 1 });
    bench.control("POST /_sandbox/policies", Some(grant)).await;
    let settling = bench.graph(CREATE_OR_GET, body()).await;
    assert_eq!((settling.status, settling.text("/error/message")), (400, "1026: An error has occurred."));
    assert_eq!(bench.graph(CREATE_OR_GET, body()).await.status, 200, "the user's own meeting is found");
}

#[tokio::test]
async fn only_object_ids_name_an_organizer() {
    let bench = Bench::granted().await;
    let reply = bench.graph("POST /v1.0/users/organizer@contoso.example/onlineMeetings", Some(json!({}))).await;
    assert_eq!(reply.status, 404);
}

#[tokio::test]
async fn start_and_end_change_together_and_attendees_are_replaced_whole() {
    let bench = Bench::granted().await;
    let attendee = |address: &str| json!({ "upn": address, "role": "attendee" });
    let both = [attendee("ada@contoso.example"), attendee("bert@contoso.example")];
    let made = bench.graph(PLAIN, Some(json!({ "subject": "x", "participants": { "attendees": both } }))).await;
    let path = format!("PATCH {{me}}/onlineMeetings/{}", encoded(made.text("/id")));
    let alone = bench.graph(&path, Some(json!({ "startDateTime": "2027-03-02T10:00:00Z" }))).await;
    assert_eq!(alone.status, 400);
    let times = json!({ "startDateTime": "2027-03-02T10:00:00+02:00", "endDateTime": "2027-03-02T11:00:00+02:00" });
    let moved = bench.graph(&path, Some(times)).await;
    assert_eq!((moved.status, moved.text("/startDateTime")), (200, "2027-03-02T08:00:00.0000000Z"));
    assert_eq!(moved.text("/joinWebUrl"), made.text("/joinWebUrl"));
    let one = json!({ "participants": { "attendees": [attendee("carla@contoso.example")] } });
    let replaced = bench.graph(&path, Some(one)).await;
    let attendees = replaced.body["participants"]["attendees"].as_array().expect("a list").clone();
    assert_eq!(attendees.len(), 1);
    assert_eq!(attendees[0]["upn"], "carla@contoso.example");
    assert!(bench.sandbox.mails().is_empty(), "onlineMeetings never mail anybody");
}

#[tokio::test]
async fn evolved_enum_members_are_told_only_to_those_who_ask() {
    let bench = Bench::granted().await;
    let body =
        json!({ "lobbyBypassSettings": { "scope": "ORGANIZATIONEXCLUDINGGUESTS" }, "allowedPresenters": "Organizer" });
    let made = bench.graph(PLAIN, Some(body)).await;
    assert_eq!(made.text("/lobbyBypassSettings/scope"), "unknownFutureValue");
    assert_eq!(made.text("/allowedPresenters"), "organizer");
    let path = format!("GET {{me}}/onlineMeetings/{}", encoded(made.text("/id")));
    let prefer = [("prefer", "outlook.timezone=\"UTC\", include-unknown-enum-members")];
    let asked = bench.graph_with(&path, &prefer, None).await;
    assert_eq!(asked.text("/lobbyBypassSettings/scope"), "organizationExcludingGuests");
    assert!(asked.header("preference-applied").contains("include-unknown-enum-members"));
}

#[tokio::test]
async fn a_meeting_is_found_by_its_link_and_there_is_no_other_listing() {
    let bench = Bench::granted().await;
    let made = bench.graph(PLAIN, Some(json!({ "subject": "x" }))).await;
    let link = encoded(made.text("/joinWebUrl"));
    let filter = encoded(&format!("JoinWebUrl eq '{link}'"));
    let found = bench.graph(&format!("GET {{me}}/onlineMeetings?$filter={filter}"), None).await;
    assert_eq!(found.text("/value/0/id"), made.text("/id"));
    let none = bench.graph("GET {me}/onlineMeetings?$filter=JoinWebUrl%20eq%20'https%3A%2F%2Fx'", None).await;
    assert_eq!(none.body["value"], json!([]));
    assert_eq!(bench.graph("GET {me}/onlineMeetings", None).await.status, 400);
}

#[tokio::test]
async fn attendees_may_read_and_not_change() {
    let bench = Bench::granted().await;
    let ada = bench.sandbox.add_microsoft_user(&MicrosoftUser::new("ada@contoso.example"));
    let attendees = json!([{ "identity": { "user": { "id": ada } }, "role": "presenter" }]);
    let made = bench.graph(PLAIN, Some(json!({ "participants": { "attendees": attendees } }))).await;
    let token = bench.user_token("ada@contoso.example");
    let path = format!("/v1.0/me/onlineMeetings/{}", encoded(made.text("/id")));
    assert_eq!(bench.call(&token, &format!("GET {path}"), &[], None).await.status, 200);
    assert_eq!(bench.call(&token, &format!("DELETE {path}"), &[], None).await.status, 403);
}

#[tokio::test]
async fn bad_bodies_are_refused() {
    let bench = Bench::granted().await;
    for body in [
        json!({ "endDateTime": "2027-03-02T10:00:00Z" }),
        json!({ "startDateTime": "2027-03-02T10:00:00Z", "endDateTime": "2027-03-02T09:00:00Z" }),
        json!({ "startDateTime": "tomorrow" }),
        json!({ "lobbyBypassSettings": { "scope": "nobody" } }),
        json!({ "participants": { "attendees": [{ "upn": "who@else.example", "role": "presenter" }] } }),
    ] {
        assert_eq!(bench.graph(PLAIN, Some(body.clone())).await.status, 400, "{body}");
    }
    assert_eq!(bench.graph(CREATE_OR_GET, Some(json!({ "subject": "x" }))).await.status, 400);
}

#[tokio::test]
async fn settings_are_kept_read_back_and_taken_back() {
    let bench = Bench::granted().await;
    let made = bench.graph(PLAIN, Some(json!({ "subject": "x", "allowWhiteboard": false }))).await;
    assert_eq!(made.body["allowWhiteboard"], false);
    let path = format!("PATCH {{me}}/onlineMeetings/{}", encoded(made.text("/id")));
    let body = json!({
        "allowedLobbyAdmitters": "ORGANIZERANDCOORGANIZERS",
        "lobbyBypassSettings": { "isDialInBypassEnabled": true },
        "watermarkProtection": { "isEnabledForVideo": true },
        "expiryDateTime": "2027-12-01T00:00:00Z",
        "recordAutomatically": true,
    });
    let set = bench.graph(&path, Some(body)).await;
    assert_eq!(set.text("/allowedLobbyAdmitters"), "organizerAndCoOrganizers");
    assert_eq!(set.body["lobbyBypassSettings"], json!({ "scope": "organization", "isDialInBypassEnabled": true }));
    assert_eq!(
        (&set.body["watermarkProtection"]["isEnabledForVideo"], &set.body["allowWhiteboard"]),
        (&json!(true), &json!(false))
    );
    let back = bench.graph(&path, Some(json!({ "recordAutomatically": null, "expiryDateTime": null }))).await;
    assert_eq!((&back.body["recordAutomatically"], back.body.get("expiryDateTime")), (&json!(false), None));
    for bad in [
        json!({ "allowWhiteboard": "no" }),
        json!({ "expiryDateTime": "soon" }),
        json!({ "lobbyBypassSettings": "everyone" }),
        json!({ "allowMeetingChat": "unknownFutureValue" }),
    ] {
        assert_eq!(bench.graph(&path, Some(bad.clone())).await.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn what_is_fixed_at_creation_cannot_be_changed() {
    let bench = Bench::granted().await;
    let body = json!({ "subject": "x", "joinMeetingIdSettings": { "isPasscodeRequired": true } });
    let made = bench.graph(PLAIN, Some(body)).await;
    assert_eq!(made.text("/joinMeetingIdSettings/passcode").len(), 6);
    let path = format!("PATCH {{me}}/onlineMeetings/{}", encoded(made.text("/id")));
    let other = json!({ "participants": { "organizer": { "identity": { "user": { "id": "somebody else" } } } } });
    for fixed in
        [json!({ "joinMeetingIdSettings": { "isPasscodeRequired": false } }), json!({ "externalId": "k" }), other]
    {
        assert_eq!(bench.graph(&path, Some(fixed.clone())).await.status, 400, "{fixed}");
    }
    let own = json!({ "participants": { "organizer": made.body["participants"]["organizer"] } });
    assert_eq!(bench.graph(&path, Some(own)).await.status, 200);
}

#[tokio::test]
async fn create_or_get_takes_its_declared_parameters_only() {
    let bench = Bench::granted().await;
    let body = json!({
        "externalId": "k", "allowWhiteboard": false, "joinMeetingIdSettings": { "isPasscodeRequired": true },
    });
    let made = bench.graph(CREATE_OR_GET, Some(body)).await;
    assert_eq!((made.status, &made.body["joinMeetingIdSettings"]["isPasscodeRequired"]), (201, &json!(false)));
    assert!(made.body.get("allowWhiteboard").is_none());
}

#[tokio::test]
async fn a_running_meeting_takes_only_some_changes() {
    let bench = Bench::granted().await;
    let made = bench.graph(PLAIN, Some(json!({ "subject": "x" }))).await;
    let run = |running: bool| Some(json!({ "id": made.text("/id"), "in_progress": running }));
    assert_eq!(bench.control("POST /_sandbox/meetings", run(true)).await.status, 200);
    let path = format!("PATCH {{me}}/onlineMeetings/{}", encoded(made.text("/id")));
    let later = || Some(json!({ "subject": "y" }));
    assert_eq!(bench.graph(&path, later()).await.status, 400);
    let now = json!({ "lobbyBypassSettings": { "scope": "everyone" }, "allowMeetingChat": "disabled" });
    assert_eq!(bench.graph(&path, Some(now)).await.status, 200);
    bench.control("POST /_sandbox/meetings", run(false)).await;
    assert_eq!(bench.graph(&path, later()).await.text("/subject"), "y");
}

#[tokio::test]
async fn the_meeting_behind_an_event_is_found_by_its_organizer_and_may_come_late() {
    let bench = Bench::granted().await;
    let ada = bench.sandbox.add_microsoft_user(&MicrosoftUser::new("ada@contoso.example"));
    bench.sandbox.grant_access_policy(&ada);
    bench.control("POST /_sandbox/graph", Some(json!({ "meeting_hidden_reads": 1 }))).await;
    let at = |hour: u32| json!({ "dateTime": format!("2027-03-02T{hour}:00:00"), "timeZone": "UTC" });
    let body = json!({ "subject": "x", "start": at(10), "end": at(11), "isOnlineMeeting": true });
    let event = bench.graph("POST {me}/events", Some(body)).await;
    let filter = encoded(&format!("JoinWebUrl eq '{}'", encoded(event.text("/onlineMeeting/joinUrl"))));
    let own = format!("GET {{me}}/onlineMeetings?$filter={filter}");
    assert_eq!(bench.graph(&own, None).await.body["value"], json!([]));
    assert_eq!(bench.graph(&own, None).await.text("/value/0/subject"), "x");
    let hers = format!("GET /v1.0/users/{ada}/onlineMeetings?$filter={filter}");
    assert_eq!(bench.graph(&hers, None).await.body["value"], json!([]));
}
