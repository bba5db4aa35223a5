//! What can go wrong, by name, and how often it did.

use std::collections::BTreeMap;

macro_rules! hits { ($($(#[$doc:meta])* $name:ident = $label:literal,)+) => {
    /// A fault or a crash point that was hit.
    #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
    pub(super) enum Hit { $($(#[$doc])* $name,)+ }

    impl Hit {
        pub(super) const ALL: &'static [Self] = &[$(Self::$name,)+];

        pub(super) fn label(self) -> &'static str {
            match self { $(Self::$name => $label,)+ }
        }
    }
}}

hits! {
    ReplyLost = "done, reply lost",
    DoneThenFault = "done, then 5xx",
    FaultBefore = "not done, 5xx",
    ThrottledFor = "throttled, with a wait",
    Throttled = "throttled, without a wait",
    TimeoutBefore = "timeout before the effect",
    LateInTime = "timeout, effect later within the deadline",
    LateAfter = "timeout, effect after the deadline",
    Garbage = "done, reply unreadable",
    WireTwice = "duplicated on the wire",
    StaleLookUp = "look-up missed a fresh copy",
    ConsentDead = "401, consent dead for a while",
    Forbidden = "403 for a while",
    RefusedForGood = "refused for good",
    Conflict = "409 conflict",
    MailLost = "mail not accepted",
    MailTwice = "mail sent, reply lost",
    CrashBeforeWrite = "S1 crash before the write",
    CrashAfterWrite = "S2 crash after the commit",
    Busy = "S3 busy, nothing written",
    CommitUnknown = "S4 written, reported as an error",
    DiskFull = "S5 disk full for a while",
    ReadOnly = "S6 read only for a while",
    AtVerb = "K1 crash at a store verb",
    AtAwait = "K2 crash at any other await",
    InRequest = "K3 crash during a request",
    BetweenEffects = "K4 crash between two effects",
    Process = "whole process crashed",
    Stall = "paused longer than a lease",
}

impl Hit {
    pub(super) const PROVIDER: &'static [Self] = &[
        Self::ReplyLost,
        Self::DoneThenFault,
        Self::FaultBefore,
        Self::ThrottledFor,
        Self::Throttled,
        Self::TimeoutBefore,
        Self::LateInTime,
        Self::LateAfter,
        Self::Garbage,
        Self::WireTwice,
        Self::StaleLookUp,
        Self::ConsentDead,
        Self::Forbidden,
        Self::RefusedForGood,
        Self::Conflict,
    ];
    pub(super) const MAIL: &'static [Self] = &[Self::MailLost, Self::MailTwice];
    pub(super) const STORE: &'static [Self] = &[
        Self::CrashBeforeWrite,
        Self::CrashAfterWrite,
        Self::Busy,
        Self::CommitUnknown,
        Self::DiskFull,
        Self::ReadOnly,
    ];

    /// Whether the caller cannot know that nothing was done.
    pub(super) fn is_unclear(self) -> bool {
        matches!(
            self,
            Self::ReplyLost
                | Self::DoneThenFault
                | Self::TimeoutBefore
                | Self::LateInTime
                | Self::LateAfter
                | Self::Garbage
        )
    }

    /// Whether somebody lost what it was doing.
    pub(super) fn is_interruption(self) -> bool {
        self >= Self::CrashBeforeWrite
    }
}

/// Counts of one schedule, or of many.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Tally {
    hits: Vec<u64>,
    pub(super) schedules: u64,
    pub(super) steps: u64,
    pub(super) commits: u64,
    pub(super) requests: u64,
    pub(super) meetings: u64,
    pub(super) mails: u64,
    pub(super) healed: u64,
    pub(super) unswept: u64,
    /// What people did with success.
    pub(super) acts: BTreeMap<&'static str, u64>,
}

impl Tally {
    pub(super) fn hit(&mut self, hit: Hit) {
        self.hits.resize(Hit::ALL.len(), 0);
        self.hits[hit as usize] += 1;
    }

    pub(super) fn of(&self, hit: Hit) -> u64 {
        self.hits.get(hit as usize).copied().unwrap_or_default()
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.hits.resize(Hit::ALL.len(), 0);
        for (sum, more) in self.hits.iter_mut().zip(&other.hits) {
            *sum += more;
        }
        self.schedules += other.schedules;
        self.steps += other.steps;
        self.commits += other.commits;
        self.requests += other.requests;
        self.meetings += other.meetings;
        self.mails += other.mails;
        self.healed += other.healed;
        self.unswept += other.unswept;
        for (act, times) in &other.acts {
            *self.acts.entry(act).or_default() += times;
        }
    }

    /// What was never hit.
    pub(super) fn missing(&self) -> Vec<&'static str> {
        Hit::ALL.iter().filter(|hit| self.of(**hit) == 0).map(|hit| hit.label()).collect()
    }

    pub(super) fn table(&self) -> String {
        let rows = Hit::ALL.iter().map(|hit| format!("{:>10}  {}\n", self.of(*hit), hit.label()));
        let sums = [
            (self.steps, "steps"),
            (self.commits, "commits"),
            (self.requests, "requests to providers"),
            (self.meetings, "meetings made"),
            (self.mails, "mails"),
            (self.healed, "duplicates healed"),
            (self.unswept, "copies that nobody can see"),
        ];
        let acts = self.acts.iter().map(|(act, times)| format!("{times:>10}  {act}\n"));
        let sums = sums.iter().map(|(sum, what)| format!("{sum:>10}  {what}\n"));
        rows.chain(acts).chain(sums).collect()
    }
}
