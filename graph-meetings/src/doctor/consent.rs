//! How an administrator grants permissions, step by step.

use invitations_core::Remedy;

use crate::client::{App, Cloud};

const PAGE: &str = "https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent";
/// Graph itself, in every directory.
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// For application permissions that are missing.
pub(super) fn remedy(app: &App, missing: &[&str]) -> Remedy {
    let action = format!(
        "Entra admin center > App registrations > {} > API permissions > Add a permission > Microsoft Graph > Application \
         permissions: {}; then Grant admin consent. Tokens from before keep what they carry for up to 90 minutes.",
        app.client,
        missing.join(", ")
    );
    let remedy = Remedy::new(action).with_docs(PAGE);
    match commands(app, missing) {
        Some(lines) => remedy.with_commands(lines),
        None => remedy,
    }
}

/// PowerShell with the module Microsoft.Graph. For the worldwide cloud: the names of the others' environments are not known here.
fn commands(app: &App, missing: &[&str]) -> Option<Vec<String>> {
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    let (client, directory) = (app.client.as_str(), app.directory.as_str());
    // a sandbox shows what the worldwide cloud needs
    let global = app.cloud.authority == Cloud::global().authority || app.cloud.authority.scheme() == "http";
    if !global || ![client, directory].into_iter().chain(missing.iter().copied()).all(plain) {
        return None;
    }
    let names: Vec<_> = missing.iter().map(|name| format!("'{name}'")).collect();
    Some(vec![
        format!("Connect-MgGraph -TenantId {directory} `"),
        "  -Scopes Application.Read.All,AppRoleAssignment.ReadWrite.All".to_owned(),
        format!("$graph = Get-MgServicePrincipal -Filter \"appId eq '{GRAPH}'\""),
        format!("$app = Get-MgServicePrincipal -Filter \"appId eq '{client}'\""),
        format!("foreach ($name in {}) {{", names.join(",")),
        "  $role = $graph.AppRoles | Where-Object Value -eq $name".to_owned(),
        "  New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $app.Id -PrincipalId $app.Id `".to_owned(),
        "    -ResourceId $graph.Id -AppRoleId $role.Id".to_owned(),
        "}".to_owned(),
    ])
}

#[cfg(test)]
mod tests {
    use invitations_core::{ids::ClientId, secret::ClientSecret};

    use super::*;
    use crate::client::DirectoryId;

    fn app(client: &str) -> App {
        let directory = DirectoryId::parse("contoso.example").unwrap();
        App::with_secret(directory, ClientId::parse(client).unwrap(), ClientSecret::new("planted"))
    }

    #[test]
    fn the_lines_grant_what_is_missing_and_nothing_else() {
        let remedy = remedy(&app("client-1"), &["Calendars.ReadWrite", "User.Read.All"]);
        assert!(remedy.action.contains("Application permissions: Calendars.ReadWrite, User.Read.All; then"));
        let lines = remedy.commands.join("\n");
        assert!(lines.contains("foreach ($name in 'Calendars.ReadWrite','User.Read.All') {"), "{lines}");
        assert!(lines.contains("appId eq 'client-1'") && lines.contains("-TenantId contoso.example"));
        assert!(remedy.commands.iter().all(|line| line.len() <= 93), "{lines}");
    }

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        assert!(remedy(&app("x'; Remove-All"), &["A"]).commands.is_empty());
        assert!(remedy(&app("c"), &["A'"]).commands.is_empty());
        assert!(remedy(&app("c").with_cloud(Cloud::china()), &["A"]).commands.is_empty());
    }
}
