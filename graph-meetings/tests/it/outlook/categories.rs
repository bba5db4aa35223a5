use graph_meetings::outlook::{CategoryColor, CategoryOutcome, EventCategory, EventPatch};
use invitations_core::ErrorKind;
use meetings_http::Step;
use meetings_sandbox::{Fault, defaults::ORGANIZER};
use serde_json::json;

use super::organizers;
use crate::support::{control, fault, graph, marker, options, outlook_event, sandbox, scripted, seen, user};

fn colored(name: &str) -> EventCategory {
    EventCategory::new(name).with_color(CategoryColor::Teal)
}

#[tokio::test]
async fn categories_get_their_colours_once_and_keep_what_their_user_chose() {
    let sandbox = sandbox().await;
    let calendars = graph(&sandbox).calendars_of(&user(ORGANIZER));
    let draft =
        outlook_event().with_category(colored("Lessons")).with_category(colored("RED category")).with_category("Plain");
    let made = organizers(&sandbox).create(&marker("a"), &draft, options()).await.unwrap();
    let outcomes: Vec<_> = made.categories.iter().map(|one| &one.outcome).collect();
    assert!(
        matches!(outcomes[..], [CategoryOutcome::Added, CategoryOutcome::Listed, CategoryOutcome::NotAsked]),
        "{outcomes:?}"
    );
    assert_eq!(
        (made.event.categories, seen(&sandbox, "graph.masterCategories.create")),
        (vec!["Lessons".to_owned(), "RED category".to_owned(), "Plain".to_owned()], 1)
    );
    let list = calendars.categories().await.unwrap();
    let color = |name: &str| list.iter().find(|one| one.is(name)).map(|one| one.color.clone());
    assert_eq!(color("lessons"), Some(CategoryColor::Teal));
    assert_eq!(color("Red category"), Some(CategoryColor::Red), "its user's colour stays");
    assert_eq!(color("Plain"), None);
    let again = calendars.ensure_category(&colored("LESSONS"), options()).await.unwrap();
    assert_eq!(again.name, "Lessons");
}

#[tokio::test]
async fn without_the_permission_the_event_is_written_and_the_outcome_says_so() {
    let sandbox = sandbox().await;
    control(&sandbox, "graph", json!({ "categories_denied": true })).await;
    let calendars = graph(&sandbox).calendars_of(&user(ORGANIZER));
    let events = organizers(&sandbox);
    let draft = outlook_event().with_category(colored("Lessons")).with_category(colored("Second"));
    let made = events.create(&marker("a"), &draft, options()).await.unwrap();
    assert_eq!(made.event.categories, ["Lessons", "Second"]);
    for written in &made.categories {
        let CategoryOutcome::NameOnly(error) = &written.outcome else { panic!("{written:?}") };
        assert_eq!((error.kind(), error.status()), (ErrorKind::PermissionDenied, Some(403)));
        assert!(error.remedy().unwrap().action.contains("MailboxSettings.ReadWrite"));
    }
    assert!(made.remedy().is_some());
    assert_eq!(seen(&sandbox, "graph.masterCategories.list"), 1, "refused once, not asked again");
    let patch = EventPatch::new().with_categories(vec![colored("Third")]);
    let patched = events.patch(&made.event.id, &patch, options()).await.unwrap();
    assert_eq!(patched.event.categories, ["Third"]);
    assert!(matches!(patched.categories[0].outcome, CategoryOutcome::NameOnly(_)));
    let error = calendars.ensure_category(&colored("Lessons"), options()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert_eq!(calendars.categories().await.unwrap_err().kind(), ErrorKind::PermissionDenied);
}

#[tokio::test]
async fn names_alone_ask_for_no_list() {
    let sandbox = sandbox().await;
    organizers(&sandbox).create(&marker("a"), &outlook_event().with_category("Plain"), options()).await.unwrap();
    assert_eq!(seen(&sandbox, "graph.masterCategories.list"), 0);
}

#[tokio::test]
async fn a_list_that_fails_holds_no_event_up() {
    let sandbox = sandbox().await;
    fault(&sandbox, "graph.masterCategories.create", Fault::StatusBefore { status: 500, retry_after: None });
    let draft = outlook_event().with_category(colored("Lessons"));
    let made = organizers(&sandbox).create(&marker("a"), &draft, options()).await.unwrap();
    assert!(matches!(made.categories[0].outcome, CategoryOutcome::NameOnly(_)));
    assert_eq!(made.event.categories, ["Lessons"]);
}

#[tokio::test]
async fn two_who_add_the_same_category_both_have_it() {
    let list = |name: Option<&str>| {
        let found: Vec<_> =
            name.iter().map(|name| json!({ "id": "c", "displayName": name, "color": "Preset5" })).collect();
        Step::json(200, &json!({ "value": found }))
    };
    let (graph, _, _) = scripted(vec![list(None), Step::reply(409), list(Some("Lessons"))]);
    let found = graph.calendars_of(&user("u")).ensure_category(&colored("Lessons"), options()).await.unwrap();
    assert_eq!(found.color, CategoryColor::Teal);
}
