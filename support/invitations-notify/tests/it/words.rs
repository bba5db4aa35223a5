use chrono::TimeDelta;
use invitations_core::{
    invitation::{About, Notice, Notifier as _},
    secret::{InvitationLink, JoinUrl},
    time::{Slot, TimeZone},
};
use invitations_notify::{Mailer, SpoolNotifier};
use lettre::transport::stub::AsyncStubTransport;

use crate::invited;

fn slot(hours: i64) -> Slot {
    let start = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::hours(hours);
    Slot::at(start, std::time::Duration::from_secs(3600), TimeZone::parse("Europe/Berlin").unwrap()).unwrap()
}

fn about(about: About) -> Notice {
    let mut notice = invited("bob@x.example");
    (notice.about, notice.slot) = (about, Some(slot(0)));
    notice
}

/// Each kind: its word, what the mail must say, and the link it must carry.
#[tokio::test]
async fn every_kind_has_its_word_its_text_and_its_link() {
    let link = || Some(InvitationLink::new("https://app.example/#inv1_x"));
    let join = || Some(JoinUrl::new("https://meet.example/join/1".parse().unwrap()));
    let (new, room) = (Some("https://app.example/#inv1_x"), Some("https://meet.example/join/1"));
    let kinds = [
        ("updated", About::Updated { link: link() }, "has changed", new),
        ("answer_wanted", About::AnswerWanted { link: link() }, "Please answer", new),
        ("starts_soon", About::StartsSoon { join: join() }, "2027-01-15 09:00 (Europe/Berlin)", room),
        ("nobody_joined", About::NobodyJoined, "nobody has joined", None),
        ("counter_proposed", About::CounterProposed { slots: vec![slot(24)] }, "- 2027-01-16 09:00", None),
        ("counter_declined", About::CounterDeclined, "do not suit", None),
        ("rescheduled", About::Rescheduled { join: join() }, "another time", room),
    ];
    for (word, kind, says, link) in kinds {
        let notice = about(kind);
        let stub = AsyncStubTransport::new_ok();
        Mailer::new("School <noreply@school.example>".parse().unwrap(), stub.clone()).deliver(&notice).await.unwrap();
        let (_, mail) = stub.messages().await.remove(0);
        assert!(mail.contains(says), "{word}: {mail}");
        assert!(link.is_none_or(|link| mail.contains(link)), "{word}: {mail}");
        let folder = tempfile::tempdir().unwrap();
        let spool = SpoolNotifier::in_folder(folder.path().join("mail")).unwrap();
        spool.deliver(&notice).await.unwrap();
        let file = std::fs::read_dir(spool.folder()).unwrap().next().unwrap().unwrap().path();
        let json: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        assert_eq!((json["kind"].as_str(), json["link"].as_str()), (Some(word), link));
        assert_eq!(json["slot"]["start"], "2027-01-15T08:00:00Z");
        assert_eq!(json["slot"]["zone"], "Europe/Berlin");
        assert_eq!(json["offered"].as_array().unwrap().len(), usize::from(word == "counter_proposed"));
    }
}
