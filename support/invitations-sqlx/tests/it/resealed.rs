//! Every organisation's connections, for a new key.

use invitations_core::{
    ErrorKind,
    ids::{ClientId, ConnectionId, PrincipalId, ProviderId, TenantId},
    token::{AllConnections, Connection, Subject, TokenCommit},
};

use crate::fixture::Fixture;

pub(crate) fn connection(number: usize) -> Connection {
    let tenant = TenantId::parse(if number.is_multiple_of(2) { "even" } else { "odd" }).unwrap();
    let provider = ProviderId::parse("provider").unwrap();
    Connection::new(
        ConnectionId::parse(format!("c{number:03}")).unwrap(),
        tenant,
        PrincipalId::parse("owner").unwrap(),
        provider,
        ClientId::parse("client").unwrap(),
        Subject::parse("subject").unwrap(),
    )
}

#[tokio::test]
async fn all_are_shown_page_by_page_and_none_is_left_out() {
    let fixture = Fixture::new();
    let store = fixture.open().await;
    all_are_shown(&store, async |text| {
        sqlx::query(text).execute(store.pool()).await.unwrap();
    })
    .await;
}

/// `run` runs a statement on the store's database.
pub(crate) async fn all_are_shown(store: &dyn AllConnections, run: impl AsyncFnOnce(&'static str)) {
    for number in (0..250).rev() {
        store.commit(TokenCommit::Create(Box::new(connection(number)))).await.unwrap();
    }
    let (mut seen, mut page) = (Vec::new(), None);
    loop {
        let found = store.all_connections(page.as_ref()).await.unwrap();
        seen.extend(found.items.into_iter().map(|row| row.id.to_string()));
        page = found.next;
        if page.is_none() {
            break;
        }
    }
    assert_eq!(seen, (0..250).map(|number| format!("c{number:03}")).collect::<Vec<_>>());

    run("UPDATE inv_connection SET connection = '{}' WHERE id = 'c007'").await;
    let broken = store.all_connections(None).await.unwrap_err();
    assert_ne!(broken.kind(), ErrorKind::NotFound);
    let others = store.connections(&TenantId::parse("odd").unwrap(), None).await.unwrap();
    assert_eq!(others.items.len(), 99, "a list for people goes on without it");
}
