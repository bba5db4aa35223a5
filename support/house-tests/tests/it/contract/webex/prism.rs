//! The same requests, judged by somebody else: Prism, which serves an OpenAPI document and refuses what does not fit it.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::Duration,
};

use bytes::Bytes;
use http::Request;
use meetings_http::{ReqwestTransport, Transport as _};

use super::{Exchange, driven, schema};

const PATIENCE: Duration = Duration::from_secs(30);

/// A running Prism, which ends with the test.
struct Prism {
    child: Child,
    address: String,
    client: ReqwestTransport,
}

impl Drop for Prism {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Prism {
    /// The program that `PRISM` names; `cargo xtask soak prism` and the long run install it and say so.
    fn start() -> Option<Self> {
        let Some(program) = std::env::var_os("PRISM") else {
            eprintln!("SKIPPED: PRISM names no program; `cargo xtask test --long` installs one");
            return None;
        };
        let document = schema::at_hand("specs/webex-subset.strict.json")?;
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address").port();
        let mut command = Command::new(program);
        command.args(["mock", "--errors", "--host", "127.0.0.1", "--port", &free.to_string()]).arg(document);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("Prism starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let said = lines.by_ref().map_while(Result::ok).find(|line| line.contains("listening on"));
        assert!(said.is_some(), "Prism ended before it listened");
        // it says a lot, and stops when nobody reads
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        let client = ReqwestTransport::new(true).expect("a transport");
        Some(Self { child, address: format!("http://127.0.0.1:{free}"), client })
    }

    async fn status(&self, exchange: &Exchange, body: Bytes) -> u16 {
        // Prism leaves the path of the document's server out
        let target = exchange.target.strip_prefix("/v1").expect("a path of Webex");
        let mut request = Request::builder().method(exchange.method.as_str()).uri(format!("{}{target}", self.address));
        request = request.header("authorization", "Bearer anything");
        if let Some(media_type) = &exchange.media_type {
            request = request.header("content-type", media_type);
        }
        let request = request.body(body).expect("a request");
        self.client.send(request, PATIENCE).await.expect("a reply").status().as_u16()
    }
}

#[tokio::test]
async fn prism_takes_every_request() {
    let Some(prism) = Prism::start() else { return };
    let Some((_, exchanges)) = driven().await else { return };
    let mut refused = Vec::new();
    for exchange in &exchanges {
        let status = prism.status(exchange, exchange.request.clone()).await;
        if !matches!(status, 200..300) {
            let body = String::from_utf8_lossy(&exchange.request);
            refused.push(format!("{status} {} {} {body}", exchange.method, exchange.target));
        }
    }
    assert!(refused.is_empty(), "{refused:#?}");

    // and it does look
    let create = exchanges.iter().find(|one| one.method == "POST" && one.path == "/v1/meetings").expect("a create");
    for spoiled in [r#"{"title":"no times"}"#, "[]", r#"{"title":1,"start":"x","end":"y"}"#] {
        assert!(prism.status(create, Bytes::from_static(spoiled.as_bytes())).await >= 400, "{spoiled}");
    }
    println!("count: {} requests of webex-meetings taken by Prism", exchanges.len());
}
