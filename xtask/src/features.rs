//! Which features the commands switch on, and the feature checks.

use std::time::Duration;

use house_tests::workspace::Package;

use crate::{environment, process};

/// Needs a C library of the operating system: only its own check enables it, so that a C compiler is enough for all else.
const SYSTEM_TLS: &str = "native-tls";

/// The crates that pass the operating system's TLS on.
const WITH_SYSTEM_TLS: &[&str] = &["meetings-http", "graph-meetings", "webex-meetings"];

const CHECK_LIMIT: Duration = Duration::from_secs(600);

/// Every feature of a crate but the operating system's TLS.
pub(crate) fn explicit(package: &Package) -> Vec<&str> {
    package.features.iter().map(String::as_str).filter(|feature| *feature != SYSTEM_TLS).collect()
}

/// The same for a whole workspace, as `--features` takes it: `crate/feature`.
pub(crate) fn of_workspace(packages: &[Package], leave_out: &[&str]) -> String {
    let all = packages
        .iter()
        .flat_map(|package| explicit(package).into_iter().map(move |feature| format!("{}/{feature}", package.name)));
    all.filter(|feature| !leave_out.contains(&feature.as_str())).collect::<Vec<_>>().join(",")
}

/// The feature sets a crate must compile with: none, each alone, the default, all but the operating system's TLS.
pub(crate) fn sets(package: &Package) -> Vec<Vec<String>> {
    let bare = || vec!["--no-default-features".to_owned()];
    let with = |features: &str| [bare(), vec!["--features".to_owned(), features.to_owned()]].concat();
    let all = explicit(package);
    let mut sets = vec![bare(), Vec::new()];
    sets.extend(all.iter().map(|feature| with(feature)));
    if all.len() > 1 {
        sets.push(with(&all.join(",")));
    }
    sets
}

/// Compiles every published crate with each of its [`sets`].
pub(crate) fn check(packages: &[Package]) -> Result<(), String> {
    for package in packages.iter().filter(|package| package.publishable) {
        for set in sets(package) {
            println!("{} {}", package.name, set.join(" "));
            let mut command = process::cargo();
            command.args(["check", "--quiet", "--locked", "-p", &package.name]).args(set);
            process::run(&mut command, CHECK_LIMIT)?;
        }
    }
    Ok(())
}

/// Compiles with the operating system's TLS; says what was skipped when its library cannot be had.
pub(crate) fn check_system_tls() -> Result<Option<String>, String> {
    if !library_is_there() && environment::may_install() {
        crate::tools::install_debian(&["pkg-config", "libssl-dev"])?;
    }
    if !library_is_there() {
        return Ok(Some("install pkg-config and OpenSSL's headers (Debian: libssl-dev)".to_owned()));
    }
    for package in WITH_SYSTEM_TLS {
        let mut command = process::cargo();
        command.args([
            "check",
            "--quiet",
            "--locked",
            "-p",
            package,
            "--no-default-features",
            "--features",
            SYSTEM_TLS,
        ]);
        process::run(&mut command, CHECK_LIMIT)?;
    }
    Ok(None)
}

fn library_is_there() -> bool {
    cfg!(target_os = "macos")
        || process::output(std::process::Command::new("pkg-config").args(["--exists", "openssl"])).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package() -> Package {
        let metadata = serde_json::json!({ "packages": [{
            "name": "one", "manifest_path": "/repo/one/Cargo.toml", "publish": null, "targets": [],
            "features": { "default": ["a"], "a": [], "b": [], "native-tls": [] },
        }] });
        house_tests::workspace::packages(&metadata).remove(0)
    }

    #[test]
    fn system_tls_is_in_no_set() {
        assert_eq!(explicit(&package()), ["a", "b"]);
        assert_eq!(of_workspace(&[package()], &["one/a"]), "one/b");
        assert!(!sets(&package()).concat().concat().contains(SYSTEM_TLS));
    }

    #[test]
    fn none_default_each_and_all_are_checked() {
        let sets = sets(&package());
        let shown: Vec<String> = sets.iter().map(|set| set.join(" ")).collect();
        let bare = "--no-default-features";
        assert_eq!(
            shown,
            [
                bare,
                "",
                &format!("{bare} --features a"),
                &format!("{bare} --features b"),
                &format!("{bare} --features a,b")
            ]
        );
    }
}
