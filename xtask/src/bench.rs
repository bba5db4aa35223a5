//! `cargo xtask bench`: the programs of `benches`, one after the other; elsewhere they are compiled only.

use std::time::Duration;

use house_tests::workspace;
use serde_json::Value;

use crate::process;

/// One program. It is for a person who waits.
const LIMIT: Duration = Duration::from_secs(3_600);

/// All programs, or the named one with numbers for it.
pub(crate) fn run(words: &[&str]) -> Result<(), String> {
    let programs = programs(&workspace::metadata()?);
    let (wanted, numbers) = chosen(&programs, words)?;
    println!(
        "running {} of {}: build with optimisation, keep the machine quiet",
        wanted.join(", "),
        programs.join(", ")
    );
    for program in wanted {
        println!("\n==> {program}");
        let mut command = process::cargo();
        command.args(["bench", "--locked", "--package", "benches", "--bench", program, "--"]).args(numbers);
        process::run(&mut command, LIMIT)?;
    }
    Ok(())
}

fn chosen<'a, 'w>(programs: &'a [String], words: &'w [&'w str]) -> Result<(Vec<&'a str>, &'w [&'w str]), String> {
    let all = || programs.iter().map(String::as_str);
    let Some((name, numbers)) = words.split_first() else { return Ok((all().collect(), &[])) };
    let program = all().find(|program| program == name);
    let program = program.ok_or_else(|| format!("`{name}` is not a bench; there are: {}", programs.join(", ")))?;
    match numbers.iter().find(|word| word.parse::<usize>().is_err()) {
        Some(word) => Err(format!("`{word}` is not a number")),
        None => Ok((vec![program], numbers)),
    }
}

/// As the manifest has them.
fn programs(metadata: &Value) -> Vec<String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let package = list(&metadata["packages"]).into_iter().find(|package| package["name"] == "benches");
    let targets = package.map(|package| list(&package["targets"])).unwrap_or_default();
    let benches = targets.iter().filter(|target| list(&target["kind"]).contains(&Value::from("bench")));
    benches.filter_map(|target| Some(target["name"].as_str()?.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_numbers_are_understood() {
        let programs = programs(&workspace::metadata().unwrap());
        assert_eq!(programs, ["accept", "event", "link", "token"]);
        assert_eq!(chosen(&programs, &[]), Ok((programs.iter().map(String::as_str).collect(), [].as_slice())));
        assert_eq!(chosen(&programs, &["accept", "15", "64"]), Ok((vec!["accept"], ["15", "64"].as_slice())));
        assert!(chosen(&programs, &["accpt"]).unwrap_err().contains("there are: accept, event, link, token"));
        assert!(chosen(&programs, &["link", "many"]).is_err());
    }
}
