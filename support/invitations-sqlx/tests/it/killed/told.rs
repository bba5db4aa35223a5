//! Who was told what: a journal too, and nobody may be forgotten because a worker died.

use std::{
    fs::OpenOptions,
    io::{Read as _, Result as IoResult, Write as _},
    path::Path,
};

use async_trait::async_trait;
use invitations_core::{
    Error, ErrorKind, Result, RetryClass,
    invitation::{About, Notice, Notifier, Status},
};

use super::{
    choices::Choices,
    judge::{Affair, Wanted},
    setting::Setting,
};

/// One try to tell somebody.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
pub(crate) struct Try {
    invitation: String,
    to: String,
    about: String,
    dedupe: String,
    heard: bool,
}

/// Tells people by the journal; with a seed some are out at first.
#[derive(Debug)]
pub(crate) struct Teller(pub(crate) Setting);

#[async_trait]
impl Notifier for Teller {
    async fn deliver(&self, notice: &Notice) -> Result<()> {
        let about = match &notice.about {
            // where to join is part of the news
            About::Accepted { join: Some(_) } => "on",
            About::Cancelled => "off",
            About::Declined => "no",
            _ => "something else",
        };
        let to = notice.principal.as_ref().map_or("somebody", |principal| principal.as_str());
        let before = tries(&self.0.folder).unwrap();
        let times = before.iter().filter(|one| one.dedupe == notice.dedupe).count();
        let out = self.0.seed.is_some_and(|seed| Choices::about(seed, &notice.dedupe, times).one_in(4));
        let one = Try {
            invitation: notice.invitation.as_str().to_owned(),
            to: to.to_owned(),
            about: about.to_owned(),
            dedupe: notice.dedupe.clone(),
            heard: !out,
        };
        append(&self.0.folder, &one).unwrap();
        if out {
            return Err(Error::new(ErrorKind::Unavailable, "tell").with_retry(RetryClass::Safe { after: None }));
        }
        Ok(())
    }
}

/// One line in one write, which no kill cuts in two.
fn append(folder: &Path, one: &Try) -> IoResult<()> {
    let line = serde_json::to_string(one)? + "\n";
    OpenOptions::new().append(true).create(true).open(folder.join("told.journal"))?.write_all(line.as_bytes())
}

pub(crate) fn tries(folder: &Path) -> IoResult<Vec<Try>> {
    let mut text = String::new();
    OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .open(folder.join("told.journal"))?
        .read_to_string(&mut text)?;
    Ok(text.lines().map(serde_json::from_str).collect::<serde_json::Result<_>>()?)
}

/// Who should have heard of the end and has not. A booking has nobody to tell.
pub(crate) fn forgotten(tries: &[Try], affairs: &[Affair]) -> Vec<String> {
    let mut problems = Vec::new();
    for affair in affairs {
        let Some(invitation) = &affair.call else { continue };
        let wanted: &[(&str, &str)] = match (affair.wanted, affair.status) {
            (Wanted::OneMeeting, _) => &[("bob", "on"), ("ada", "on")],
            (_, Status::Declined) => &[("ada", "no")],
            _ => &[("bob", "off")],
        };
        for (to, about) in wanted {
            let heard = |one: &Try| one.heard && one.invitation == *invitation && one.to == *to && one.about == *about;
            if !tries.iter().any(heard) {
                problems.push(format!("{to} never heard that {} is {about}", affair.name));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::killed::judge::tests::accepted;

    #[test]
    fn who_has_not_heard_is_forgotten() {
        let affair = Affair { call: Some("i".to_owned()), ..accepted("m1") };
        let heard = |to: &str, heard| Try {
            invitation: "i".to_owned(),
            to: to.to_owned(),
            about: "on".to_owned(),
            dedupe: String::new(),
            heard,
        };
        let affairs = std::slice::from_ref(&affair);
        assert!(forgotten(&[heard("bob", true), heard("ada", true)], affairs).is_empty());
        assert_eq!(forgotten(&[heard("bob", true), heard("ada", false)], affairs).len(), 1);
        assert_eq!(forgotten(&[], affairs).len(), 2);
        assert!(forgotten(&[], &[accepted("m1")]).is_empty(), "a booking");
    }
}
