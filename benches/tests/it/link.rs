//! The check at the end of the measurement sees what is missing and what is too much.

use benches::Room;

#[tokio::test]
async fn each_acceptance_has_its_meeting() {
    let folder = tempfile::tempdir().unwrap();
    let room = Room::open(&folder.path().join("invitations.db")).await.unwrap();
    let mut invited = Vec::new();
    for number in 0..3 {
        invited.push(room.invite(number).await.unwrap());
    }
    room.accept(invited[0].clone()).await.unwrap();
    room.accept(invited[1].clone()).await.unwrap();
    room.check(&invited[..2]).await.unwrap();
    assert!(room.check(&invited[..1]).await.is_err(), "a meeting that nobody has accepted");
    assert!(room.check(&invited).await.is_err(), "an invitation that waits");
    let twice = [invited[0].clone(), invited[1].clone(), invited[1].clone()];
    assert!(room.check(&twice).await.is_err(), "a link of two");
    room.close().await.unwrap();
}
