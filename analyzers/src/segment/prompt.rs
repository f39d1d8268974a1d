//! Which lines are commands that somebody typed: by their prompt, or, without one, by the program that they call.

use super::program::{known, shell_call, shell_word};

/// A command line that was recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// What was typed; empty at a bare prompt.
    pub text: String,
    /// Whether a PowerShell or `cmd` prompt stands before it: they continue lines with a backtick and with `^`.
    pub windows: bool,
    /// The prompt without what changes between two commands (the directory, the time): the same shell has the same one.
    pub prompt: String,
    /// The host that the prompt names.
    pub host: Option<String>,
    /// Where the prompt begins in the line: not at its beginning where the output before it had no newline at its end.
    pub from: usize,
    /// Whether the prompt may have another line above it.
    pub two_lines: bool,
}

/// Prompts that a paste has shown before known commands: after the same prompt anything is a command.
#[derive(Debug, Default)]
pub struct Learned {
    prompts: Vec<(String, Typed)>,
}

/// More prompts than one paste has shells.
const PROMPTS: usize = 12;

impl Learned {
    /// Remembers the prompt of a line that is a command.
    pub fn see(&mut self, line: &str, typed: &Typed) {
        if self.prompts.len() >= PROMPTS || typed.prompt.is_empty() || typed.from > 0 || !known(&typed.text) {
            return;
        }
        let Some(prompt) = line.find(&typed.text).and_then(|at| line.get(..at)) else {
            return;
        };
        if !prompt.trim().is_empty() && !self.prompts.iter().any(|(known, _)| known == prompt) {
            self.prompts.push((prompt.to_owned(), typed.clone()));
        }
    }

    /// The command after one of the prompts.
    pub fn typed(&self, line: &str) -> Option<Typed> {
        let (rest, typed) = self.prompts.iter().find_map(|(prompt, typed)| {
            let rest = line.strip_prefix(prompt.as_str())?;
            // One sign alone begins comments, quotations and lists, too.
            (prompt.trim().chars().count() > 1 || shell_call(rest)).then_some((rest, typed))
        })?;
        Some(Typed {
            text: rest.trim().to_owned(),
            ..typed.clone()
        })
    }
}

/// A prompt, and the text after it.
struct Found<'a> {
    rest: &'a str,
    prompt: String,
    host: Option<&'a str>,
    from: usize,
}

impl<'a> Found<'a> {
    fn new(rest: &'a str, prompt: impl Into<String>) -> Self {
        Self {
            rest,
            prompt: prompt.into(),
            host: None,
            from: 0,
        }
    }

    fn of_host(rest: &'a str, user: &str, host: &'a str) -> Self {
        Self {
            rest,
            prompt: format!("{user}@{host}"),
            host: Some(host),
            from: 0,
        }
    }

    fn typed(self, windows: bool) -> Typed {
        Typed {
            text: self.rest.trim().to_owned(),
            windows,
            prompt: self.prompt,
            host: self.host.map(str::to_owned),
            from: self.from,
            two_lines: false,
        }
    }
}

/// How much of a line a prompt may take.
const LONGEST: usize = 120;

/// The command on a line, where the line is one. Cheap on lines that are none: it runs on every line of a paste.
pub fn typed(line: &str) -> Option<Typed> {
    let clean = line.trim_end();
    let first = clean.chars().next()?;
    // Everything indented is output, but for the prompts of some shells (` ~ $`), which nobody pastes without its command's output.
    if first == ' ' || first == '\t' {
        return None;
    }
    if let Some(found) = by_first(clean, first) {
        return found.map(|found| Typed {
            two_lines: !matches!(first, '#' | '+' | '>'),
            ..found.typed(false)
        });
    }
    if let Some(found) = windows_prompt(clean) {
        return Some(found.typed(true));
    }
    if first == 'E'
        && let Some(command) = watched(clean)
    {
        return Some(Found::new(command, "").typed(false));
    }
    // The signs that end a prompt are in no other line of most outputs.
    if has_sign(clean.as_bytes())
        && let Some(found) = unix_prompt(clean).or_else(|| decorated(clean)).or_else(|| glued(clean))
    {
        return Some(found.typed(false));
    }
    if memchr::memchr(0xEE, clean.as_bytes()).is_some()
        && let Some(at) = clean.rfind(POWERLINE)
        && let Some(rest) = clean.get(at..)
        && let Some(rest) = rest.get(rest.chars().next()?.len_utf8()..)
        && known(rest.trim_start())
    {
        return Some(Found::new(rest, "powerline").typed(false));
    }
    if known(clean) && !clean.ends_with([':', '.', '?', '!']) {
        return Some(Found::new(clean, "").typed(false));
    }
    None
}

/// The command that `watch` runs, in its first line: `Every 2.0s: COMMAND    HOST: DATE` (procps/src/watch.c, `output_header`). What it
/// has no room for is an ellipsis.
fn watched(line: &str) -> Option<&str> {
    let (interval, rest) = line.strip_prefix("Every ")?.split_once("s: ")?;
    let number = interval
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
    let (command, host) = rest.rsplit_once("  ").unwrap_or((rest, ""));
    let mut command = command.trim();
    if let Some(cut) = command.strip_suffix("...") {
        // Its last word is not whole.
        command = cut.rsplit_once(' ').map_or("", |(whole, _)| whole);
    }
    (number && (host.is_empty() || host.contains(": ")) && known(command)).then_some(command)
}

/// The signs that end prompts.
const SIGNS: [char; 8] = ['$', '#', '%', '❯', '➜', '>', 'λ', '➤'];

/// Whether one of [`SIGNS`] may be in a line: the first byte of each is.
fn has_sign(line: &[u8]) -> bool {
    memchr::memchr3(b'$', b'#', b'%', line).is_some() || memchr::memchr3(b'>', 0xCE, 0xE2, line).is_some()
}

/// The letters of powerline fonts between a prompt's parts.
const POWERLINE: [char; 4] = ['\u{e0b0}', '\u{e0b1}', '\u{e0b4}', '\u{e0bc}'];

/// Prompts that are told by their first letter; `Some(None)` where that letter decides that there is none.
#[allow(
    clippy::option_option,
    reason = "the outer says whether the first character decides, the inner what it decides"
)]
fn by_first(clean: &str, first: char) -> Option<Option<Found<'_>>> {
    let after = clean.get(first.len_utf8()..).unwrap_or_default();
    match first {
        '$' => {
            if after.is_empty() || after.starts_with(' ') || known(after) {
                return Some(Some(Found::new(after, "$")));
            }
            None
        }
        '#' | '%' | '>' => {
            // A comment begins like root's prompt, a quotation like another: only a known program makes it one.
            let rest = after.strip_prefix(' ')?;
            let call = known(rest) || (first == '#' && matches!(rest.trim(), "exit" | "logout"));
            Some(call.then(|| Found::new(rest, first.to_string())))
        }
        // `set -x` prints what it runs.
        '+' => {
            let rest = clean.trim_start_matches('+').strip_prefix(' ')?;
            known(rest).then(|| Some(Found::new(rest, "")))
        }
        '❯' | 'λ' | '»' | '▶' => Some(Some(Found::new(after, first.to_string()))),
        '➜' => {
            // oh-my-zsh: `➜  directory git:(branch) ✗ command`.
            let rest = after.trim_start();
            if known(rest) {
                return Some(Some(Found::new(rest, "➜")));
            }
            let mut rest = rest.split_once(' ').map_or("", |(_, rest)| rest).trim_start();
            if rest.starts_with("git:(") {
                rest = rest.split_once(") ").map_or("", |(_, rest)| rest);
            }
            Some(Some(Found::new(rest.trim_start_matches(['✗', ' ']), "➜")))
        }
        // The second line of a prompt in a frame: `╰─$ command`, `└─❯ command`, with the frame's other side at the end.
        '╰' | '└' => {
            let rest = after.trim_start_matches('─');
            if rest.len() == after.len() {
                return None;
            }
            let rest = rest.trim_end_matches(['╯', '┘']).trim_end_matches('─');
            let bare = rest.strip_prefix(['$', '#', '%', '❯', '➜', '➤', 'λ', '>', '▪']);
            let tree = bare.is_none() && !known(rest.trim_start());
            Some((!tree).then(|| Found::new(bare.unwrap_or(rest), "╰")))
        }
        _ => None,
    }
}

/// Whether a line is the first of a prompt's two lines: starship's, a frame's, Git Bash's, a directory with its branch.
pub fn is_upper_line(line: &str) -> bool {
    let line = line.trim();
    if line.chars().nth(200).is_some() {
        return false;
    }
    let words = line.split_ascii_whitespace().count();
    if line.starts_with(['╭', '┌']) {
        return true;
    }
    if line.contains(" MINGW64 ") || line.contains(" MSYS ") || line.contains(" UCRT64 ") {
        return true;
    }
    let place = line.starts_with(['~', '/']);
    let marked = line.chars().any(|c| !c.is_ascii() && !c.is_alphanumeric());
    let told = (line.contains(" on ")
        || line.contains(" via ")
        || line.contains(" took ")
        || line.contains('⎈')
        || line.contains('☸'))
        && (place || marked);
    told || (place && words <= 3 && !line.contains([':', '=', '"', ',']) && !line.starts_with("//"))
        || (words <= 5 && line.contains('@') && !line.contains(": ") && user_at_host(line).is_some())
}

/// The host that the upper line of a prompt names.
pub fn host_of(upper: &str) -> Option<String> {
    let text = upper.trim_start_matches(['╭', '┌', '─', '(', '[', ' ']);
    let word = text.split([' ', ')', ']']).next()?;
    user_at_host(word).map(|(_, host)| host.to_owned())
}

/// What follows a prompt with a context, an account or the time before it: `(⎈|prod:shop) ➜  ~ command`, `[10:22:33]
/// user@host:~$ command`, fish's `user@host ~/dir> command`, `~/infra main* ❯ command`. Only a known program makes such a line a command.
fn decorated(line: &str) -> Option<Found<'_>> {
    if line.starts_with(['-', '*', '|', '"', '\'', '<', '{']) {
        return None;
    }
    // A place is a user's, a directory's or stands in brackets; captures have neither, but a `>` in each line.
    let bytes = line.as_bytes();
    let place = line.starts_with(['(', '['])
        || memchr::memchr3(b'@', b'~', b'/', bytes).is_some()
        || memchr::memchr(0xE2, bytes).is_some();
    if !place {
        return None;
    }
    let head_end = line.char_indices().nth(LONGEST).map_or(line.len(), |(at, _)| at);
    let head = line.get(..head_end)?;
    for (at, sign) in head.char_indices().filter(|(_, c)| SIGNS.contains(c)) {
        let Some(rest) = line.get(at + sign.len_utf8()..)?.strip_prefix(' ') else {
            continue;
        };
        let told = head.get(..at).is_some_and(|before| {
            before.contains('⎈') || before.trim().split(' ').any(|word| user_at_host(word).is_some())
        });
        // `[10:22:33] user@host:~$`: nothing else looks like this.
        let sure = matches!(sign, '$' | '#')
            && head.get(..at).is_some_and(|before| {
                before.starts_with(['[', '('])
                    && !before.ends_with(' ')
                    && before
                        .rsplit(' ')
                        .next()
                        .is_some_and(|word| word.contains(':') && user_at_host(word).is_some())
            });
        let call = |text: &str| known(text) || (told && shell_word(text)) || sure;
        let mut command = rest.trim_start();
        if !call(command) {
            // `➜  directory command`
            let Some((_, after)) = command.split_once(' ').filter(|_| sign == '➜') else {
                continue;
            };
            command = after.trim_start();
            if !call(command) {
                continue;
            }
        }
        let before = head.get(..at)?.trim();
        let glued = before.ends_with(']')
            && before.rfind('[').is_some_and(|open| {
                before
                    .get(..open)
                    .is_some_and(|output| output.ends_with(|c: char| c != ' '))
            });
        if glued || !is_place(before) {
            return None;
        }
        let mut found = Found::new(command, sign.to_string());
        let user = before.split([' ', ')', ']', '(', '[']).find_map(user_at_host);
        if let Some((user, host)) = user {
            found = Found::of_host(command, user, host);
        }
        return Some(found);
    }
    None
}

/// Whether the text before a prompt's sign tells a place or a context, and is no prose.
fn is_place(before: &str) -> bool {
    let words: Vec<&str> = before.split_ascii_whitespace().collect();
    if words.len() > 9
        || words
            .iter()
            .any(|word| word.ends_with([',', '.', ';']) || (word.ends_with(':') && word.len() > 1))
    {
        return false;
    }
    let bracket =
        (before.starts_with('(') && before.contains(')')) || (before.starts_with('[') && before.contains(']'));
    bracket
        || before.contains('⎈')
        || words.iter().any(|word| {
            word.starts_with('~') || (word.starts_with('/') && words.len() < 4) || user_at_host(word).is_some()
        })
}

/// What follows `PS C:\dir>` or `C:\dir>`.
fn windows_prompt(line: &str) -> Option<Found<'_>> {
    let path = line.strip_prefix("PS ").unwrap_or(line);
    let mut chars = path.chars();
    let drive = chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.next() == Some(':')
        && chars.next() == Some('\\');
    let unix_powershell = line.starts_with("PS ") && path.starts_with(['/', '~']);
    if line.starts_with("PS>") {
        return Some(Found::new(line.get(3..)?, "PS"));
    }
    if !drive && !unix_powershell {
        return None;
    }
    let (path, rest) = path.split_once('>')?;
    (path.len() < 200).then(|| Found::new(rest, "PS"))
}

/// What follows a shell's prompt that names a user, a host, a shell or a directory.
fn unix_prompt(line: &str) -> Option<Found<'_>> {
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
        if !(rest.is_empty() || rest.starts_with(' ')) {
            continue;
        }
        return shell_prompt(head.get(skipped..at)?, sign, rest);
    }
}

/// The prompt that consists of `prompt` and the sign after it.
fn shell_prompt<'a>(prompt: &'a str, sign: char, rest: &'a str) -> Option<Found<'a>> {
    let body = prompt.trim_end();
    let spaced = body.len() != prompt.len();
    let command = rest.trim_start();
    let of_host = |(user, host): (&'a str, &'a str)| {
        // `readyroot@web-0`: an output without a newline stands before the user.
        let name = USERS
            .iter()
            .find(|name| user.ends_with(**name))
            .copied()
            .unwrap_or(user);
        Found {
            from: user.len() - name.len(),
            ..Found::of_host(rest, name, host)
        }
    };
    if let Some(inner) = body.strip_prefix('[') {
        // `[ec2-user@ip-10-0-0-1 ~]$`
        let inner = inner.strip_suffix(']').filter(|inner| inner.split(' ').count() <= 5)?;
        return user_at_host(inner.split(' ').next()?).map(|(user, host)| Found::of_host(rest, user, host));
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

/// Users that log in to nodes and containers: they are told apart from the output that is glued to them.
const USERS: [&str; 4] = ["root", "ec2-user", "ssm-user", "ubuntu"];

/// A prompt right after an output that had no newline at its end: `}root@web-0:/# command`, `ok/ # command`.
fn glued(line: &str) -> Option<Found<'_>> {
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
            let user = USERS
                .iter()
                .find(|user| written.ends_with(**user))
                .copied()
                .unwrap_or(written);
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

fn host_word(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '\\' | '+'))
}

/// The user and the host of `user@host`, with or without a directory after `:` or a blank.
fn user_at_host(text: &str) -> Option<(&str, &str)> {
    let (user, rest) = text.split_once('@')?;
    let host = rest.split([':', ' ']).next().unwrap_or_default();
    let directory = rest.get(host.len()..).unwrap_or_default();
    (host_word(user) && host_word(host) && directory.split(' ').count() <= 3).then_some((user, host))
}

#[cfg(test)]
mod tests {
    use super::{is_upper_line, typed};

    #[test]
    fn prompts_of_many_shells_are_recognised() {
        for line in [
            "$ kubectl get pods",
            "# kubectl get pods",
            "% kubectl get pods",
            "❯ kubectl get pods",
            "➜  ~ kubectl get pods",
            "➜  infra git:(main) ✗ kubectl get pods",
            "user@host:~/dir$ kubectl get pods",
            "(venv) user@host:~/dir$ kubectl get pods",
            "[ec2-user@ip-10-0-1-5 ~]$ kubectl get pods",
            "[root@ip-10-0-1-5 /]# kubectl get pods",
            "sh-4.2$ kubectl get pods",
            "root@cart-0:/# kubectl get pods",
            "/ # kubectl get pods",
            "/app $ kubectl get pods",
            "me@mac dir % kubectl get pods",
            "bash-5.1# kubectl get pods",
            "dnstools# kubectl get pods",
            "PS C:\\Users\\me> kubectl get pods",
            "C:\\>kubectl get pods",
            "$kubectl get pods",
            "+ kubectl get pods",
            "++ kubectl get pods",
            "╰─$ kubectl get pods",
            "╰─❯ kubectl get pods                                   ─╯",
            "└─# kubectl get pods",
            " kubectl get pods".trim_start(),
            "\u{e0b0} ~ \u{e0b0} infra \u{e0b0} kubectl get pods",
            "[ssm-user@control]$ kubectl get pods",
            "worker/0:~# kubectl get pods",
            "worker/2f1c7a9e-0b3d-4e5f-8a6b-7c8d9e0f1a2b:~$ kubectl get pods",
            "sh-5.2# kubectl get pods",
            "~ $ kubectl get pods",
            "[root@web-0 /]# kubectl get pods",
            "ip-10-0-1-7:~ # kubectl get pods",
            "Johns-MacBook-Pro:infra john$ kubectl get pods",
            "PS> kubectl get pods",
            "PS /home/me> kubectl get pods",
            "kubectl get pods",
        ] {
            assert_eq!(
                typed(line).map(|typed| typed.text).as_deref(),
                Some("kubectl get pods"),
                "{line}"
            );
        }
    }

    #[test]
    fn contexts_and_times_stand_before_prompts() {
        for prompt in [
            "(⎈|prod:shop) ➜  ~ ",
            "(⎈|prod:shop)user@mac:~$ ",
            "(⎈|prod:shop)➜ ",
            "[prod] $ ",
            "[10:22:33] user@host:~$ ",
            "➜ ",
            "user@host ~/src> ",
            "10:22:33 user@host ~/src $ ",
            "~/infra main* ❯ ",
            "⎈ prod:shop ~ $ ",
            "ubuntu@ip-10-0-1-5 ~/dir (main) [prod] $ ",
        ] {
            let line = format!("{prompt}kubectl get pods -n shop");
            assert_eq!(
                typed(&line).map(|typed| typed.text).as_deref(),
                Some("kubectl get pods -n shop"),
                "{line}"
            );
        }
        for line in [
            "(2 > 1) is true",
            "[INFO] a > b",
            "[2026-03-02] $ 5 were paid",
            "(see kubectl get pods) # a note",
        ] {
            assert_eq!(typed(line), None, "{line}");
        }
    }

    #[test]
    fn watch_names_its_command() {
        for (line, command) in [
            (
                "Every 2.0s: kubectl get pods -n shop -o wide      ip-10-0-1-5: Thu Nov 21 10:00:00 2024",
                Some("kubectl get pods -n shop -o wide"),
            ),
            (
                "Every 2.0s: kubectl get pods -n sh...  ip-10-0-1-5: Thu Nov 21 10:00:00 2024",
                Some("kubectl get pods -n"),
            ),
            ("Every 2,0s: kubectl get pods", Some("kubectl get pods")),
            ("Every 5 minutes: kubectl is called", None),
            ("Every pod has an address", None),
        ] {
            assert_eq!(typed(line).map(|typed| typed.text).as_deref(), command, "{line}");
        }
    }

    #[test]
    fn output_is_not_taken_for_a_command() {
        for line in [
            "# Please edit the object below.",
            "# this file is managed by man:systemd-resolved(8).",
            "  $ kubectl get pods",
            "tcpdump: verbose output suppressed, use -v[v]... for full protocol decode",
            "kubectl is not installed",
            "curl: (28) Connection timed out after 5001 milliseconds",
            "host not found",
            "cat pictures",
            "NAME   READY   STATUS",
            "10:00:00.000000 IP 10.0.0.1.1 > 10.0.0.2.2: Flags [S], seq 1",
            "the price is 5 $ only",
            "aws: command not found",
            "mail me@example.com for 5 $ now",
            "- run it in ~/infra $ kubectl get pods",
            "path: / # kubectl get pods shows it",
            "             ├─3456 /usr/bin/kubelet",
            "└─ReplicaSet/web-7d9fb5c6d",
            "+ nodeName: web",
        ] {
            assert_eq!(typed(line), None, "{line}");
        }
    }

    #[test]
    fn a_prompt_says_where_it_is() {
        for (line, host, prompt) in [
            (
                "[root@ip-10-0-1-7 ~]# ip route",
                Some("ip-10-0-1-7"),
                "root@ip-10-0-1-7",
            ),
            (
                "root@web-7d9fb5c6d-x2k4q:/app# ls",
                Some("web-7d9fb5c6d-x2k4q"),
                "root@web-7d9fb5c6d-x2k4q",
            ),
            (
                "[10:22:33] user@bastion:~$ kubectl get pods",
                Some("bastion"),
                "user@bastion",
            ),
            ("/ # ls", None, "/#"),
            ("/app # ls", None, "/#"),
            ("sh-4.2$ ls", None, "sh-4.2$"),
            ("$ ls", None, "$"),
        ] {
            let typed = typed(line).unwrap();
            assert_eq!(typed.host.as_deref(), host, "{line}");
            assert_eq!(typed.prompt, prompt, "{line}");
        }
    }

    #[test]
    fn a_prompt_may_follow_an_output_without_a_newline() {
        for (line, from, text) in [
            ("}root@web-0:/# kubectl get pods", 1, "kubectl get pods"),
            ("readyroot@web-0:~# cat /etc/hosts", 5, "cat /etc/hosts"),
            (
                "10.0.0.1[ec2-user@ip-10-0-1-7 ~]$ aws eks list-clusters",
                8,
                "aws eks list-clusters",
            ),
            ("ok/ # cat /etc/resolv.conf", 2, "cat /etc/resolv.conf"),
            ("okbash-5.1# cat /etc/resolv.conf", 2, "cat /etc/resolv.conf"),
        ] {
            let typed = typed(line).unwrap();
            assert_eq!((typed.from, typed.text.as_str()), (from, text), "{line}");
        }
    }

    #[test]
    fn the_upper_line_of_a_prompt_is_told_from_output() {
        for line in [
            "╭─user@mac ~/infra  ‹main*›",
            "infra on \u{e0a0} main via \u{1f40d} v3.11 on ☁️  (eu-west-1)",
            "~/src/infra main*",
            "me@laptop MINGW64 ~/infra (main)",
            "┌──(kali㉿kali)-[~]",
        ] {
            assert!(is_upper_line(line), "{line}");
        }
        for line in [
            "NAME   READY   STATUS",
            "/etc/resolv.conf: no such file or directory",
            "the pod depends on a volume",
            "nameserver 10.0.0.2",
            "}",
        ] {
            assert!(!is_upper_line(line), "{line}");
        }
    }
}
