//! Why no reply came, out of an error and its causes. What is not known stays unknown.

use std::{error::Error, io};

use crate::transport::TransportError;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(
    not(any(feature = "rustls", test)),
    expect(dead_code, reason = "only rustls says why a certificate is no good")
)]
pub(super) enum Trouble {
    /// The host's name is not known.
    Name,
    /// Somebody is there, and nobody listens.
    Refused,
    /// No way there.
    NoRoute,
    /// Nobody answered in time.
    Silent,
    /// The certificate is over, or not yet valid: theirs is bad or our clock is.
    CertificateTime,
    /// Of an issuer that this machine does not trust.
    CertificateIssuer,
    /// For another host.
    CertificateName,
    /// The certificate is bad in another way.
    Certificate,
    /// TLS did not come about, whatever the certificate.
    Tls,
    /// A proxy wants to know who we are.
    ProxyAuthentication,
    /// A proxy did not let us through.
    Proxy,
    /// The connection was there, and broke.
    Broken,
    Unknown,
}

impl Trouble {
    pub(super) fn of(error: &TransportError) -> Self {
        let mut level: Option<&(dyn Error + 'static)> = Some(&*error.source);
        // the innermost that is understood says most, but a proxy's trouble is never the server's
        let mut found = None;
        while let Some(cause) = level {
            match of_level(cause) {
                Some(proxy @ (Self::ProxyAuthentication | Self::Proxy)) => return proxy,
                Some(known) => found = Some(known),
                None => {}
            }
            level = cause.source();
        }
        match found {
            Some(Self::Broken) | None if error.timed_out => Self::Silent,
            Some(found) => found,
            None => Self::Unknown,
        }
    }
}

fn of_level(cause: &(dyn Error + 'static)) -> Option<Trouble> {
    #[cfg(feature = "rustls")]
    if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
        return Some(of_tls(tls));
    }
    if let Some(io) = cause.downcast_ref::<io::Error>() {
        return of_io(io);
    }
    // hyper's connector and its tunnel keep their types to themselves
    match cause.to_string().as_str() {
        "dns error" => Some(Trouble::Name),
        text if text.starts_with("tunnel error") => {
            let who = text.contains("authorization required");
            Some(if who { Trouble::ProxyAuthentication } else { Trouble::Proxy })
        }
        // the operating system's TLS has no types to ask
        text if text.contains("certificate") => Some(Trouble::Certificate),
        text if text.contains("SSL") || text.contains("TLS") => Some(Trouble::Tls),
        _ => None,
    }
}

/// An I/O error can hold another error, which its `source` leaps over.
fn of_io(error: &io::Error) -> Option<Trouble> {
    if let Some(inner) = error.get_ref() {
        let inner: &(dyn Error + 'static) = inner;
        if let Some(known) = of_level(inner) {
            return Some(known);
        }
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Some(Trouble::Refused),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => {
            Some(Trouble::NoRoute)
        }
        io::ErrorKind::TimedOut => Some(Trouble::Silent),
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => Some(Trouble::Broken),
        _ => None,
    }
}

#[cfg(feature = "rustls")]
fn of_tls(error: &rustls::Error) -> Trouble {
    use rustls::CertificateError as Bad;
    let rustls::Error::InvalidCertificate(bad) = error else { return Trouble::Tls };
    match bad {
        Bad::Expired | Bad::ExpiredContext { .. } | Bad::NotValidYet | Bad::NotValidYetContext { .. } => {
            Trouble::CertificateTime
        }
        Bad::UnknownIssuer => Trouble::CertificateIssuer,
        Bad::NotValidForName | Bad::NotValidForNameContext { .. } => Trouble::CertificateName,
        _ => Trouble::Certificate,
    }
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;
    use crate::transport::Sent;

    /// A cause with a text, above another one.
    #[derive(Debug)]
    struct Level(&'static str, Option<io::Error>);

    impl fmt::Display for Level {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Level {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_ref().map(|error| error as _)
        }
    }

    fn of(text: &'static str, below: Option<io::ErrorKind>, timed_out: bool) -> Trouble {
        let error = TransportError::new(Sent::No, Level(text, below.map(io::Error::from)));
        Trouble::of(&error.with_timed_out(timed_out))
    }

    #[test]
    fn causes_are_told_apart() {
        use io::ErrorKind as Kind;
        for (text, below, timed_out, expected) in [
            ("dns error", Some(Kind::Other), false, Trouble::Name),
            ("dns error", None, false, Trouble::Name),
            ("tcp connect error", Some(Kind::ConnectionRefused), false, Trouble::Refused),
            ("tcp connect error", Some(Kind::NetworkUnreachable), false, Trouble::NoRoute),
            ("tcp connect error", Some(Kind::TimedOut), false, Trouble::Silent),
            ("tunnel error: proxy authorization required", None, false, Trouble::ProxyAuthentication),
            ("tunnel error: unsuccessful", None, false, Trouble::Proxy),
            ("tunnel error: io error establishing tunnel", Some(Kind::ConnectionRefused), false, Trouble::Proxy),
            ("error:0A000086:SSL routines:certificate verify failed", None, false, Trouble::Certificate),
            ("error:0A00010B:SSL routines:wrong version number", None, false, Trouble::Tls),
            ("something new", Some(Kind::ConnectionReset), false, Trouble::Broken),
            ("something new", None, true, Trouble::Silent),
            ("something new", None, false, Trouble::Unknown),
        ] {
            assert_eq!(of(text, below, timed_out), expected, "{text} {below:?}");
        }
    }

    #[cfg(feature = "rustls")]
    #[test]
    fn certificates_are_told_apart() {
        use rustls::CertificateError as Bad;
        for (bad, expected) in [
            (Bad::Expired, Trouble::CertificateTime),
            (Bad::NotValidYet, Trouble::CertificateTime),
            (Bad::UnknownIssuer, Trouble::CertificateIssuer),
            (Bad::NotValidForName, Trouble::CertificateName),
            (Bad::BadSignature, Trouble::Certificate),
        ] {
            let tls = rustls::Error::InvalidCertificate(bad);
            let wrapped = io::Error::new(io::ErrorKind::InvalidData, tls.clone());
            // as hyper's connector has it
            let twice = io::Error::other(wrapped);
            assert_eq!(Trouble::of(&TransportError::new(Sent::No, twice)), expected);
            assert_eq!(Trouble::of(&TransportError::new(Sent::No, tls)), expected);
        }
        let tls = rustls::Error::HandshakeNotComplete;
        assert_eq!(Trouble::of(&TransportError::new(Sent::No, tls)), Trouble::Tls);
    }
}
