//! What every [`EffectExecutor`] must do, by the [`Reconciliation`](crate::invitation::Reconciliation) it declares. Run it with
//! [`effect_executor_suite!`](crate::effect_executor_suite).
//!
//! A case treats the executor as a worker does: what a call taught is in the effect of the next one.

mod calls;
mod making;
mod undoing;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;

pub use self::{
    making::{
        a_fresh_object_is_found, a_lost_reply_is_unknown_and_found, a_lost_request_is_unknown_and_absent,
        debug_hides_the_join_url, earlier_effects_are_visible, reconciliation_stays, run_makes_one_object,
        the_same_key_again_makes_no_second_object,
    },
    undoing::{
        a_lost_undo_is_unknown_and_done_again, nothing_is_sent_too_late, undo_of_nothing_is_done,
        undo_takes_away_what_only_the_key_knows, undo_takes_one_away, undo_twice_is_done,
    },
};
use super::Finding;
use crate::invitation::{Effect, effect::EffectExecutor};

/// Makes the executor under test, its effects, and its bad days.
#[async_trait]
pub trait EffectExecutorFixture: Send + Sync {
    /// The executor. Called once by each case.
    async fn executor(&self) -> Arc<dyn EffectExecutor>;

    /// An effect as [`Effect::planned`] makes it, of kind [`Custom`](crate::invitation::EffectKind::Custom) with a payload that the executor takes. Nothing exists
    /// under its key; each name has a key of its own, which a fixture for a live system makes unique per run.
    ///
    /// # Errors
    /// A finding when the name makes no effect.
    fn effect(&self, name: &str) -> Result<Effect, Finding>;

    /// The next call that writes is carried out, but its answer is lost.
    async fn lose_reply_of_next(&self);

    /// The next call that writes never arrives, and the executor cannot tell.
    async fn lose_request_of_next(&self);

    /// How many objects exist under the effect's key, by a look of the fixture's own that misses none.
    async fn objects(&self, effect: &Effect) -> usize;

    /// Now, on the clock by which the executor knows that it is too late to send.
    fn instant(&self) -> Instant;

    /// Lets so much time pass on that clock, and for look-ups that lag.
    async fn pass(&self, time: Duration);

    /// The ids of the earlier effects' objects that the effect's object was made with. `None`: effects of this executor stand alone,
    /// and the case about them is passed over.
    async fn made_with(&self, effect: &Effect) -> Option<Vec<String>> {
        let _ = effect;
        None
    }
}

/// One named test per case of [`effect_executor`](mod@crate::conformance::effect_executor).
///
/// Takes the test attribute of your runtime and an expression that makes an
/// [`EffectExecutorFixture`](crate::conformance::EffectExecutorFixture): `effect_executor_suite!(#[tokio::test] Fixture::new());`
#[macro_export]
macro_rules! effect_executor_suite {
    ($(#[$test:meta])+ $fixture:expr) => {
        $crate::__suite!($(#[$test])+ $fixture; effect_executor:
            a_fresh_object_is_found,
            a_lost_reply_is_unknown_and_found,
            a_lost_request_is_unknown_and_absent,
            a_lost_undo_is_unknown_and_done_again,
            debug_hides_the_join_url,
            earlier_effects_are_visible,
            nothing_is_sent_too_late,
            reconciliation_stays,
            run_makes_one_object,
            the_same_key_again_makes_no_second_object,
            undo_of_nothing_is_done,
            undo_takes_away_what_only_the_key_knows,
            undo_takes_one_away,
            undo_twice_is_done,
        );
    };
}
