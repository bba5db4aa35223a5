//! A server that says one thing: on threads of its own, so that the thread of the client is the client's alone.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::Arc,
    thread,
};

use url::Url;

use crate::Failure;

/// Answers every request on a loopback port with the same status and body. Runs until the process ends.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Canned {
    /// Where it listens.
    pub url: Url,
}

impl Canned {
    /// Listens.
    ///
    /// # Errors
    /// When there is no port.
    pub fn start(status: u16, json: &str) -> Result<Self, Failure> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let url = Url::parse(&format!("http://{}/", listener.local_addr()?))?;
        let head = format!("HTTP/1.1 {status} OK\r\ncontent-type: application/json\r\nrequest-id: r-1\r\n");
        let reply: Arc<[u8]> = format!("{head}content-length: {}\r\n\r\n{json}", json.len()).into_bytes().into();
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let reply = Arc::clone(&reply);
                thread::spawn(move || serve(socket, &reply));
            }
        });
        Ok(Self { url })
    }
}

/// Until the other side is gone.
fn serve(mut socket: TcpStream, reply: &[u8]) -> Option<()> {
    socket.set_nodelay(true).ok()?;
    let (mut pending, mut part) = (Vec::new(), [0; 16 * 1024]);
    loop {
        while let Some(length) = whole(&pending) {
            pending.drain(..length);
            socket.write_all(reply).ok()?;
        }
        match socket.read(&mut part).ok()? {
            0 => return None,
            read => pending.extend_from_slice(part.get(..read)?),
        }
    }
}

/// The length of the first request, once it is there with its body.
fn whole(bytes: &[u8]) -> Option<usize> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(bytes.get(..end)?).ok()?.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length = end + length.map_or(Some(0), |length| length.trim().parse().ok())?;
    (bytes.len() >= length).then_some(length)
}
