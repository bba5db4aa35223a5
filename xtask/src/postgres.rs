//! PostgreSQL for tests: one that is already there, or a throwaway cluster from the installed programs.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::{environment, process, tools};

const COMMAND_LIMIT: Duration = Duration::from_secs(3 * 3_600);

/// A server for tests; a throwaway one goes away with this value.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) url: String,
    _cluster: Option<Cluster>,
}

/// `cargo xtask postgres -- COMMAND…`
pub(crate) fn run(command: &[&str]) -> Result<(), String> {
    let server = obtain()?;
    eprintln!("DATABASE_URL={}", server.url);
    let mut child = Command::new(command[0]);
    child.args(&command[1..]).env("DATABASE_URL", &server.url);
    process::run(&mut child, COMMAND_LIMIT)
}

/// `DATABASE_URL` if set, else a throwaway cluster, installing the programs where that is possible.
pub(crate) fn obtain() -> Result<Server, String> {
    if let Ok(url) = std::env::var("DATABASE_URL") {
        return Ok(Server { url, _cluster: None });
    }
    let programs = match programs() {
        Some(found) => found,
        None if environment::may_install() => {
            install()?;
            programs().ok_or("PostgreSQL was installed, but initdb is not where Debian puts it")?
        }
        None => return Err("no PostgreSQL: set DATABASE_URL, or install the server (Debian: postgresql)".to_owned()),
    };
    let cluster = Cluster::start(&programs)?;
    let url = cluster.url();
    Ok(Server { url, _cluster: Some(cluster) })
}

/// The folder with `initdb` and `pg_ctl`: the newest below /usr/lib/postgresql, else one on the search path.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin")).collect();
    found.sort_by_key(|folder| version_of(folder));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&path).collect::<Vec<_>>();
    let complete = |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file();
    found.into_iter().rev().chain(in_path).find(complete)
}

fn version_of(folder: &Path) -> u32 {
    let version = folder.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    version.and_then(|version| version.split('.').next()?.parse().ok()).unwrap_or_default()
}

/// Debian's package, told beforehand not to make and start a cluster of its own.
fn install() -> Result<(), String> {
    let settings = Path::new("/etc/postgresql-common/createcluster.conf");
    let before = std::fs::read_to_string(settings).unwrap_or_default();
    if !before.lines().any(|line| line.trim_start().starts_with("create_main_cluster")) {
        let write = std::fs::create_dir_all("/etc/postgresql-common")
            .and_then(|()| std::fs::write(settings, format!("{before}create_main_cluster = false\n")));
        write.map_err(|error| format!("{}: {error}", settings.display()))?;
    }
    tools::install_debian(&["postgresql"])
}

/// A cluster in a folder of its own, reachable through a unix socket only.
#[derive(Debug)]
struct Cluster {
    folder: PathBuf,
    guard: Child,
}

/// Waits for the end of its input, which comes when we are done or dead in any way, then stops the cluster.
const GUARD: &str =
    r#"trap "" INT TERM HUP; cat; folder="$1"; shift; "$@" -D "$folder/data" -m immediate stop; rm -rf "$folder""#;

impl Cluster {
    fn start(programs: &Path) -> Result<Self, String> {
        let folder = new_folder()?;
        let pg_ctl = program(programs, "pg_ctl");
        let guard = Command::new("sh")
            .args(["-c", GUARD, "sh"])
            .arg(&folder)
            .arg(pg_ctl.get_program())
            .args(pg_ctl.get_args())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let guard = guard.map_err(|error| format!("sh does not start: {error}"))?;
        // from here on, whatever happens, the guard cleans up
        let cluster = Self { folder, guard };
        let (folder, data) = (&cluster.folder, cluster.folder.join("data"));
        if environment::is_root() {
            // the server refuses to run as root
            process::output(Command::new("chown").arg("postgres:").arg(folder))?;
        }
        let arguments = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-D"];
        process::output(program(programs, "initdb").args(arguments).arg(&data))?;
        let options = format!(
            "-k {} -c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200",
            folder.display()
        );
        let mut start = program(programs, "pg_ctl");
        start
            .args(["start", "-w", "-t", "60", "-D"])
            .arg(&data)
            .arg("-l")
            .arg(folder.join("log"))
            .arg("-o")
            .arg(options);
        process::output(&mut start).map_err(|error| {
            let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
            format!("{error}\n{log}")
        })?;
        cluster.smoke()?;
        Ok(cluster)
    }

    fn url(&self) -> String {
        format!("postgres://postgres@localhost/postgres?host={}", self.folder.display())
    }

    fn smoke(&self) -> Result<(), String> {
        let answer = process::output(Command::new("psql").arg(self.url()).args(["-X", "-A", "-t", "-c", "select 1"]))?;
        if answer.trim() == "1" { Ok(()) } else { Err(format!("`select 1` answers `{}`", answer.trim())) }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

/// Directly below /tmp: the path of a unix socket must stay under 104 bytes.
fn new_folder() -> Result<PathBuf, String> {
    let base = if Path::new("/tmp").is_dir() { PathBuf::from("/tmp") } else { std::env::temp_dir() };
    for number in 0..100 {
        let folder = base.join(format!("inv-pg-{}-{number}", std::process::id()));
        match std::fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(format!("{}: {error}", folder.display())),
        }
    }
    Err(format!("no free folder below {}", base.display()))
}

/// A program of the server, as user postgres when we are root.
fn program(folder: &Path, name: &str) -> Command {
    let path = folder.join(name);
    let mut command = if environment::is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", "postgres", "--regid", "postgres", "--init-groups", "--"]).arg(path);
        command
    } else {
        Command::new(path)
    };
    // the user postgres may not be able to stand in our folder
    command.current_dir("/").env("LC_ALL", "C.UTF-8");
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_wins() {
        assert!(
            version_of(Path::new("/usr/lib/postgresql/17/bin")) > version_of(Path::new("/usr/lib/postgresql/9.6/bin"))
        );
        assert_eq!(version_of(Path::new("/usr/local/bin")), 0);
    }

    #[test]
    fn a_cluster_answers_and_leaves_nothing_behind() {
        let Some(programs) = programs() else {
            // `cargo xtask test` has installed it before this runs, where it may
            println!("skipped: no PostgreSQL programs on this machine");
            return;
        };
        let cluster = Cluster::start(&programs).expect("a cluster that answers `select 1`");
        let folder = cluster.folder.clone();
        assert!(folder.join("data/postmaster.pid").is_file());
        drop(cluster);
        assert!(!folder.exists(), "{} is left behind", folder.display());
    }
}
