//! The prompts of Unix shells: a user, a host, a shell or a directory, and a sign.

use super::{Found, LONGEST, NO_NAME, host_word, user_at_host, user_of};
use crate::segment::program::{known, shell_word};

/// What follows a shell's prompt that names a user, a host, a shell or a directory.
pub fn unix_prompt(line: &str) -> Option<Found<'_>> {
    // A prompt is short: this also bounds the search on long lines.
    if memchr::memchr3(b'$', b'#', b'%', line.as_bytes()).is_none() && !line.contains('❯') {
        return None;
    }
    let end = line.char_indices().nth(LONGEST).map_or(line.len(), |(at, _)| at);
    let head = line.get(..end)?;
    // `(venv) user@host:~$`
    let skipped = if head.starts_with('(') {
        head.find(") ").map_or(0, |at| at + 2)
    } else {
        0
    };
    let mut from = skipped;
    // The first `$`, `#` or `%` that ends a word may end the prompt.
    loop {
        let at = from + head.get(from..)?.find(['$', '#', '%', '❯'])?;
        let sign = head.get(at..)?.chars().next()?;
        let after = at + sign.len_utf8();
        from = after;
        let rest = line.get(after..)?;
        if !(rest.is_empty() || rest.starts_with(' ') || known(rest) && is_sure(head.get(skipped..at)?)) {
            continue;
        }
        return shell_prompt(head.get(skipped..at)?, sign, rest);
    }
}

/// Whether a text is a prompt whatever follows its sign: some have no blank after it.
fn is_sure(prompt: &str) -> bool {
    if let Some(inner) = prompt.strip_prefix('[') {
        return inner
            .strip_suffix(']')
            .and_then(|inner| inner.split(' ').next())
            .is_some_and(|word| user_at_host(word).is_some());
    }
    let version = ["bash-", "sh-"].iter().find_map(|shell| prompt.strip_prefix(shell));
    version.map_or_else(
        || prompt.contains(':') && !prompt.contains(' ') && user_at_host(prompt).is_some(),
        |version| version.contains('.') && version.bytes().all(|b| b.is_ascii_digit() || b == b'.'),
    )
}

/// The prompt that consists of `prompt` and the sign after it.
fn shell_prompt<'a>(prompt: &'a str, sign: char, rest: &'a str) -> Option<Found<'a>> {
    let body = prompt.trim_end();
    let spaced = body.len() != prompt.len();
    let command = rest.trim_start();
    let of_host = |(user, host): (&'a str, &'a str)| {
        // `readyroot@web-0`: an output without a newline stands before the user.
        let name = user_of(user);
        Found {
            from: user.len() - name.len(),
            ..Found::of_host(rest, name, host)
        }
    };
    if let Some(inner) = body.strip_prefix('[') {
        // `[ec2-user@ip-10-0-0-1 ~]$`
        let inner = inner.strip_suffix(']').filter(|inner| inner.split(' ').count() <= 5)?;
        let named = if inner.starts_with(NO_NAME) {
            inner
        } else {
            inner.split(' ').next()?
        };
        return user_at_host(named).map(|(user, host)| Found::of_host(rest, user, host));
    }
    if body.contains('@') {
        // `user@host:dir$`, `user@host dir %`
        let found = user_at_host(body).map(of_host)?;
        return (!spaced || sign != '#' || known(command) || shell_word(command)).then_some(found);
    }
    if spaced {
        // `/app #`, `~ $`, SUSE's `host:~ #`
        let directory =
            body == "~" || body == "/" || ((body.starts_with('/') || body.starts_with("~/")) && !body.contains(' '));
        if directory {
            let sure =
                sign != '#' || rest.is_empty() || body == "/" || body == "~" || known(command) || shell_word(command);
            return sure.then(|| Found::new(rest, format!("/{sign}")));
        }
        let (host, directory) = body.split_once(':')?;
        let sure =
            (directory.starts_with('~') || directory.starts_with('/')) && (known(command) || shell_word(command));
        return (sure && host_word(host)).then(|| of_host(("", host)));
    }
    if let Some((place, user)) = body.split_once(' ') {
        // macOS: `Host:dir user$`
        let (host, _) = place.split_once(':')?;
        return (host_word(host) && host_word(user) && known(command)).then(|| of_host((user, host)));
    }
    // `sh-4.2$`, `bash-5.1#`, also right after an output without a newline
    let shell = ["bash-", "zsh-", "ash-", "sh-"].iter().find_map(|shell| {
        let at = body.rfind(shell)?;
        let version = body.get(at + shell.len()..)?;
        version.starts_with(|c: char| c.is_ascii_digit()).then_some(at)
    });
    if let Some(from) = shell.filter(|from| *from == 0 || known(command)) {
        return Some(Found {
            from,
            ..Found::new(rest, format!("{}{sign}", body.get(from..)?))
        });
    }
    // `dnstools#`
    if !body.is_empty() && host_word(body) && known(command) {
        return Some(Found::new(rest, format!("{body}{sign}")));
    }
    // `host:/dir$`
    let (host, directory) = body.split_once(':')?;
    let sure = (directory.starts_with('~') || directory.starts_with('/')) && known(command);
    (sure && (host_word(host) || of_group(host))).then(|| of_host(("", host)))
}

/// BOSH's `GROUP/INDEX` and `GROUP/ID`, which its machines have as their host's name in the prompt.
fn of_group(host: &str) -> bool {
    host.split_once('/').is_some_and(|(group, index)| {
        host_word(group)
            && !index.is_empty()
            && index.len() <= 36
            && index.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
    })
}
