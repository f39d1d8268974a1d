//! Prompts right after an output that had no newline at its end.

use super::{Found, NO_NAME, user_at_host, user_of};
use crate::segment::program::known;

/// A prompt right after an output that had no newline at its end: `}root@web-0:/# command`, `ok/ # command`.
pub fn glued(line: &str) -> Option<Found<'_>> {
    let signs = memchr::memchr3_iter(b'$', b'#', b'%', line.as_bytes());
    for at in signs.take(64) {
        let Some(sign) = line.get(at..).and_then(|rest| rest.chars().next()) else {
            continue;
        };
        let rest = line.get(at + 1..)?;
        let Some(command) = rest.strip_prefix(' ') else {
            continue;
        };
        if !known(command) {
            continue;
        }
        let before = line.get(..at)?;
        let body = before.trim_end();
        if body.len() == before.len() {
            // `[root@ip-10-0-1-7 ~]#`, `bash-5.1#`, `root@web-0:/app#`
            if body.ends_with(']')
                && let Some(open) = body.rfind('[')
                && let Some((user, host)) = body
                    .get(open + 1..body.len() - 1)?
                    .split(' ')
                    .next()
                    .and_then(user_at_host)
            {
                return Some(Found {
                    from: open,
                    ..Found::of_host(rest, user, host)
                });
            }
            if let Some(from) = ["bash-", "sh-"].iter().find_map(|shell| body.rfind(shell)) {
                let shell = body.get(from..)?;
                if shell
                    .trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
                    .is_empty()
                {
                    return Some(Found {
                        from,
                        ..Found::new(rest, format!("{shell}{sign}"))
                    });
                }
            }
            let name = body.rfind('@')?;
            let user_start = body
                .get(..name)?
                .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))
                .map_or(0, |place| place + 1);
            let written = body.get(user_start..name)?;
            let user = if body.get(..name)?.ends_with(NO_NAME) {
                NO_NAME
            } else {
                user_of(written)
            };
            let from = name - user.len();
            let (user, host) = user_at_host(body.get(from..)?)?;
            return Some(Found {
                from,
                ..Found::of_host(rest, user, host)
            });
        }
        // `ok/ #`, and not a comment after a path
        if body.ends_with('/') && !body.ends_with(" /") && !body.ends_with("//") && body.len() + 1 == before.len() {
            return Some(Found {
                from: body.len() - 1,
                ..Found::new(rest, format!("/{sign}"))
            });
        }
        return None;
    }
    None
}
