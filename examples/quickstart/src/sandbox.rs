//! The sandbox of a run: in this process, or one that is running; and the people of the week in it.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use meetings_http::Transport;
use meetings_sandbox::{Sandbox, SandboxConfig};
use serde_json::{Value, json};
use url::Url;

use crate::{Failure, week::Week};

#[derive(Debug)]
pub(crate) struct SandboxRun {
    pub(crate) url: Url,
    transport: Arc<dyn Transport>,
    /// Runs as long as this lives.
    _own: Option<Sandbox>,
}

impl SandboxRun {
    pub(crate) async fn open(
        running: Option<&Url>,
        state: Option<PathBuf>,
        transport: Arc<dyn Transport>,
    ) -> Result<Self, Failure> {
        if let Some(url) = running {
            return Ok(Self { url: url.clone(), transport, _own: None });
        }
        let mut config = SandboxConfig::new();
        if let Some(file) = state {
            config = config.with_state_file(file);
        }
        let own = Sandbox::start(config).await?;
        Ok(Self { url: own.url(), transport, _own: Some(own) })
    }

    /// Everybody of the week has an account, and the application may make meetings for the organizers. Doing it again changes nothing.
    pub(crate) async fn people(&self, week: &Week) -> Result<(), Failure> {
        let organizers = week.webinars.iter().map(|webinar| webinar.organizer.canonical());
        let organizers: BTreeSet<_> =
            organizers.chain(week.lessons.iter().map(|lesson| lesson.tutor.canonical())).collect();
        let students = week.assignments.iter().map(|assignment| assignment.user.canonical());
        let microsoft: BTreeSet<_> = organizers.iter().copied().chain(students).collect();
        let webex: BTreeSet<_> = week.calls.iter().map(|call| call.from.canonical()).collect();
        let users = |addresses: BTreeSet<&str>| -> Vec<Value> {
            addresses.into_iter().map(|address| json!({ "address": address, "name": address })).collect()
        };
        self.control("users", &json!({ "microsoft": users(microsoft), "webex": users(webex) })).await?;
        self.control("policies", &json!({ "grant": organizers })).await
    }

    /// All access tokens given out so far stop working, as if the night had passed.
    pub(crate) async fn expire_tokens(&self) -> Result<(), Failure> {
        self.control("tokens/expire", &json!({})).await
    }

    async fn control(&self, path: &str, body: &Value) -> Result<(), Failure> {
        let address = self.url.join("_sandbox/")?.join(path)?;
        let request = http::Request::post(address.as_str())
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(Bytes::from(body.to_string()))?;
        let reply = self.transport.send(request, Duration::from_secs(10)).await.map_err(|error| {
            format!("no sandbox answers at {}: {error}. Start one with: cargo run -p meetings-sandbox", self.url)
        })?;
        if reply.status().is_success() {
            return Ok(());
        }
        Err(format!("the sandbox answered {} to {path}", reply.status()).into())
    }
}
