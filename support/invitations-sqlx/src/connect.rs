use std::{io, str::FromStr as _, time::Duration};

use invitations_core::{Error, ErrorKind, Remedy, Result};
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use url::Url;

use crate::{
    error,
    store::{OPEN, Store},
};

/// How long a caller waits for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the query of a URL may say. sqlx takes these, and would write anything else into the log, value and all.
const PARAMETERS: [&str; 17] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "user",
];

/// Connections to providers, connect flows and the health of clients on PostgreSQL, for any number of machines.
///
/// The database's own clock decides, so that machines with wrong clocks agree: as it is at the beginning of a statement
/// (`statement_timestamp()`). Isolation level `read committed` is enough, because every decision is one conditional statement: it waits
/// for a row that another one is writing, and looks at the condition again then.
pub type PgStore = Store<sqlx::Postgres>;

impl PgStore {
    /// Connects to `postgres://user:password@host/database`, and brings the tables up to date, in the first schema of the search path.
    ///
    /// What the URL may say beside this is what libpq's may: `sslmode`, `sslrootcert`, `sslcert`, `sslkey`, `application_name`,
    /// `options`; `host` for the folder of a unix socket. And `statement-cache-capacity=0` for a pooler that does not keep a session per
    /// client. TLS is rustls with aws-lc-rs. As with libpq, a URL that says nothing of it takes TLS if the server offers it, and looks
    /// at no certificate: where the network is not your own, say `sslmode=verify-full`, and `sslrootcert=` the file of your authority
    /// unless a public one has signed.
    ///
    /// The pool has ten connections, which are waited for ten seconds; for another make it yourself: [`with_pool`](Self::with_pool).
    ///
    /// # Errors
    /// [`Misconfigured`](ErrorKind::Misconfigured) when the URL cannot be used, the server refuses it, or a newer program has written
    /// to the database; [`Unavailable`](ErrorKind::Unavailable) when the server cannot be reached. None of them repeats the URL.
    pub async fn connect(url: &str) -> Result<Self> {
        let options = options(url)?;
        let pool = PgPoolOptions::new().acquire_timeout(PATIENCE).connect_with(options).await;
        Self::with_pool(pool.map_err(handshake).map_err(error::database(OPEN))?).await
    }

    /// Keeps its tables (all begin with `inv_`) in the embedder's database, and brings them up to date.
    ///
    /// Who only uses tables that are up to date needs no right to make any.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn with_pool(pool: PgPool) -> Result<Self> {
        Self::prepare(pool, ()).await
    }
}

/// A certificate that is not accepted comes as unreadable input; asking again does not help.
fn handshake(failure: sqlx::Error) -> sqlx::Error {
    match failure {
        sqlx::Error::Io(cause) if cause.kind() == io::ErrorKind::InvalidData => sqlx::Error::Tls(cause.into()),
        other => other,
    }
}

fn options(url: &str) -> Result<PgConnectOptions> {
    // without the parser's own words, which may quote a part of what was to be a secret
    let unusable = |detail: &'static str| {
        Error::new(ErrorKind::Misconfigured, OPEN)
            .with_detail(detail)
            .with_remedy(Remedy::new("Give a URL such as postgres://user:password@host/database?sslmode=verify-full, special characters of the password as %XX."))
    };
    let parts = Url::parse(url).map_err(|_| unusable("the text is no URL"))?;
    if !["postgres", "postgresql"].contains(&parts.scheme()) {
        return Err(unusable("the URL is not one of PostgreSQL"));
    }
    let is_known =
        |name: &str| PARAMETERS.contains(&name) || name == "statement-cache-capacity" || name.starts_with("options[");
    if !parts.query_pairs().all(|(name, _)| is_known(&name)) {
        return Err(unusable("the URL has a parameter that is not known"));
    }
    PgConnectOptions::from_str(url).map_err(|_| unusable("a part of the URL cannot be read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_cannot_be_used_is_not_repeated() {
        for url in [
            "planted-1b7f",
            "mysql://user:planted-1b7f@host/database",
            "postgres://user:planted-1b7f/@host/database",
            "postgres://user:planted-1b7f@host:99999/database",
            "postgres://user@host/database?sslmode=planted-1b7f",
            "postgres://user@host/database?ssl_mode=planted-1b7f",
            "postgres://user@host/database?planted-1b7f",
            "postgres://user@host/database?port=planted-1b7f",
        ] {
            let error = options(url).unwrap_err();
            assert_eq!((error.kind(), error.remedy().is_some()), (ErrorKind::Misconfigured, true), "{url}");
            assert!(!format!("{error} {error:?}").contains("1b7f"), "{error:?}");
        }
    }

    #[test]
    fn a_certificate_that_is_not_accepted_is_no_weather() {
        let kind =
            |of: io::ErrorKind| error::database::<sqlx::Error>(OPEN)(handshake(io::Error::from(of).into())).kind();
        assert_eq!(kind(io::ErrorKind::InvalidData), ErrorKind::Misconfigured);
        assert_eq!(kind(io::ErrorKind::ConnectionReset), ErrorKind::Unavailable);
    }

    #[test]
    fn what_libpq_knows_is_taken() {
        for url in [
            "postgres://user:p%40ss@host:5433/database?sslmode=verify-full&sslrootcert=ca.pem",
            "postgresql://localhost/postgres?host=/tmp/socket&application_name=school&options=-c%20search_path%3Dinv",
            "postgres://localhost?options[search_path]=inv&statement-cache-capacity=0",
        ] {
            options(url).unwrap();
        }
    }
}
