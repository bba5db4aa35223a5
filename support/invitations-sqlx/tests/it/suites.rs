//! SQLite keeps the contracts.

mod invitations {
    use crate::fixture::Fixture;

    invitations_core::invitation_store_suite!(
        #[tokio::test]
        Fixture::new()
    );

    /// With threads, so that connections are really used at once.
    mod on_threads {
        use super::Fixture;

        invitations_core::invitation_store_suite!(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            Fixture::new()
        );
    }
}

mod tokens {
    use crate::fixture::Fixture;

    invitations_core::token_store_suite!(
        #[tokio::test]
        Fixture::new()
    );

    mod on_threads {
        use super::Fixture;

        invitations_core::token_store_suite!(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            Fixture::new()
        );
    }
}

mod mappings {
    use crate::fixture::Fixture;

    calendar_sync::mapping_store_suite!(
        #[tokio::test]
        Fixture::new()
    );

    mod on_threads {
        use super::Fixture;

        calendar_sync::mapping_store_suite!(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            Fixture::new()
        );
    }
}
