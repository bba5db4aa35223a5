//! The user's browser in a connect flow: goes to the provider, consents, comes back with a code.

use std::{io::BufRead as _, sync::Arc, time::Duration};

use bytes::Bytes;
use meetings_http::Transport;
use url::Url;

use crate::Failure;

#[derive(Debug)]
pub(crate) enum Browser {
    /// The sandbox consents at once and answers with the redirect.
    Sandbox(Arc<dyn Transport>),
    /// A person: opens the address, and pastes the one they came back to.
    Person,
}

impl Browser {
    /// The query of the address the browser came back to.
    pub(crate) async fn consent(&self, address: &Url) -> Result<String, Failure> {
        let back = match self {
            Self::Sandbox(transport) => self.follow(&**transport, address).await?,
            Self::Person => {
                eprintln!("Open this address, agree, and paste the address you came back to:\n{address}");
                let mut line = String::new();
                std::io::stdin().lock().read_line(&mut line)?;
                line.trim().parse::<Url>()?
            }
        };
        Ok(back.query().unwrap_or_default().to_owned())
    }

    /// A person whose page does not load presses reload; so does this one.
    async fn follow(&self, transport: &dyn Transport, address: &Url) -> Result<Url, Failure> {
        let mut last = String::new();
        for _ in 0..10 {
            let request = http::Request::get(address.as_str()).body(Bytes::new())?;
            match transport.send(request, Duration::from_secs(10)).await {
                Ok(reply) => match reply.headers().get(http::header::LOCATION) {
                    Some(location) => return Ok(Url::parse(location.to_str()?)?),
                    None => last = format!("status {}", reply.status()),
                },
                Err(error) => last = error.to_string(),
            }
        }
        Err(format!("the provider did not send the browser back: {last}").into())
    }
}
