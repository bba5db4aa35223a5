//! Abuse of what is stored: the rows of other people, of older days, and rows that nobody sealed.

use invitations_core::{
    ErrorKind,
    ids::{ConnectionId, TenantId},
    secret::Sealed,
    token::{Connection, ConnectionStatus, TokenCommit},
};

use super::world::{PLANTED, World, drive};

/// Overwrites the row behind our back.
async fn overwrite(world: &World, id: &ConnectionId, change: impl FnOnce(&mut Connection)) -> Connection {
    let mut to = world.row(id).await;
    let (epoch, generation) = (to.epoch, to.generation);
    change(&mut to);
    let update = TokenCommit::Update { epoch, generation, fence: None, release: false, to: Box::new(to.clone()) };
    world.store.commit_as_is(update).await;
    to
}

/// The operator is told; the row and the owner's consent stay as they are, and nothing is sent.
async fn is_refused(world: &World, id: &ConnectionId, row: &Connection, what: &str) {
    let fresh = world.other();
    for past_its_end in [false, true] {
        if past_its_end {
            world.expire();
        }
        // asked by whoever the row says it belongs to
        let source = fresh.connections.source(&row.tenant, &row.provider, id);
        let error = drive(&fresh.clock, source.access_token()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Misconfigured, "{what}: {error}");
        assert!(error.remedy().is_some() && !format!("{error:?}").contains(PLANTED), "{what}");
    }
    let kept = world.row(id).await;
    assert_eq!((&kept.status, &kept.tokens), (&ConnectionStatus::Valid, &row.tokens), "{what}");
    assert_eq!(
        fresh.connections.disconnect(&row.tenant, id).await.unwrap_err().kind(),
        ErrorKind::Misconfigured,
        "{what}"
    );
    assert_eq!((world.server.refreshes(), world.server.tells()), (0, 0), "{what}");
}

#[tokio::test]
async fn abuse_g03_tokens_of_another_row_or_time_do_not_open() {
    type Move = fn(&mut Connection, &Connection);
    let moves: [(&str, Move); 4] = [
        ("another connection's", |row, other| row.tokens.clone_from(&other.tokens)),
        ("another organisation's", |row, _| row.tenant = TenantId::parse("other").unwrap()),
        ("an older generation's", |row, _| row.generation += 1),
        ("an older consent's", |row, _| row.epoch += 1),
    ];
    for (what, change) in moves {
        let world = World::new();
        let (id, other) = (world.connect("one").await, world.connect("two").await);
        let other = world.row(&other).await;
        let row = overwrite(&world, &id, |row| change(row, &other)).await;
        is_refused(&world, &id, &row, what).await;
    }
}

#[tokio::test]
async fn abuse_g04_a_broken_blob_is_an_error_and_stays() {
    let sealed = {
        let world = World::new();
        let id = world.connect("one").await;
        world.row(&id).await.tokens.unwrap().as_bytes().to_vec()
    };
    let mut broken = vec![("empty".to_owned(), Vec::new())];
    for at in [0, 1, 2, sealed.len() / 2, sealed.len() - 1] {
        let mut flipped = sealed.clone();
        flipped[at] ^= 1;
        broken.push((format!("byte {at} is another"), flipped));
        broken.push((format!("cut at {at}"), sealed[..at].to_vec()));
    }
    broken.push(("longer".to_owned(), [&sealed[..], b"x"].concat()));
    for (what, bytes) in broken {
        let world = World::new();
        let id = world.connect("one").await;
        let row = overwrite(&world, &id, |row| row.tokens = Some(Sealed::from_bytes(bytes))).await;
        is_refused(&world, &id, &row, &what).await;
    }
}

#[tokio::test]
async fn abuse_g05_tokens_in_the_clear_are_not_taken() {
    for plain in ["{\"v\":1,\"access\":\"a\",\"refresh\":\"r\"}", "a"] {
        let world = World::new();
        let id = world.connect("one").await;
        let bytes = plain.as_bytes().to_vec();
        let row = overwrite(&world, &id, |row| row.tokens = Some(Sealed::from_bytes(bytes))).await;
        is_refused(&world, &id, &row, plain).await;
    }
}
