use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use invitations_core::{
    Error, ErrorKind, Result, RetryClass,
    invitation::{Notice, Notifier},
};

/// Keeps what was delivered, for tests. Clones share what they keep.
#[derive(Clone, Debug, Default)]
pub struct RecordingNotifier(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    notices: Vec<Notice>,
    refuse: u32,
}

impl RecordingNotifier {
    /// Nothing delivered yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Refuses the next `times` deliveries; they will be tried again.
    pub fn refuse_next(&self, times: u32) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).refuse = times;
    }

    /// Everything delivered so far, oldest first.
    pub fn delivered(&self) -> Vec<Notice> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).notices.clone()
    }
}

#[async_trait]
impl Notifier for RecordingNotifier {
    async fn deliver(&self, notice: &Notice) -> Result<()> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.refuse > 0 {
            kept.refuse -= 1;
            return Err(
                Error::new(ErrorKind::Unavailable, "record notice").with_retry(RetryClass::Safe { after: None })
            );
        }
        kept.notices.push(notice.clone());
        Ok(())
    }
}
