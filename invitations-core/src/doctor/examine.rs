use std::{fmt::Debug, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Finding, Question};
use crate::{
    Remedy,
    runtime::{Clock, TimedOut, timeout},
};

/// Something that can be asked how it stands: a provider's client, users' connections, a part of the embedder's own.
#[async_trait]
pub trait Diagnose: Debug + Send + Sync + 'static {
    /// What is examined, for people: a kind and a name. No secret.
    fn subject(&self) -> String;

    /// Asks, and notes what it finds. Reads only: nothing may be made, changed or used up anywhere.
    async fn diagnose(&self, examination: &mut Examination<'_>);
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<T: Diagnose + ?Sized> Diagnose for std::sync::Arc<T> {
    fn subject(&self) -> String {
        (**self).subject()
    }

    async fn diagnose(&self, examination: &mut Examination<'_>) {
        (**self).diagnose(examination).await;
    }
}

/// What was found so far. What is noted stays, whatever becomes of the rest.
#[derive(Debug)]
pub struct Examination<'a> {
    findings: Vec<Finding>,
    clock: &'a dyn Clock,
    limit: Duration,
}

impl<'a> Examination<'a> {
    pub(super) fn new(clock: &'a dyn Clock, limit: Duration) -> Self {
        Self { findings: Vec::new(), clock, limit }
    }

    /// Notes a finding.
    pub fn note(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Does the work of one question, for as long as one question may take. `None`: the time was up; that is noted as a failure of
    /// `question`, and the work is dropped.
    pub async fn within<T>(&mut self, question: Question, work: impl Future<Output = T> + Send) -> Option<T> {
        match timeout(self.clock, self.limit, work).await {
            Ok(value) => Some(value),
            Err(TimedOut) => {
                self.note(
                    Finding::fail(question, format!("no answer in {} s", self.limit.as_secs())).with_remedy(
                        Remedy::new("Ask again; if it stays so, look at the network and at what was asked."),
                    ),
                );
                None
            }
        }
    }

    /// How long one question may take.
    pub fn limit(&self) -> Duration {
        self.limit
    }

    /// Our own time, UTC.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}
