//! `resolv.conf`, by its keywords.

use super::{Hint, Taken, ends};
use crate::artifact::resolv_conf::{is_line, is_nameserver, is_setting};
use crate::segment::formats;

/// How many lines before the first `nameserver` may be comments and other settings.
const AHEAD: usize = 64;

/// How many lines before the first setting may be comments.
const COMMENTS: usize = 64;

/// Takes a run of settings and comments that names a server.
pub fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(formats::RESOLV_CONF);
    if !is_line(line) {
        return None;
    }
    // The file begins with the first of its comments, or, where they are too many, with its first setting: comments are looked at once.
    if !is_setting(line) && hint.above.is_some_and(|above| is_line(above) && !is_setting(above)) {
        return None;
    }
    if !expected && !is_nameserver(line) {
        let named = ends(rest)
            .take(AHEAD)
            .map(|(line, _)| line)
            .filter(|line| !line.trim().is_empty())
            .take_while(|line| is_line(line))
            .any(is_nameserver);
        // `options ndots:5` and a search list without a server: kubectl exec … | grep, a partial paste.
        let options = line
            .strip_prefix("options ")
            .is_some_and(|rest| rest.contains("ndots:"));
        let search = line
            .strip_prefix("search ")
            .is_some_and(|rest| rest.contains(".svc") && rest.contains('.'));
        if !named && !options && !search {
            return None;
        }
    }
    let mut len = 0;
    let mut settings = 0_usize;
    for (count, (line, end)) in ends(rest).enumerate() {
        if settings == 0 && count > COMMENTS {
            return None;
        }
        if line.trim().is_empty() {
            continue;
        }
        if !is_line(line) {
            break;
        }
        settings += usize::from(is_setting(line));
        // Comments at the end belong to what follows.
        if is_setting(line) {
            len = end;
        }
    }
    (settings > 0).then_some(Taken {
        len,
        format: formats::RESOLV_CONF,
        confidence: if expected { 0.98 } else { 0.9 },
    })
}
