//! A bad file, a bad flag, a missing variable: named, and nothing is sent.

use meetings_sandbox::{Sandbox, SandboxConfig};

use crate::run::{WEEK, quickstart, said};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_week_is_refused_before_anything_is_sent() {
    let sandbox = Sandbox::start(SandboxConfig::new()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (file, db) = (folder.path().join("bad.json"), folder.path().join("bad.db"));
    std::fs::write(&file, std::fs::read_to_string(WEEK).unwrap().replace("\"16:00\"", "\"4 pm\"")).unwrap();
    let (file, url) = (file.to_str().unwrap().to_owned(), sandbox.url().to_string());
    let db_text = db.to_str().unwrap().to_owned();
    let output =
        tokio::task::spawn_blocking(move || quickstart(&[&file, "--sandbox", &url, "--db", &db_text]).output());
    let output = output.await.unwrap().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = said(&output);
    assert!(text.contains("bad.json:") && text.contains("HH:MM") && text.contains("nothing was sent"), "{text}");
    assert!(sandbox.journal().is_empty());
    assert!(!db.exists());
}

#[test]
fn a_missing_file_and_a_wrong_flag_are_named() {
    let output = quickstart(&["no-such-week.json"]).output().unwrap();
    assert!(said(&output).contains("no-such-week.json"), "{}", said(&output));
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&quickstart(&["--fast"]).output().unwrap()).contains("--fast"));
    assert!(said(&quickstart(&["--help"]).output().unwrap()).contains("usage: quickstart"));
}

#[test]
fn a_sandbox_that_is_not_there_has_a_remedy() {
    let output = quickstart(&[WEEK, "--sandbox", "http://127.0.0.1:9"]).output().unwrap();
    assert!(said(&output).contains("cargo run -p meetings-sandbox"), "{}", said(&output));
}

#[test]
fn live_names_all_missing_variables_at_once() {
    let mut command = quickstart(&[WEEK, "--live"]);
    let names = [
        "MICROSOFT_TENANT_ID",
        "MICROSOFT_CLIENT_ID",
        "MICROSOFT_CLIENT_SECRET",
        "MICROSOFT_REDIRECT_URI",
        "TEAMS_ORGANIZER_EMAIL",
        "WEBEX_CLIENT_ID",
        "WEBEX_CLIENT_SECRET",
        "WEBEX_REDIRECT_URI",
    ];
    for name in names {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    for name in names {
        assert!(said(&output).contains(name), "{}", said(&output));
    }
}
