//! A program of somebody else's: it has the published crates and nothing of the workspace.

fn main() {
    let named = [
        std::any::type_name::<calendar_sync::CalendarSync>(),
        std::any::type_name::<graph_meetings::Graph>(),
        std::any::type_name::<invitations_core::Error>(),
        std::any::type_name::<invitations_notify::SpoolNotifier>(),
        std::any::type_name::<invitations_sqlx::SqliteStore>(),
        std::any::type_name::<webex_meetings::Webex>(),
    ];
    println!("{}", named.join("\n"));
}
