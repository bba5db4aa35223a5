//! Is the Teams application access policy granted? A filtered read is refused without it, and makes nothing.

use invitations_core::{Remedy, doctor::Finding, ids::UserId};
use serde::de::IgnoredAny;

use super::{GraphDoctor, organizer};
use crate::{
    client::{App, Session},
    errors::Resource,
    wire::{self, Page},
};

const PAGE: &str = "https://learn.microsoft.com/powershell/module/teams/grant-csapplicationaccesspolicy";
/// Three bodies are known for the missing policy, and `1026` right after it was granted (trap 3).
const REFUSED: u16 = 403;
const SETTLING: u16 = 400;

/// `link` is one that no meeting has.
pub(super) async fn ask(session: &Session, app: &App, who: &UserId, link: &str) -> Finding {
    let question = GraphDoctor::ACCESS_POLICY;
    let filter = format!("JoinWebUrl eq '{}'", wire::segment(link));
    let path = format!("{}/onlineMeetings?$filter={}", session.owner.path(), wire::segment(&filter));
    let read = async { organizer::ask::<Page<IgnoredAny>>(session, Resource::Meetings, wire::get(&path)?).await };
    let Err(error) = read.await else { return Finding::ok(question, "the application may act for the organizer") };
    match error.status() {
        Some(REFUSED) => {
            let detail = "refused: no policy for this application and organizer, or a fresh one that is not there yet";
            Finding::fail(question, detail).with_remedy(remedy(app, who))
        }
        Some(SETTLING) => {
            let detail = "unclear answer (400): seen right after a grant";
            Finding::warn(question, detail).with_remedy(remedy(app, who))
        }
        _ => Finding::of_error(question, &error),
    }
}

fn remedy(app: &App, organizer: &UserId) -> Remedy {
    let remedy = Remedy::new(
        "Grant the Teams application access policy to this organizer; to everybody only if all of them organize. A fresh grant \
         usually shows within 10 to 30 minutes, and may take up to 24 hours: then ask again.",
    )
    .with_docs(PAGE);
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.@_".contains(&byte));
    let (client, organizer) = (app.client.as_str(), organizer.as_str());
    if !plain(client) || !plain(organizer) {
        return remedy;
    }
    remedy.with_commands([
        "Connect-MicrosoftTeams".to_owned(),
        "New-CsApplicationAccessPolicy -Identity 'Invitations' `".to_owned(),
        format!("  -AppIds '{client}'"),
        "Grant-CsApplicationAccessPolicy -PolicyName 'Invitations' `".to_owned(),
        format!("  -Identity '{organizer}'"),
    ])
}

#[cfg(test)]
mod tests {
    use invitations_core::{ids::ClientId, secret::ClientSecret};

    use super::*;
    use crate::client::DirectoryId;

    #[test]
    fn the_lines_grant_it_to_one_organizer_and_cannot_be_left() {
        let app = |client: &str| {
            let directory = DirectoryId::parse("contoso.example").unwrap();
            App::with_secret(directory, ClientId::parse(client).unwrap(), ClientSecret::new("planted"))
        };
        let lines = remedy(&app("client-1"), &UserId::parse("olga@contoso.example").unwrap()).commands.join("\n");
        assert!(lines.contains("-AppIds 'client-1'") && lines.contains("-Identity 'olga@contoso.example'"), "{lines}");
        assert!(!lines.contains("-Global"), "{lines}");
        assert!(remedy(&app("x'; Remove-All"), &UserId::parse("o").unwrap()).commands.is_empty());
        assert!(remedy(&app("c"), &UserId::parse("o'brien@contoso.example").unwrap()).commands.is_empty());
    }
}
