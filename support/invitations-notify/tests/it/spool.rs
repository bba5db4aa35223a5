use invitations_core::invitation::Notifier as _;
use invitations_notify::SpoolNotifier;

use crate::invited;

#[tokio::test]
async fn one_file_per_notice_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let spool = SpoolNotifier::in_folder(folder.path().join("mail")).unwrap();
    spool.deliver(&invited("bob@x.example")).await.unwrap();
    spool.deliver(&invited("bob@x.example")).await.unwrap();
    let files: Vec<_> = std::fs::read_dir(spool.folder()).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    let notice: serde_json::Value = serde_json::from_slice(&std::fs::read(&files[0]).unwrap()).unwrap();
    assert_eq!(notice["kind"], "invited");
    assert_eq!(notice["to"], "bob@x.example");
    assert_eq!(notice["link"], "https://app.example/join#inv1_planted-secret");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&files[0]).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_folder_that_cannot_be_made_has_a_remedy() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = SpoolNotifier::in_folder(file.path().join("below")).unwrap_err();
    assert!(error.remedy().is_some());
}
