//! Who may depend on whom, the bare core, and no TLS of the operating system outside its feature.

use house_tests::{dependencies, workspace};

use crate::{features, process};

pub(super) fn check() -> Result<(), String> {
    let metadata = workspace::metadata()?;
    let mut findings = dependencies::check(&metadata);
    findings.extend(dependencies::check_bare_core(&workspace::bare_tree("invitations-core")?));
    let features = features::of_workspace(&workspace::packages(&metadata), &[]);
    let mut tree = process::cargo();
    tree.args(["tree", "--workspace", "--locked", "--prefix", "none", "--format", "{p}", "--features", &features]);
    findings.extend(system_tls(&process::output(&mut tree)?));
    super::none(findings)
}

/// Crates that bind the operating system's TLS; without feature `native-tls` a C compiler must be enough.
fn system_tls(tree: &str) -> Vec<String> {
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    let mut found: Vec<&str> = names.filter(|name| ["native-tls", "openssl", "openssl-sys"].contains(name)).collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().map(|name| format!("{name} is in the tree without feature native-tls")).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn system_tls_is_found() {
        assert_eq!(super::system_tls("rustls v0.23.0\nopenssl-probe v0.1.0\n"), Vec::<String>::new());
        assert_eq!(super::system_tls("a v1\nopenssl-sys v0.9.0\nopenssl-sys v0.9.0 (*)\n").len(), 1);
    }
}
