//! What is missing or wrong on the command line and in the environment: named at once, and nothing is sent.

use crate::run::{VARIABLES, doctor, said};

#[test]
fn all_missing_variables_are_named_at_once() {
    let output = doctor(&[]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    for name in VARIABLES.iter().filter(|name| !["_EXPIRES", "_TOKEN", "_EMAIL"].iter().any(|end| name.ends_with(end)))
    {
        assert!(said(&output).contains(&format!("{name} is not set")), "{}", said(&output));
    }
    let output = doctor(&["--microsoft"]).output().unwrap();
    assert!(!said(&output).contains("WEBEX"), "{}", said(&output));
}

#[test]
fn a_wrong_call_ends_with_two() {
    for (arguments, words) in [
        (&["--fast"][..], "--fast"),
        (&["--broken"], "--sandbox"),
        (&["--features", "fly"], "fly"),
        (&["--db", "x.db"], "--organization"),
    ] {
        let output = doctor(arguments).output().unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{}", said(&output));
        assert!(said(&output).contains(words), "{}", said(&output));
    }
    let output = doctor(&["--help"]).output().unwrap();
    assert!(output.status.success() && said(&output).contains("usage: doctor"));
}

#[test]
fn a_database_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("week.db");
    let mut command = doctor(&["--webex", "--db", file.to_str().unwrap(), "--organization", "school"]);
    let output =
        command.env("WEBEX_CLIENT_ID", "client").env("WEBEX_CLIENT_SECRET", "planted-secret").output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("week.db is not there") && !said(&output).contains("planted"), "{}", said(&output));
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none());
}

/// Behind a proxy that is not there, so that nothing leaves this machine.
#[test]
fn without_a_network_the_stored_connections_are_looked_at_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("week.db");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    drop(runtime.block_on(invitations_sqlx::SqliteStore::open(&file)).unwrap());
    invitations_core::secret::KeyRing::from_file_or_create(folder.path().join("week.db.key")).unwrap();
    let mut command = doctor(&["--db", file.to_str().unwrap(), "--organization", "school"]);
    for name in VARIABLES.iter().filter(|name| !name.ends_with("EXPIRES")) {
        command.env(name, "planted-secret");
    }
    command
        .env("MICROSOFT_TENANT_ID", "contoso.example")
        .env("MICROSOFT_CLIENT_ID", "one")
        .env("WEBEX_CLIENT_ID", "two");
    command.env("HTTPS_PROXY", "http://planted:planted@127.0.0.1:9");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let text = said(&output);
    for words in [
        "login.microsoftonline.com: the proxy",
        "webexapis.com: the proxy",
        "HTTPS_PROXY is set",
        "nobody is connected",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("planted"), "{text}");
}
