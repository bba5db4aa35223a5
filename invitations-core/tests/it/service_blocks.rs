//! What waits for a person: blocks, which may heal by themselves, and outcomes that only a person can find out.

use std::sync::Arc;

use invitations_core::{
    ErrorKind,
    ids::{ConnectionId, InvitationId, TenantId},
    invitation::{
        Invite, Proof, Refusal, Standing, Status,
        machine::{BlockCause, Phase, Resume},
    },
    provider::{Account, Idempotency, MeetingDraft, MeetingProvider, Open as _, WriteOptions},
};

use crate::service_world::{DAY, HOUR, MINUTE, World, account, account_of, known, person, refusal, world, world_with};

async fn accept(world: &World, invite: Invite) -> Standing {
    let proof = Proof::Inbox(world.invite(invite).await.id);
    world.accept(&proof, &person("bob")).await.unwrap()
}

/// Bob's acceptance is blocked by this refusal of the provider.
async fn blocked(world: &World, kind: ErrorKind, by: Account) -> InvitationId {
    world.meetings.refuse_next(kind);
    let invite = Invite::meeting(world.draft(), by, known("bob"));
    let standing = accept(world, invite).await;
    assert!(matches!(standing.phase, Phase::Blocked { .. }), "{:?}", standing.phase);
    assert_eq!(standing.status, Status::Accepting);
    assert!(standing.attention.is_some());
    standing.id
}

#[tokio::test]
async fn a_blocked_meeting_is_made_by_somebody_elses_account() {
    let world = world();
    let id = blocked(&world, ErrorKind::PermissionDenied, account()).await;
    let other = account_of("deputy");
    let standing = world.drive(world.org.reassign_organizer(&id, &person("ada"), other)).await.unwrap();
    assert_eq!(standing.status, Status::Accepted);
    assert!(standing.attention.is_none());
    let meetings = world.meetings.meetings();
    assert_eq!(meetings.len(), 1);
    assert_eq!(meetings[0].organizer.as_ref().unwrap().as_str(), "deputy");
    // and is theirs to the end
    world.drive(world.org.cancel(&id, &person("ada"))).await.unwrap();
    world.pass(2 * HOUR).await;
    assert!(world.meetings.meetings().is_empty());
}

#[tokio::test]
async fn another_account_is_another_one_of_the_organisations_and_for_what_is_blocked() {
    let world = world();
    let ada = person("ada");
    let open = world.invite(world.meeting(known("bob"))).await.id;
    let early = world.org.reassign_organizer(&open, &ada, account_of("deputy")).await;
    assert_eq!(refusal(early), Refusal::NotApplicable);
    let id = blocked(&world, ErrorKind::PermissionDenied, account()).await;
    let same = world.org.reassign_organizer(&id, &ada, account()).await;
    assert_eq!(refusal(same), Refusal::NotApplicable);
    let mut foreign = account_of("deputy");
    foreign.tenant = TenantId::parse("other").unwrap();
    let foreign = world.org.reassign_organizer(&id, &ada, foreign).await;
    assert_eq!(foreign.unwrap_err().kind(), ErrorKind::InvalidInput);
}

/// The account is fixed when the invitation is made; accepting has no place for another one.
#[tokio::test]
async fn abuse_g21_the_meeting_is_the_proposers_whoever_accepts() {
    let world = world();
    let connection =
        |id: &str| Account::connection(account().tenant, account().provider, ConnectionId::parse(id).unwrap());
    let invite = Invite::meeting(world.draft(), connection("con_proposer"), known("bob"));
    let id = world.accepted(invite).await;
    world.work().await;
    let seen = async |by: &str| {
        let theirs: Arc<dyn MeetingProvider> = world.meetings.open(&connection(by)).await.unwrap();
        theirs.read(&world.only_meeting()).await.map(|_| ()).map_err(|error| error.kind())
    };
    assert_eq!(world.standing(&id).await.status, Status::Accepted);
    assert_eq!((seen("con_proposer").await, seen("bob").await), (Ok(()), Err(ErrorKind::NotFound)));
}

#[tokio::test]
async fn an_account_is_changed_only_while_nothing_may_have_been_made() {
    let world = world();
    // the answer was lost, and then the permission
    world.meetings.lose_reply_of_next(1);
    let doubtful = accept(&world, world.meeting(known("bob"))).await.id;
    world.meetings.refuse_next(ErrorKind::PermissionDenied);
    world.pass(MINUTE).await;
    assert!(matches!(world.standing(&doubtful).await.phase, Phase::Blocked { .. }));
    let late = world.org.reassign_organizer(&doubtful, &person("ada"), account_of("deputy")).await;
    assert_eq!(refusal(late), Refusal::NotApplicable);
    assert_eq!(world.meetings.made(), 1);
}

#[tokio::test]
async fn a_renewed_consent_frees_everything_of_its_account() {
    let world = world();
    let one = blocked(&world, ErrorKind::NeedsReconsent, account()).await;
    let two = blocked(&world, ErrorKind::NeedsReconsent, account()).await;
    let other = blocked(&world, ErrorKind::NeedsReconsent, account_of("deputy")).await;
    let Phase::Blocked { cause, .. } = world.standing(&one).await.phase else { unreachable!("it is blocked") };
    assert_eq!(cause, BlockCause::NeedsReconsent);
    world.work().await;
    let told = world.notices.told();
    assert_eq!(told.iter().filter(|one| *one == "ada: reconnect wanted").count(), 3, "{told:?}");
    assert_eq!(world.drive(world.org.resume_account(&account())).await.unwrap(), 2);
    world.work().await;
    for id in [&one, &two] {
        assert_eq!(world.standing(id).await.status, Status::Accepted);
    }
    assert!(matches!(world.standing(&other).await.phase, Phase::Blocked { .. }));
    assert_eq!(world.org.resume_account(&account()).await.unwrap(), 0);
    let elsewhere = world.invitations.tenant(&TenantId::parse("other").unwrap());
    assert_eq!(elsewhere.resume_account(&account_of("deputy")).await.unwrap(), 0);
}

#[tokio::test]
async fn an_undo_that_was_blocked_goes_on_with_its_account() {
    let world = world();
    let id = accept(&world, world.meeting(known("bob"))).await.id;
    world.meetings.refuse_next(ErrorKind::NeedsReconsent);
    let standing = world.drive(world.org.cancel(&id, &person("ada"))).await.unwrap();
    assert!(matches!(standing.phase, Phase::Blocked { resume_to: Resume::Compensating { .. }, .. }));
    assert_eq!((standing.status, world.meetings.meetings().len()), (Status::Cancelling, 1));
    assert_eq!(world.drive(world.org.resume_account(&account())).await.unwrap(), 1);
    world.work().await;
    assert_eq!(world.standing(&id).await.status, Status::Cancelled);
    assert!(world.meetings.meetings().is_empty());
}

#[tokio::test]
async fn somebody_says_that_it_may_go_on() {
    let world = world();
    let id = blocked(&world, ErrorKind::PermissionDenied, account()).await;
    let standing = world.drive(world.org.resume(&id, &person("ada"))).await.unwrap();
    assert_eq!(standing.status, Status::Accepted);
    assert_eq!(refusal(world.org.resume(&id, &person("ada")).await), Refusal::NotApplicable);
    assert_eq!(world.meetings.made(), 1);
}

#[tokio::test]
async fn a_block_heals_without_anybodys_word() {
    let world = world();
    let id = blocked(&world, ErrorKind::PermissionDenied, account()).await;
    for _ in 0..3 {
        world.meetings.refuse_next(ErrorKind::PermissionDenied);
    }
    world.pass(3 * MINUTE / 4).await;
    assert_eq!(world.meetings.writes(), 1);
    world.pass(6 * MINUTE).await;
    assert!(matches!(world.standing(&id).await.phase, Phase::Blocked { .. }));
    // after one, two, four and eight minutes
    world.pass(12 * MINUTE).await;
    let standing = world.standing(&id).await;
    assert_eq!((standing.status, standing.attention.is_none()), (Status::Accepted, true));
    assert_eq!((world.meetings.writes(), world.meetings.made()), (5, 1));
    // however often it was tried, people were told once
    assert_eq!(world.notices.told(), ["ada: accepted", "bob: accepted", "bob: invited", "staff: alert"]);
}

#[tokio::test]
async fn a_block_that_does_not_heal_is_given_up() {
    let world = world();
    for _ in 0..1000 {
        world.meetings.refuse_next(ErrorKind::PermissionDenied);
    }
    let draft = MeetingDraft::new("Maths", world.slot(30 * DAY));
    let id = accept(&world, Invite::meeting(draft, account(), known("bob"))).await.id;
    world.pass(DAY + HOUR).await;
    let tried = world.meetings.writes();
    assert!((20..60).contains(&tried), "{tried}");
    world.work().await;
    world.notices.take();
    world.pass(5 * DAY).await;
    assert_eq!(world.meetings.writes(), tried);
    assert!(matches!(world.standing(&id).await.phase, Phase::Blocked { .. }));
    world.pass(2 * DAY).await;
    assert_eq!(world.standing(&id).await.status, Status::Failed);
    assert_eq!(world.notices.told(), ["ada: cancelled", "bob: cancelled", "staff: alert"]);
    assert_eq!((world.meetings.writes(), world.meetings.made()), (tried, 0));
}

/// Bob's acceptance has an outcome that only a person can find out.
async fn quarantined(world: &World) -> InvitationId {
    let id = accept(world, world.meeting(known("bob"))).await.id;
    world.pass(5 * MINUTE).await;
    assert!(matches!(world.standing(&id).await.phase, Phase::Quarantined { .. }));
    assert!(world.notices.told().contains(&"staff: alert".to_owned()));
    id
}

#[tokio::test]
async fn a_person_has_found_what_was_made() {
    let world = world_with(Idempotency::None);
    world.meetings.lose_reply_of_next(1);
    let id = quarantined(&world).await;
    let unknown = world.org.resolve_found(&id, &person("support"), "meeting-99").await;
    assert_eq!(unknown.unwrap_err().kind(), ErrorKind::NotFound);
    let made = world.only_meeting();
    let support = person("support");
    let standing = world.drive(world.org.resolve_found(&id, &support, made.as_str())).await.unwrap();
    assert_eq!(standing.status, Status::Accepted);
    assert_eq!(standing.join.unwrap().expose(), world.meetings.meetings()[0].join_url.expose());
    assert_eq!(world.meetings.writes(), 1);
    let again = world.org.resolve_found(&id, &person("support"), made.as_str()).await;
    assert_eq!(refusal(again), Refusal::NotApplicable);
}

#[tokio::test]
async fn a_person_is_sure_that_nothing_was_made() {
    let world = world_with(Idempotency::None);
    world.meetings.lose_request_of_next(1);
    let id = quarantined(&world).await;
    assert_eq!(world.meetings.made(), 0);
    let standing = world.drive(world.org.resolve_absent(&id, &person("support"))).await.unwrap();
    assert_eq!(standing.status, Status::Accepted);
    assert_eq!(world.meetings.made(), 1);
    assert_eq!(refusal(world.org.resolve_absent(&id, &person("support")).await), Refusal::NotApplicable);
}

#[tokio::test]
async fn what_is_taken_back_meanwhile_is_taken_back_as_soon_as_a_person_knows() {
    for was_made in [true, false] {
        let world = world_with(Idempotency::None);
        if was_made {
            world.meetings.lose_reply_of_next(1);
        } else {
            world.meetings.lose_request_of_next(1);
        }
        let id = quarantined(&world).await;
        let standing = world.drive(world.org.revoke(&id, &person("ada"))).await.unwrap();
        assert_eq!(standing.status, Status::Cancelling);
        let support = person("support");
        if was_made {
            let made = world.only_meeting();
            world.drive(world.org.resolve_found(&id, &support, made.as_str())).await.unwrap();
        } else {
            world.drive(world.org.resolve_absent(&id, &support)).await.unwrap();
        }
        world.pass(2 * HOUR).await;
        assert_eq!(world.standing(&id).await.status, Status::Revoked);
        assert!(world.meetings.meetings().is_empty());
    }
}

#[tokio::test]
async fn two_copies_are_for_a_person_to_see() {
    let world = world_with(Idempotency::ExactLookup);
    world.meetings.lose_reply_of_next(1);
    let standing = accept(&world, world.meeting(known("bob"))).await;
    let draft = world.draft();
    let key = world.meetings.meetings()[0].key.clone().unwrap();
    world.opened().await.create(&key, &draft, WriteOptions::new()).await.unwrap();
    world.pass(5 * MINUTE).await;
    assert!(matches!(world.standing(&standing.id).await.phase, Phase::Quarantined { .. }));
    let kept = world.meetings.meetings()[1].id.clone();
    let support = person("support");
    let standing = world.drive(world.org.resolve_found(&standing.id, &support, kept.as_str())).await.unwrap();
    assert_eq!(standing.status, Status::Accepted);
    // the other one goes with the next look
    world.pass(HOUR).await;
    assert_eq!(world.only_meeting(), kept);
}
