//! The embedder's own effect besides a meeting.

use invitations_core::{
    ErrorKind,
    ids::{EffectName, InvitationId, Role},
    invitation::{
        Event, InvitationStore as _, Invite, Proof, Refusal, Status,
        machine::{Closed, Phase, Policy},
    },
    people::Principal,
};
use serde_json::json;

use crate::service_world::{HOUR, World, known, mailed, person, refusal, school, whiteboard, world};

fn ada() -> Principal {
    person("ada")
}

fn with_board() -> Policy {
    Policy::default().with_effect(whiteboard(), json!({ "pages": 3 }))
}

impl World {
    fn lesson(&self, policy: Policy) -> Invite {
        self.meeting(known("bob")).with_policy(policy)
    }

    /// How many whiteboards there are, and how many were ever made.
    async fn boards(&self, id: &InvitationId) -> (usize, usize) {
        let stored = self.store.load(&school(), id).await.unwrap().unwrap();
        let keys =
            stored.value.effects.iter().filter(|effect| effect.kind.name() == "whiteboard").map(|effect| &effect.key);
        (keys.map(|key| self.boards.objects(key).len()).sum(), self.boards.made())
    }
}

#[tokio::test]
async fn it_is_made_after_the_meeting_and_taken_back_before_it() {
    let world = world();
    let id = world.accepted(world.lesson(with_board())).await;
    assert_eq!(world.standing(&id).await.status, Status::Accepted);
    assert_eq!((world.meetings.made(), world.boards(&id).await), (1, (1, 1)));
    world.drive(world.org.cancel(&id, &ada())).await.unwrap();
    world.pass(HOUR).await;
    assert_eq!((world.meetings.meetings().len(), world.boards(&id).await), (0, (0, 1)));
    let of = |event: &Event| match event {
        Event::EffectDone { effect, .. } => Some(format!("made {effect}")),
        Event::EffectUndone { effect } => Some(format!("undone {effect}")),
        _ => None,
    };
    let order: Vec<_> = world.history(&id).await.iter().filter_map(of).collect();
    let made = ["made create_meeting.1", "made whiteboard.1", "undone whiteboard.1", "undone create_meeting.1"];
    assert_eq!(order, made);
    assert_eq!(world.standing(&id).await.status, Status::Cancelled);
}

#[tokio::test]
async fn what_is_refused_for_good_takes_the_meeting_with_it() {
    let world = world();
    world.boards.refuse_next(ErrorKind::InvalidInput);
    let id = world.invite(world.lesson(with_board())).await.id;
    let _ = world.accept(&Proof::Inbox(id.clone()), &person("bob")).await;
    world.pass(HOUR).await;
    assert_eq!(world.standing(&id).await.phase, Phase::Closed(Closed::Failed));
    assert_eq!((world.meetings.meetings().len(), world.boards(&id).await), (0, (0, 0)));
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_one() {
    let world = world();
    world.boards.lose_reply_of_next(1);
    let id = world.accepted(world.lesson(with_board())).await;
    world.pass(HOUR).await;
    assert_eq!(world.standing(&id).await.status, Status::Accepted);
    assert_eq!(world.boards(&id).await, (1, 1));
}

#[tokio::test]
async fn it_is_made_anew_with_the_meeting() {
    let world = world();
    let id = world.accepted(world.lesson(with_board())).await;
    world.drive(world.org.regenerate(&id, &ada())).await.unwrap();
    world.pass(HOUR).await;
    assert_eq!((world.meetings.meetings().len(), world.boards(&id).await), (1, (1, 2)));
}

#[tokio::test]
async fn what_nobody_can_make_is_found_out_when_inviting() {
    let world = world();
    let name = EffectName::parse("telescope").unwrap();
    let invite = world.lesson(Policy::default().with_effect(name, json!(null)));
    let error = world.org.invite(&ada(), invite).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("telescope"), "{error}");
    let twice = world.lesson(with_board().with_effect(whiteboard(), json!(null)));
    assert_eq!(refusal(world.org.invite(&ada(), twice).await), Refusal::NotApplicable);
    let member = Invite::membership(Role::parse("teacher").unwrap(), mailed("rosa")).with_policy(with_board());
    assert_eq!(refusal(world.org.invite(&ada(), member).await), Refusal::NotApplicable);
}
