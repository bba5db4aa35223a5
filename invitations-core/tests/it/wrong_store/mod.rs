//! Each case of the suite bites: a store that breaks one thing is reported by it.

mod fault;
mod keys;
mod listing;
mod misread;
mod store;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use invitations_core::{
    conformance::{
        Verdict,
        invitation_store::{self as suite, InvitationStoreFixture},
    },
    ids::{InvitationId, TenantId},
    invitation::InvitationStore,
};

use self::{
    fault::Fault,
    store::{Memory, Wrong},
};
use crate::invitation_store::Fixture;

struct WrongFixture {
    right: Fixture,
    fault: Fault,
    memory: Arc<Mutex<Memory>>,
}

impl WrongFixture {
    fn new(fault: Fault) -> Self {
        Self { right: Fixture::new(), fault, memory: Arc::default() }
    }
}

#[async_trait]
impl InvitationStoreFixture for WrongFixture {
    async fn store(&self) -> Arc<dyn InvitationStore> {
        Arc::new(Wrong { right: self.right.memory(), fault: self.fault, memory: Arc::clone(&self.memory) })
    }

    async fn pass(&self, time: Duration) {
        self.right.0.advance(time);
    }

    async fn spoil(&self, _tenant: &TenantId, invitation: &InvitationId) -> bool {
        self.memory.lock().unwrap().spoiled.insert(invitation.clone())
    }
}

fn reported(verdict: &Verdict, fault: Fault) {
    assert!(verdict.is_err(), "{fault:?} was not seen");
}

/// The suite again, on the wrapper without a fault: what it reports below is the fault.
mod without_a_fault {
    use super::{Fault, WrongFixture};

    invitations_core::invitation_store_suite!(
        #[tokio::test]
        WrongFixture::new(Fault::None)
    );
}

macro_rules! bites { ($($case:ident: $($fault:ident)+;)+) => {$(
    #[tokio::test]
    async fn $case() {
        $(reported(&suite::$case(&WrongFixture::new(Fault::$fault)).await, Fault::$fault);)+
    }
)+} }

bites! {
    claim_keeps_to_its_limit: LimitIgnored;
    claim_of_one_invitation: OnlyIgnored;
    closed_invitations_are_swept: SweepsForgotten;
    concurrent_claims_share_nothing: LeaseOfNothing;
    count_is_of_all_pages: CountsOnePage CountsFromThePage CountsEveryOrganisation;
    deadline_is_leased_and_stays_due: DeadlineOnlyOnce LeaseOfNothing LeaseNeverEnds;
    deadline_is_the_next_tick: DeadlineIsTheEndOnly RemindersForgotten ProbesForgotten GivingUpForgotten;
    deadline_moves_with_the_commit: DeadlineStuck;
    effect_is_claimed_when_due: DueAtOnce;
    effect_lease_is_exclusive_and_lapses: LeaseOfNothing LeaseNeverEnds;
    effects_are_due_as_scheduled: AllEffectsAtOnce BlockedEffectsDue;
    events_are_kept_in_order: HistoryReversed;
    fence_grows_even_over_commits: FenceAlwaysOne;
    hold_is_freed_by_closing: HoldsForEver HoldsIgnored;
    hold_refuses_a_second_invitation: HoldsIgnored;
    insert_twice_already_exists: InsertOverwrites;
    keys_are_known_for_good: KeysForgotten KeysMadeUp KeysOfOneOrganisation KeysEndWithTheInvitation KeysOfTheLastPlan
        KeysOfRefusedPlans KeysOfEveryEffect;
    lease_is_released: ReleaseForgotten;
    link_is_found_by_its_selector: LinkLosesItsEnd;
    links_are_killed_before_new_ones: KillForgotten KillsNewLinks;
    list_filters: StatusIgnored RecipientIgnored AnswerableIgnored BookingsAnswerable FirstRecipientOnly
        PersonsTakenForAddresses ForeignRowsListed CountsEverything;
    list_follows_the_last_commit: AnswerableOfTheFirstCommit RecipientsOfTheFirstCommit;
    list_goes_on_where_it_was: PagesByOffset;
    list_names_a_row_once: RowPerRecipient CountsARowPerRecipient;
    list_pages_newest_first: OldestFirst PageTokenIgnored;
    members_are_kept_in_order: MembersForgotten MembersOnePage;
    members_leave: LeavingForgotten LeavingTakesEveryMembership LeavingNobodyFails LeavingInSpiteOfConflict;
    next_due_counts_leases: NextDueNever NextDueAlwaysNow;
    now_is_in_whole_microseconds: Nanoseconds;
    one_of_many_commits_wins: BlindCommit;
    one_of_many_inserts_wins: HoldsIgnored;
    other_tenant_sees_nothing: TenantIgnored;
    outbox_dedupe_is_kept_for_good: DedupeIgnored;
    outbox_done_is_final: DoneComesBack;
    outbox_row_comes_back_at_its_time: AgainAtOnce AgainForgotten;
    outbox_row_is_claimed_once: LeaseOfNothing PayloadMangled;
    outbox_stale_fence_is_ignored: DeliveryFenceIgnored;
    payment_is_held_for_good: PaymentFreed HoldsForEver PaymentsOfAllOrganisations;
    refused_insert_leaves_nothing: RefusedInsertKeepsLinks;
    refused_replacing_leaves_both: ReplacedApart ReplacedAtAnyVersion;
    replaced_ends_in_the_same_write: ReplacedForgotten ReplacedLosesItsEvents ReplacedLosesItsNotices ReplacedStaysLinked;
    replaced_is_another_of_the_organisation: ReplacedAnybody ReplacedWithoutItsOwn;
    replaced_keeps_its_payment: ReplacedHandsItsPaymentOn;
    replaced_links_die_when_told: ReplacedLosesItsLinks;
    stale_fence_writes_nothing: FenceIgnored;
    stale_version_writes_nothing: ConflictHalfWritten ConflictKeepsLinks;
    state_comes_back_unchanged: FieldLost NewFieldsLost;
    unreadable_row_is_its_own_error: UnreadableIsMissing UnreadableBreaksList;
}
