//! The program over https: the certificate is there before it says where it listens, and is the one that it shows.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpStream,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};

/// Ends the program with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn shaken_hands(authority: &[u8], name: &str, port: u16) -> Result<(), String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority).expect("a certificate")).expect("an authority");
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    let mut client = ClientConnection::new(Arc::new(config), name).expect("a connection");
    let mut socket = TcpStream::connect(("127.0.0.1", port)).expect("connects");
    client.complete_io(&mut socket).map(drop).map_err(|error| error.to_string())
}

#[test]
fn the_program_writes_the_certificate_to_trust() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ca.pem");
    let child =
        Command::new(env!("CARGO_BIN_EXE_meetings-sandbox")).arg("--tls").arg(&file).stdout(Stdio::piped()).spawn();
    let mut program = Program(child.expect("starts"));
    let mut line = String::new();
    BufReader::new(program.0.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
    let url = line.trim().strip_prefix("listening on https://127.0.0.1:").expect("an https address");
    let port: u16 = url.trim_end_matches('/').parse().expect("a port");

    let authority = std::fs::read(&file).expect("the certificate");
    assert!(authority.starts_with(b"-----BEGIN CERTIFICATE-----"), "and no key");
    for name in ["localhost", "127.0.0.1"] {
        assert_eq!(shaken_hands(&authority, name, port), Ok(()));
    }
    let other = shaken_hands(&authority, "sandbox.example", port).expect_err("it is for loopback names only");
    assert!(other.contains("not valid for name"), "{other}");
}
