//! Running a command: its output streams through and is read on the way, and it is ended when its time is up.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use crate::environment::now;

/// How long the end of a command's output may lag behind the command itself.
const DRAIN: Duration = Duration::from_secs(2);

/// The cargo that runs us, free of what it told us about our own package: build scripts would rerun over it.
pub(crate) fn cargo() -> Command {
    let mut command = house_tests::workspace::cargo();
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    command
}

enum Event {
    Line(String),
    EndOfOutput,
    Exit(std::io::Result<ExitStatus>),
}

/// Runs `command` to its end, or for `limit` at most, shows its output and hands each line of it to `see`.
pub(crate) fn stream(command: &mut Command, limit: Duration, mut see: impl FnMut(&str)) -> Result<(), String> {
    let shown = show(command);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = child.map_err(|error| format!("{shown} does not start: {error}"))?;
    let pid = child.id();
    let (sender, events) = channel();
    if let Some(stdout) = child.stdout.take() {
        let sender = sender.clone();
        std::thread::spawn(move || read_lines(stdout, &sender));
    }
    // nobody may be left to hear it, when the limit came first
    std::thread::spawn(move || drop(sender.send(Event::Exit(child.wait()))));
    match follow(&events, now() + limit, &mut see) {
        Some(Ok(status)) if status.success() => Ok(()),
        Some(Ok(status)) => Err(format!("{shown} failed: {status}")),
        Some(Err(error)) => Err(format!("{shown} cannot be waited for: {error}")),
        None => {
            end_tree(pid);
            Err(format!("{shown} was stopped after {} s", limit.as_secs()))
        }
    }
}

/// Runs `command` without looking at its output.
pub(crate) fn run(command: &mut Command, limit: Duration) -> Result<(), String> {
    stream(command, limit, |_| ())
}

/// Runs `command` and gives back what it wrote, showing nothing unless it fails.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let shown = show(command);
    let done = command.stdin(Stdio::null()).output().map_err(|error| format!("{shown} does not start: {error}"))?;
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    if done.status.success() {
        return Ok(text);
    }
    Err(format!("{shown} failed: {}\n{text}{}", done.status, String::from_utf8_lossy(&done.stderr)))
}

fn follow(events: &Receiver<Event>, end: Instant, see: &mut impl FnMut(&str)) -> Option<std::io::Result<ExitStatus>> {
    let (mut exit, mut drained, mut end) = (None, false, end);
    while exit.is_none() || !drained {
        match events.recv_timeout(end.saturating_duration_since(now())) {
            Ok(Event::Line(line)) => {
                let mut out = std::io::stdout().lock();
                // a closed pipe (`| head`) does not end the run
                let _ = writeln!(out, "{line}").and_then(|()| out.flush());
                see(&line);
            }
            Ok(Event::EndOfOutput) => drained = true,
            Ok(Event::Exit(status)) => {
                exit = Some(status);
                // somebody it left behind may hold the pipe open
                end = end.min(now() + DRAIN);
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
    }
    exit
}

fn read_lines(source: impl Read, sender: &Sender<Event>) {
    let mut reader = BufReader::new(source);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let text = String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned();
        line.clear();
        if sender.send(Event::Line(text)).is_err() {
            return;
        }
    }
    let _ = sender.send(Event::EndOfOutput);
}

/// Ends a process that we started, and all below it, by their ids.
fn end_tree(pid: u32) {
    let listing = output(Command::new("ps").args(["-A", "-o", "pid=,ppid="])).unwrap_or_default();
    let tree = descendants(pid, &listing);
    let _ = Command::new("kill").arg("-KILL").args(tree.iter().map(u32::to_string)).status();
}

/// `pid` and everything below it in a listing of `pid ppid` lines.
fn descendants(pid: u32, listing: &str) -> BTreeSet<u32> {
    let pairs: Vec<(u32, u32)> = listing
        .lines()
        .filter_map(|line| {
            let mut numbers = line.split_whitespace().map(str::parse);
            Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
        })
        .collect();
    let mut tree = BTreeSet::from([pid]);
    loop {
        let before = tree.len();
        tree.extend(
            pairs.iter().filter(|(_, parent)| tree.contains(parent)).map(|(child, _)| *child).collect::<Vec<_>>(),
        );
        if tree.len() == before {
            return tree;
        }
    }
}

/// The command as a person would type it.
pub(crate) fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn lines_and_failure_are_seen() {
        let mut lines = Vec::new();
        let done = stream(&mut shell("echo one; printf two; exit 3"), Duration::from_secs(60), |line| {
            lines.push(line.to_owned())
        });
        assert_eq!(lines, ["one", "two"]);
        assert!(done.is_err_and(|message| message.contains("failed")));
        assert!(run(&mut shell("true"), Duration::from_secs(60)).is_ok());
    }

    #[test]
    fn a_command_that_runs_over_is_stopped_with_its_children() {
        let mut pid = String::new();
        // the shell waits for a child of its own; only the limit ends both
        let done =
            stream(&mut shell("sleep 600 & echo $!; wait"), Duration::from_millis(300), |line| pid = line.to_owned());
        assert!(done.is_err_and(|message| message.contains("was stopped after")));
        let state = output(Command::new("ps").args(["-o", "stat=", "-p", &pid])).unwrap_or_default();
        assert!(state.trim().is_empty() || state.contains('Z'), "process {pid} still runs: {state}");
    }

    #[test]
    fn descendants_are_found_in_any_order() {
        assert_eq!(descendants(7, "9 8\n8 7\n3 1\n7 1\njunk\n"), BTreeSet::from([7, 8, 9]));
    }
}
