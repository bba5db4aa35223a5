/// One test per case of [`mapping_store`](mod@crate::conformance::mapping_store), over a
/// [`MappingFixture`](crate::conformance::mapping_store::MappingFixture). The fixture expression is evaluated anew in each test.
///
/// ```
/// # use std::{sync::Arc, time::Duration};
/// # use calendar_sync::{MappingStore, conformance::mapping_store::MappingFixture, memory::MemoryMappings};
/// # use calendar_sync::core::runtime::ManualClock;
/// struct InMemory(ManualClock);
/// impl MappingFixture for InMemory {
///     async fn store(&self) -> Arc<dyn MappingStore> {
///         Arc::new(MemoryMappings::new(Arc::new(self.0.clone())))
///     }
///     async fn pass(&self, time: Duration) {
///         self.0.advance(time);
///     }
/// }
/// calendar_sync::mapping_store_suite!(#[tokio::test] InMemory(ManualClock::new(Default::default())));
/// ```
#[macro_export]
macro_rules! mapping_store_suite {
    ($(#[$test:meta])+ $fixture:expr) => {
        $crate::__mapping_store_suite! {
            @each [$(#[$test])+] [$fixture]
            rows_read_back_unchanged, rows_are_paged_in_order, a_dropped_row_is_gone, a_refused_commit_writes_nothing,
            a_lease_excludes_others, the_holder_extends_its_lease, a_released_lease_is_free, an_old_fence_writes_nothing,
            one_of_many_gets_the_lease, bindings_are_apart, later_marks_stay, due_are_marked_and_free,
            an_unknown_binding_is_empty
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __mapping_store_suite {
    (@each $tests:tt $fixture:tt $($case:ident),+) => {
        $($crate::__mapping_store_suite!(@one $tests $fixture $case);)+
    };
    (@one [$(#[$test:meta])+] [$fixture:expr] $case:ident) => {
        $(#[$test])+
        async fn $case() {
            if let Err(finding) = $crate::conformance::mapping_store::$case(&$fixture).await {
                panic!("{finding}");
            }
        }
    };
}
