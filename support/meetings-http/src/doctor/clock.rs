use chrono::{DateTime, TimeDelta, Utc};
use invitations_core::{
    Remedy,
    doctor::{Finding, Question},
};

use super::probe::Reply;

/// From here on the token lifecycle warns, too.
const WORTH_A_WARNING: TimeDelta = TimeDelta::minutes(2);
/// Client assertions are valid for five minutes (RFC 7523 asks for a short time): with more than that they are over, or not yet
/// valid, when they arrive.
const TOO_MUCH: TimeDelta = TimeDelta::minutes(5);

pub(super) fn finding(reply: Option<&Reply>) -> Finding {
    let question = Question::CLOCK;
    let Some(reply) = reply else { return Finding::not_asked(question, "nobody answered") };
    let Some(server) = reply.server_time else {
        return Finding::not_asked(question, "the answer does not say what time it is there");
    };
    let ahead = ahead(server, reply.between);
    let (size, direction) = (ahead.abs(), if ahead > TimeDelta::zero() { "ahead" } else { "behind" });
    let off = format!("this machine's clock is {} {direction}", span(size));
    let remedy = Remedy::new("Let the machine take its time from a server (NTP), and look at it again.");
    match size {
        size if size > TOO_MUCH => Finding::fail(question, off).with_remedy(remedy),
        size if size > WORTH_A_WARNING => Finding::warn(question, off).with_remedy(remedy),
        _ => Finding::ok(question, "as the server's, to two minutes"),
    }
}

/// How much our clock is ahead of the server's; nothing while the server's time lies between the two looks at ours.
fn ahead(server: DateTime<Utc>, (before, after): (DateTime<Utc>, DateTime<Utc>)) -> TimeDelta {
    if server > after {
        after - server
    } else if server < before {
        before - server
    } else {
        TimeDelta::zero()
    }
}

fn span(size: TimeDelta) -> String {
    match size.num_minutes() {
        minutes @ ..120 => format!("{minutes} min {} s", size.num_seconds() % 60),
        minutes @ ..2880 => format!("{} h", minutes / 60),
        minutes => format!("{} days", minutes / 1440),
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use invitations_core::doctor::Verdict;

    use super::*;

    #[test]
    fn two_minutes_warn_and_five_fail() {
        let start: DateTime<Utc> = "2026-07-01T00:00:00Z".parse().unwrap();
        let after = start + TimeDelta::seconds(10);
        for (server, verdict, words) in [
            (0, Verdict::Ok, ""),
            (10, Verdict::Ok, ""),
            (130, Verdict::Ok, ""),
            (131, Verdict::Warn, "2 min 1 s behind"),
            (310, Verdict::Warn, "5 min 0 s behind"),
            (311, Verdict::Fail, "5 min 1 s behind"),
            (-120, Verdict::Ok, ""),
            (-121, Verdict::Warn, "2 min 1 s ahead"),
            (-301, Verdict::Fail, "5 min 1 s ahead"),
            (-3600 * 3, Verdict::Fail, "3 h ahead"),
            (3600 * 24 * 400, Verdict::Fail, "399 days behind"),
        ] {
            let found =
                finding(Some(&Reply::at(StatusCode::OK, Some(start + TimeDelta::seconds(server)), (start, after))));
            assert_eq!(found.verdict, verdict, "{server}");
            assert!(found.detail.contains(words), "{server}: {found:?}");
            assert_eq!(found.remedy.is_some(), verdict != Verdict::Ok);
        }
        assert_eq!(finding(Some(&Reply::at(StatusCode::OK, None, (start, after)))).verdict, Verdict::NotAsked);
        assert_eq!(finding(None).verdict, Verdict::NotAsked);
    }
}
