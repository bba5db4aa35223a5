//! Faults: what goes wrong, at which calls, and how often.

use http::Method;
use serde::{Deserialize, Serialize};

/// The operation of a webhook's delivery, in rules.
const DELIVERY: &str = "webex.webhooks.deliver";

/// What happens to a provider call that a rule picked.
///
/// Rules that name the operation `webex.webhooks.deliver` are for webhooks' deliveries: `LostRequest` is never sent, and Webex does not
/// notice; `LostReply`, `StatusBefore` and `StatusAfter` count as failed, `StatusBefore` without being sent; `Delay` and `Hold` let later
/// ones overtake; `Duplicate` is sent twice. Others change nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fault {
    /// The connection closes; nothing was done.
    LostRequest,
    /// The request is carried out and saved; then the connection closes without a reply.
    LostReply,
    /// Nothing is done; the answer is this status with the provider's error body.
    StatusBefore {
        /// The status, 503 unless said otherwise.
        #[serde(default = "unavailable")]
        status: u16,
        /// The `Retry-After` header, verbatim.
        #[serde(default)]
        retry_after: Option<String>,
    },
    /// The request is carried out and saved; the answer is this status with the provider's error body.
    StatusAfter {
        /// The status, 503 unless said otherwise.
        #[serde(default = "unavailable")]
        status: u16,
        /// The `Retry-After` header, verbatim.
        #[serde(default)]
        retry_after: Option<String>,
    },
    /// 429 with the provider's throttling body; nothing is done.
    Throttle {
        /// The `Retry-After` header, verbatim: seconds, an HTTP date, or none.
        #[serde(default)]
        retry_after: Option<String>,
    },
    /// Carried out; half of the body is sent under the full `Content-Length`, then the connection closes.
    Truncate,
    /// The request waits before it is carried out (or, with `after`, its reply does).
    Delay {
        /// Real milliseconds.
        millis: u64,
        /// Wait with the reply instead of the request.
        #[serde(default)]
        after: bool,
    },
    /// As [`Fault::Delay`], until released through the control API or [`crate::Sandbox::release_held`].
    Hold {
        /// Hold the reply instead of the request.
        #[serde(default)]
        after: bool,
    },
    /// The request is carried out twice; the first answer is sent.
    Duplicate,
}

fn unavailable() -> u16 {
    503
}

impl Fault {
    /// The name used in plans and in the journal.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::LostRequest => "lost_request",
            Self::LostReply => "lost_reply",
            Self::StatusBefore { .. } => "status_before",
            Self::StatusAfter { .. } => "status_after",
            Self::Throttle { .. } => "throttle",
            Self::Truncate => "truncate",
            Self::Delay { .. } => "delay",
            Self::Hold { .. } => "hold",
            Self::Duplicate => "duplicate",
        }
    }
}

/// One rule: which calls it counts, at which of them it fires, and what happens then.
///
/// A rule without `every` and `calls` fires at each call that it counts.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FaultRule {
    /// Only this method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Only paths that contain this text (the path without query, as sent).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Only this operation, by the name that the journal shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Fires at every n-th counted call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
    /// Fires at these counted calls; the first call is 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<u64>,
    /// Fires at most so often.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// What happens.
    pub fault: Fault,
    /// How many calls the rule has counted.
    #[serde(default)]
    pub counted: u64,
    /// How often the rule has fired.
    #[serde(default)]
    pub fired: u64,
}

impl FaultRule {
    /// A rule for all provider calls, that fires at each of them.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        let (method, path, operation, every, times) = (None, None, None, None, None);
        Self { method, path, operation, every, calls: Vec::new(), times, fault, counted: 0, fired: 0 }
    }

    /// Counts only calls with this method and this text in the path.
    #[must_use]
    pub fn on(mut self, method: &str, path: &str) -> Self {
        (self.method, self.path) = (Some(method.to_owned()), Some(path.to_owned()));
        self
    }

    /// Counts only calls of this operation (`graph.onlineMeetings.createOrGet`).
    #[must_use]
    pub fn on_operation(mut self, operation: &str) -> Self {
        self.operation = Some(operation.to_owned());
        self
    }

    /// Fires at every n-th counted call.
    #[must_use]
    pub fn every(mut self, n: u64) -> Self {
        self.every = Some(n);
        self
    }

    /// Fires at these counted calls, beginning with 1.
    #[must_use]
    pub fn at_calls(mut self, calls: impl IntoIterator<Item = u64>) -> Self {
        self.calls = calls.into_iter().collect();
        self
    }

    /// Fires at most `times` times.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    fn counts(&self, method: &Method, path: &str, operation: &str) -> bool {
        self.method.as_ref().is_none_or(|m| m.eq_ignore_ascii_case(method.as_str()))
            && self.path.as_ref().is_none_or(|p| path.contains(p.as_str()))
            && self.operation.as_ref().is_none_or(|o| o == operation)
    }

    fn is_due(&self) -> bool {
        if self.times.is_some_and(|times| self.fired >= times) {
            return false;
        }
        match self.every {
            Some(0) => false,
            Some(n) if self.counted.is_multiple_of(n) => true,
            Some(_) => self.calls.contains(&self.counted),
            None => self.calls.is_empty() || self.calls.contains(&self.counted),
        }
    }
}

/// All rules in force. Every rule counts every call that it matches; the first that is due decides.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FaultPlan {
    /// The rules, in order of precedence.
    pub rules: Vec<FaultRule>,
}

impl FaultPlan {
    /// No faults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a rule behind the others.
    #[must_use]
    pub fn with(mut self, rule: FaultRule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Counts a delivery and says what happens to it. Only rules that name this operation are for deliveries.
    pub(crate) fn choose_for_delivery(&mut self, path: &str) -> Option<Fault> {
        let mut chosen = None;
        for rule in self.rules.iter_mut().filter(|rule| rule.operation.as_deref() == Some(DELIVERY)) {
            if rule.counts(&Method::POST, path, DELIVERY) {
                rule.counted += 1;
                if chosen.is_none() && rule.is_due() {
                    rule.fired += 1;
                    chosen = Some(rule.fault.clone());
                }
            }
        }
        chosen
    }

    /// Counts the call and says what happens to it.
    pub(crate) fn choose(&mut self, method: &Method, path: &str, operation: &str) -> Option<Fault> {
        let mut chosen = None;
        for rule in &mut self.rules {
            if rule.counts(method, path, operation) {
                rule.counted += 1;
                if chosen.is_none() && rule.is_due() {
                    rule.fired += 1;
                    chosen = Some(rule.fault.clone());
                }
            }
        }
        chosen
    }
}
