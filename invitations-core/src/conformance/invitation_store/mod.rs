//! What every [`InvitationStore`] must do. Run it with [`invitation_store_suite!`](crate::invitation_store_suite).
//!
//! Each case asks the fixture for one empty store and lets time pass through the fixture only, so a store on a clock of its own is
//! tested without waiting.

mod deadlines;
mod effects;
mod filters;
mod holds;
mod keys;
mod links;
mod listing;
mod make;
mod members;
mod outbox;
mod races;
mod replacing;
mod schedule;
mod versions;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;

pub use self::{
    deadlines::{
        deadline_is_leased_and_stays_due, deadline_is_the_next_tick, deadline_moves_with_the_commit,
        next_due_counts_leases,
    },
    effects::{
        claim_keeps_to_its_limit, claim_of_one_invitation, effect_is_claimed_when_due,
        effect_lease_is_exclusive_and_lapses, fence_grows_even_over_commits, lease_is_released,
        stale_fence_writes_nothing,
    },
    filters::{count_is_of_all_pages, list_filters, list_follows_the_last_commit, list_names_a_row_once},
    holds::{
        hold_is_freed_by_closing, hold_refuses_a_second_invitation, payment_is_held_for_good,
        refused_insert_leaves_nothing,
    },
    keys::keys_are_known_for_good,
    links::{link_is_found_by_its_selector, links_are_killed_before_new_ones},
    listing::{list_goes_on_where_it_was, list_pages_newest_first, unreadable_row_is_its_own_error},
    members::{members_are_kept_in_order, members_leave},
    outbox::{
        outbox_dedupe_is_kept_for_good, outbox_done_is_final, outbox_row_comes_back_at_its_time,
        outbox_row_is_claimed_once, outbox_stale_fence_is_ignored,
    },
    races::{concurrent_claims_share_nothing, one_of_many_commits_wins, one_of_many_inserts_wins},
    replacing::{
        refused_replacing_leaves_both, replaced_ends_in_the_same_write, replaced_is_another_of_the_organisation,
        replaced_keeps_its_payment, replaced_links_die_when_told,
    },
    schedule::{closed_invitations_are_swept, effects_are_due_as_scheduled},
    versions::{
        events_are_kept_in_order, insert_twice_already_exists, now_is_in_whole_microseconds, other_tenant_sees_nothing,
        stale_version_writes_nothing, state_comes_back_unchanged,
    },
};
use crate::{
    ids::{InvitationId, TenantId},
    invitation::InvitationStore,
};

/// Makes the store under test and moves its clock.
#[async_trait]
pub trait InvitationStoreFixture: Send + Sync {
    /// An empty store. Called once by each case.
    async fn store(&self) -> Arc<dyn InvitationStore>;

    /// Lets so much time pass on the store's clock.
    async fn pass(&self, time: Duration);

    /// Makes the stored state of this invitation unreadable, as a newer program's would be. `false`: this store has no such rows, and
    /// the case about them is passed over.
    async fn spoil(&self, tenant: &TenantId, invitation: &InvitationId) -> bool {
        let _ = (tenant, invitation);
        false
    }
}

/// One named test per case of [`invitation_store`](crate::conformance::invitation_store).
///
/// Takes the test attribute of your runtime and an expression that makes an [`InvitationStoreFixture`]:
/// `invitation_store_suite!(#[tokio::test] Fixture::new());`
#[macro_export]
macro_rules! invitation_store_suite {
    ($(#[$test:meta])+ $fixture:expr) => {
        $crate::__suite!($(#[$test])+ $fixture; invitation_store:
            claim_keeps_to_its_limit,
            claim_of_one_invitation,
            closed_invitations_are_swept,
            concurrent_claims_share_nothing,
            count_is_of_all_pages,
            deadline_is_leased_and_stays_due,
            deadline_is_the_next_tick,
            deadline_moves_with_the_commit,
            effect_is_claimed_when_due,
            effect_lease_is_exclusive_and_lapses,
            effects_are_due_as_scheduled,
            events_are_kept_in_order,
            fence_grows_even_over_commits,
            hold_is_freed_by_closing,
            hold_refuses_a_second_invitation,
            insert_twice_already_exists,
            keys_are_known_for_good,
            lease_is_released,
            link_is_found_by_its_selector,
            links_are_killed_before_new_ones,
            list_filters,
            list_follows_the_last_commit,
            list_goes_on_where_it_was,
            list_names_a_row_once,
            list_pages_newest_first,
            members_are_kept_in_order,
            members_leave,
            next_due_counts_leases,
            now_is_in_whole_microseconds,
            one_of_many_commits_wins,
            one_of_many_inserts_wins,
            other_tenant_sees_nothing,
            outbox_dedupe_is_kept_for_good,
            outbox_done_is_final,
            outbox_row_comes_back_at_its_time,
            outbox_row_is_claimed_once,
            outbox_stale_fence_is_ignored,
            payment_is_held_for_good,
            refused_insert_leaves_nothing,
            refused_replacing_leaves_both,
            replaced_ends_in_the_same_write,
            replaced_is_another_of_the_organisation,
            replaced_keeps_its_payment,
            replaced_links_die_when_told,
            stale_fence_writes_nothing,
            stale_version_writes_nothing,
            state_comes_back_unchanged,
            unreadable_row_is_its_own_error,
        );
    };
}
