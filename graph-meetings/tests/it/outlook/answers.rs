use graph_meetings::outlook::{Answer, Forward, ProposedTime, Response};
use invitations_core::ErrorKind;
use meetings_sandbox::defaults::ORGANIZER;

use super::{BERT, mails_since, of, organizers, required};
use crate::support::{ADA, attendee, marker, options, outlook_event, sandbox, utc};

fn later() -> ProposedTime {
    ProposedTime::new(utc("2026-07-16T09:00:00Z"), utc("2026-07-16T10:00:00Z"))
}

#[tokio::test]
async fn each_answer_reaches_the_organizer_unless_it_is_silent() {
    for (verb, response) in [
        ("accept", Response::Accepted),
        ("tentatively_accept", Response::TentativelyAccepted),
        ("decline", Response::Declined),
    ] {
        for silent in [false, true] {
            let sandbox = sandbox().await;
            let (mine, theirs) = (organizers(&sandbox), of(&sandbox, ADA));
            let draft = outlook_event().with_attendee(required(ADA));
            let made = mine.create(&marker("a"), &draft, options()).await.unwrap().event;
            let copy = theirs.list(None).await.unwrap().items.remove(0);
            assert_eq!(copy.response.unwrap().response, Response::NotResponded);
            let answer = Answer::new().with_comment("Words");
            let answer = if silent { answer.silent() } else { answer };
            match verb {
                "accept" => theirs.accept(&copy.id, &answer, options()).await,
                "decline" => theirs.decline(&copy.id, &answer, options()).await,
                _ => theirs.tentatively_accept(&copy.id, &answer, options()).await,
            }
            .unwrap();
            let told = mails_since(&sandbox, 1);
            let status = mine.read(&made.id).await.unwrap().attendees.remove(0).status.unwrap();
            if silent {
                assert_eq!((told.len(), status.response), (0, Response::None), "{verb}");
            } else {
                assert_eq!(told, [format!("{} {ORGANIZER}", response.as_str())]);
                assert_eq!((status.response, status.at.is_some()), (response.clone(), true), "{verb}");
            }
            let left = theirs.list(None).await.unwrap().items;
            assert_eq!(left.len(), usize::from(response != Response::Declined), "a declined event leaves the calendar");
            if let [copy] = left.as_slice() {
                assert_eq!(copy.response.as_ref().unwrap().response, response);
            }
        }
    }
}

#[tokio::test]
async fn another_time_is_proposed_where_the_organizer_allows_it_and_is_told() {
    let sandbox = sandbox().await;
    let (mine, theirs) = (organizers(&sandbox), of(&sandbox, ADA));
    let mut draft = outlook_event().with_attendee(required(ADA));
    let made = mine.create(&marker("a"), &draft, options()).await.unwrap().event;
    let copy = theirs.list(None).await.unwrap().items.remove(0);
    let before = sandbox.journal().len();
    let backwards = ProposedTime::new(later().end, later().start);
    for error in [
        theirs.accept(&copy.id, &Answer::new().with_proposed_time(later()), options()).await.unwrap_err(),
        theirs.decline(&copy.id, &Answer::new().with_proposed_time(later()).silent(), options()).await.unwrap_err(),
        theirs.tentatively_accept(&copy.id, &Answer::new().with_proposed_time(backwards), options()).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.remedy().is_some(), "{error}");
    }
    assert_eq!(sandbox.journal().len(), before, "nothing was sent");
    theirs.tentatively_accept(&copy.id, &Answer::new().with_proposed_time(later()), options()).await.unwrap();
    let ada = mine.read(&made.id).await.unwrap().attendees.remove(0);
    assert_eq!(ada.proposed.unwrap().start.instant().unwrap(), utc("2026-07-16T09:00:00Z"));

    draft.allow_new_time_proposals = Some(false);
    mine.create(&marker("b"), &draft, options()).await.unwrap();
    let copy = theirs.list(None).await.unwrap().items.pop().unwrap();
    let error = theirs.decline(&copy.id, &Answer::new().with_proposed_time(later()), options()).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::InvalidInput, Some(400)));
}

#[tokio::test]
async fn only_the_organizer_cancels_and_only_attendees_answer() {
    let sandbox = sandbox().await;
    let (mine, theirs) = (organizers(&sandbox), of(&sandbox, ADA));
    let draft = outlook_event().with_attendee(required(ADA)).with_attendee(required(BERT));
    let made = mine.create(&marker("a"), &draft, options()).await.unwrap().event;
    let copy = theirs.list(None).await.unwrap().items.remove(0);
    let error = theirs.cancel(&copy.id, "No", options()).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::PermissionDenied, Some(400)));
    assert!(error.remedy().unwrap().action.contains("Decline"));
    let error = mine.accept(&made.id, &Answer::new(), options()).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Refused, Some(400)));
    assert_eq!(sandbox.mails().len(), 2);

    mine.cancel(&made.id, "The teacher is ill", options()).await.unwrap();
    assert_eq!(mails_since(&sandbox, 2), [format!("cancellation {ADA}"), format!("cancellation {BERT}")]);
    assert_eq!(mine.read(&made.id).await.unwrap_err().kind(), ErrorKind::NotFound);
    let copy = theirs.read(&copy.id).await.unwrap();
    assert!(copy.is_cancelled && copy.subject.starts_with("Canceled:"), "{copy:?}");
    assert_eq!(mine.cancel(&made.id, "Again", options()).await.unwrap_err().kind(), ErrorKind::NotFound);
    let versioned = options().with_if_match(made.etag.unwrap());
    assert_eq!(mine.cancel(&made.id, "Again", versioned).await.unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn an_attendee_who_deletes_tells_nobody() {
    let sandbox = sandbox().await;
    let (mine, theirs) = (organizers(&sandbox), of(&sandbox, ADA));
    let made = mine.create(&marker("a"), &outlook_event().with_attendee(required(ADA)), options()).await.unwrap().event;
    let copy = theirs.list(None).await.unwrap().items.remove(0);
    theirs.delete(&copy.id, options()).await.unwrap();
    assert!(theirs.list(None).await.unwrap().items.is_empty());
    assert_eq!((mine.read(&made.id).await.unwrap().attendees.len(), sandbox.mails().len()), (1, 1));
}

#[tokio::test]
async fn an_invitation_is_forwarded_and_the_organizer_hears_of_it() {
    let sandbox = sandbox().await;
    let (mine, theirs) = (organizers(&sandbox), of(&sandbox, ADA));
    let made = mine.create(&marker("a"), &outlook_event().with_attendee(required(ADA)), options()).await.unwrap().event;
    let copy = theirs.list(None).await.unwrap().items.remove(0);
    let forward = Forward::new([attendee(BERT)]).with_comment("Come along");
    theirs.forward(&copy.id, &forward, options()).await.unwrap();
    assert_eq!(mails_since(&sandbox, 1), [format!("forward {BERT}"), format!("forward-notice {ORGANIZER}")]);
    mine.forward(&made.id, &forward, options()).await.unwrap();
    assert_eq!(mails_since(&sandbox, 3), [format!("forward {BERT}")]);
    let error = mine.forward(&made.id, &Forward::new([]), options()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}
