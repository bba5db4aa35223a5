/// What sending a request twice would do; decides what the pipeline may send again by itself.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Protection {
    /// A create with a key of its own: the same request again is the same object.
    Keyed,
    /// A create that can be looked up afterwards, but that makes a second object when sent twice. Never sent again by the pipeline
    /// while its outcome is unclear.
    Findable,
    /// A read, or a change to an absolute state (`PATCH` with plain values, `DELETE`): twice is once.
    Idempotent,
    /// Anything else. Never sent again by the pipeline while its outcome is unclear.
    Unprotected,
}

/// What sending a call of a provider crate twice would do, and what there is to find out about the first time: a row of its `PROTECTIONS`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct CallProtection {
    /// The method: `TeamsMeetings::create`.
    pub call: &'static str,
    /// Decides whether the client sends it again by itself when its outcome is unclear: a keyed or idempotent one, yes.
    pub level: Protection,
    /// By what, for people.
    pub by: &'static str,
}

impl CallProtection {
    /// The protection of one call.
    pub const fn new(call: &'static str, level: Protection, by: &'static str) -> Self {
        Self { call, level, by }
    }
}
