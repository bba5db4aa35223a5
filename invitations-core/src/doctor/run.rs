use std::{fmt, sync::Arc, time::Duration};

use futures_util::future::join_all;

use super::{Diagnose, Diagnosis, Examination, Finding, Question, diagnosis::Part};
use crate::{
    Remedy,
    runtime::{Clock, TimedOut, timeout},
};

/// Longer than one request of the token lifecycle, which has its own limit of 20 s.
const ONE_QUESTION: Duration = Duration::from_secs(25);
const WHOLE: Duration = Duration::from_secs(120);

/// Asks everything that can answer, at the same time, and puts the findings together.
#[derive(Clone)]
pub struct Doctor {
    clock: Arc<dyn Clock>,
    examined: Vec<Arc<dyn Diagnose>>,
    limit: Duration,
    whole: Duration,
}

impl Doctor {
    /// Nothing is asked yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, examined: Vec::new(), limit: ONE_QUESTION, whole: WHOLE }
    }

    /// Asks this too.
    #[must_use]
    pub fn with(mut self, examined: Arc<dyn Diagnose>) -> Self {
        self.examined.push(examined);
        self
    }

    /// Sets how long one question may take (25 s) and how long everything may take together (2 min).
    #[must_use]
    pub fn with_limits(mut self, one_question: Duration, whole: Duration) -> Self {
        (self.limit, self.whole) = (one_question, whole);
        self
    }

    /// Asks. Never fails: what cannot be answered is a finding.
    pub async fn diagnose(&self) -> Diagnosis {
        Diagnosis::of(join_all(self.examined.iter().map(|examined| self.examine(&**examined))).await)
    }

    async fn examine(&self, examined: &dyn Diagnose) -> Part {
        let mut examination = Examination::new(&*self.clock, self.limit);
        let ended = timeout(&*self.clock, self.whole, examined.diagnose(&mut examination)).await;
        if ended == Err(TimedOut) {
            let detail = format!("not at its end after {} s; what is missing here was not asked", self.whole.as_secs());
            examination.note(
                Finding::fail(Question::EXAMINATION, detail)
                    .with_remedy(Remedy::new("Ask again, for fewer things at a time or with more patience.")),
            );
        }
        Part { subject: examined.subject(), findings: examination.into_findings() }
    }
}

impl fmt::Debug for Doctor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let examined: Vec<_> = self.examined.iter().map(|examined| examined.subject()).collect();
        f.debug_struct("Doctor").field("examined", &examined).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use chrono::DateTime;
    use futures_util::FutureExt as _;

    use super::{super::Verdict, *};
    use crate::runtime::ManualClock;

    #[derive(Debug)]
    enum Patient {
        Well,
        /// Hangs in its second question.
        Hangs,
        /// Hangs where no question is asked.
        HangsOutside,
    }

    #[async_trait]
    impl Diagnose for Patient {
        fn subject(&self) -> String {
            format!("{self:?}")
        }

        async fn diagnose(&self, examination: &mut Examination<'_>) {
            examination.note(Finding::ok(Question::NETWORK, "reached"));
            match self {
                Self::Well => {}
                Self::Hangs => {
                    assert!(examination.within(Question::SIGN_IN, std::future::pending::<()>()).await.is_none());
                    examination.note(Finding::ok(Question::CREDENTIAL_EXPIRY, "asked all the same"));
                }
                Self::HangsOutside => std::future::pending().await,
            }
        }
    }

    #[test]
    fn what_hangs_hides_nothing_else() {
        let clock = ManualClock::new(DateTime::UNIX_EPOCH);
        let doctor = [Patient::HangsOutside, Patient::Hangs, Patient::Well]
            .into_iter()
            .fold(Doctor::new(Arc::new(clock.clone())), |doctor, patient| doctor.with(Arc::new(patient)))
            .with_limits(Duration::from_secs(5), Duration::from_secs(30));
        let mut asking = Box::pin(doctor.diagnose());
        assert!((&mut asking).now_or_never().is_none());
        clock.advance(Duration::from_secs(5));
        assert!((&mut asking).now_or_never().is_none());
        clock.advance(Duration::from_secs(25));
        let diagnosis = asking.now_or_never().unwrap();
        let found: Vec<_> =
            diagnosis.iter().map(|(who, finding)| (who, finding.question.as_str(), finding.verdict)).collect();
        assert_eq!(
            found,
            [
                ("HangsOutside", "network", Verdict::Ok),
                ("HangsOutside", "examination", Verdict::Fail),
                ("Hangs", "network", Verdict::Ok),
                ("Hangs", "sign_in", Verdict::Fail),
                ("Hangs", "credential_expiry", Verdict::Ok),
                ("Well", "network", Verdict::Ok),
            ]
        );
        assert!(diagnosis.iter().all(|(_, finding)| (finding.verdict == Verdict::Fail) == finding.remedy.is_some()));
    }
}
