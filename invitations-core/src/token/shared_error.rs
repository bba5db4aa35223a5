use std::{error::Error as StdError, fmt, sync::Arc};

use crate::Error;

/// One failure for many waiters: a copy that keeps the causes of the first.
pub(crate) fn copy(shared: &Arc<Error>) -> Error {
    let mut error = Error::new(shared.kind(), shared.operation()).with_retry(shared.retry());
    if let Some(detail) = shared.detail() {
        error = error.with_detail(detail.to_owned());
    }
    if let Some(provider) = shared.provider() {
        error = error.with_provider(provider.clone());
    }
    if let Some(remedy) = shared.remedy() {
        error = error.with_remedy(remedy.clone());
    }
    if let Some(id) = shared.request_id() {
        error = error.with_request_id(id.clone());
    }
    if let Some(status) = shared.status() {
        error = error.with_status(status);
    }
    if shared.source().is_some() { error.with_source(Behind(Arc::clone(shared))) } else { error }
}

/// What stands behind a shared error.
#[derive(Debug)]
struct Behind(Arc<Error>);

impl fmt::Display for Behind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.source() {
            Some(source) => fmt::Display::fmt(source, f),
            None => Ok(()),
        }
    }
}

impl StdError for Behind {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source().and_then(StdError::source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorKind, RetryClass};

    #[test]
    fn a_copy_says_the_same_on_every_level() {
        let root = Error::new(ErrorKind::Timeout, "read reply");
        let middle = Error::new(ErrorKind::Unavailable, "send request").with_source(root);
        let retry = RetryClass::Safe { after: None };
        let top =
            Error::new(ErrorKind::Throttled, "refresh token").with_status(429).with_retry(retry).with_source(middle);
        let levels = |error: &Error| {
            let mut texts = vec![error.to_string()];
            let mut at = error.source();
            while let Some(source) = at {
                texts.push(source.to_string());
                at = source.source();
            }
            texts
        };
        let expected = levels(&top);
        let copied = copy(&Arc::new(top));
        assert_eq!(levels(&copied), expected);
        assert_eq!((copied.status(), copied.retry()), (Some(429), retry));
    }
}
