//! What stands before a log line because of how it was collected: the journal's time, host and unit, `kubectl logs`' `--prefix` and
//! `--timestamps`, stern's pod and container, the container runtime's stream, compose's service.
//!
//! An RFC 3339 time may also be the program's own: nothing on one line tells the two apart. Who reads a log therefore tries the
//! whole line first and [`Prefixed::message`] after it.

/// Who wrote a line, as far as its prefix says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Writer<'a> {
    /// systemd's unit or the syslog identifier: `kubelet`, `containerd`, `kernel`.
    pub unit: Option<&'a str>,
    /// Its process id.
    pub pid: Option<&'a str>,
    /// The namespace (`stern -A`).
    pub namespace: Option<&'a str>,
    /// The pod.
    pub pod: Option<&'a str>,
    /// The container, or compose's service.
    pub container: Option<&'a str>,
    /// The log stream that `aws logs tail` names.
    pub stream: Option<&'a str>,
}

/// A log line taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefixed<'a> {
    /// The time at which the line was collected, as it is written.
    pub time: Option<&'a str>,
    /// The host that the journal names.
    pub host: Option<&'a str>,
    /// Who wrote it.
    pub source: Writer<'a>,
    /// `stdout` or `stderr`, where the container runtime's file says so.
    pub output: Option<&'a str>,
    /// Whether the container runtime cut the line here (tag `P`): the next line of the same stream goes on.
    pub partial: bool,
    /// What was logged.
    pub message: &'a str,
    /// Where [`Self::message`] begins in the line.
    pub offset: usize,
}

impl Prefixed<'_> {
    /// Whether anything stood before the message.
    pub fn any(&self) -> bool {
        self.offset > 0
    }
}

/// Takes the prefixes off a line. A line without one is its own message.
pub fn strip(line: &str) -> Prefixed<'_> {
    let mut found = Prefixed {
        time: None,
        host: None,
        source: Writer::default(),
        output: None,
        partial: false,
        message: line,
        offset: 0,
    };
    // Prefixes stand before each other: `[pod/web-0/app] 2024-11-21T10:00:00Z …`. Each kind at most once.
    for layer in [pod_in_brackets, stern, compose, collected] {
        if let Some(rest) = layer(found.message, &mut found) {
            found.offset += found.message.len() - rest.len();
            found.message = rest;
        }
    }
    found
}

/// `[pod/NAME/CONTAINER] ` (kubectl `pkg/cmd/logs/logs.go`, `--prefix`), and kubetail's `[NAME CONTAINER] `.
fn pod_in_brackets<'a>(line: &'a str, found: &mut Prefixed<'a>) -> Option<&'a str> {
    let (inside, rest) = line.strip_prefix('[')?.split_once(']')?;
    let rest = after_blank(rest)?;
    if let Some(path) = inside.strip_prefix("pod/") {
        let (pod, container) = path.split_once('/')?;
        if !name(pod) || !name(container) {
            return None;
        }
        found.source.pod = Some(pod);
        found.source.container = Some(container);
        return Some(rest);
    }
    let (pod, container) = inside.split_once(' ').map_or((inside, None), |(pod, c)| (pod, Some(c)));
    if !generated(pod) || container.is_some_and(|container| !name(container)) {
        return None;
    }
    found.source.pod = Some(pod);
    found.source.container = container;
    Some(rest)
}

/// stern's default template: `POD CONTAINER message`, with `-A` the namespace before it; also with the `›` of its notices between. Without
/// that sign only a generated pod name before what begins as a log line does is one: any prose is three words.
fn stern<'a>(line: &'a str, found: &mut Prefixed<'a>) -> Option<&'a str> {
    let (first, rest) = line.split_once(' ')?;
    if !name(first) {
        return None;
    }
    let (second, rest) = rest.split_once(' ')?;
    if !name(second) {
        return None;
    }
    if let Some(message) = rest.strip_prefix("› ") {
        found.source.pod = Some(first);
        found.source.container = Some(second);
        return Some(message);
    }
    if generated(first) && begins_entry(rest) {
        found.source.pod = Some(first);
        found.source.container = Some(second);
        return Some(rest);
    }
    let (third, message) = rest.split_once(' ')?;
    let namespaced = name(third) && (message.starts_with("› ") || (generated(second) && begins_entry(message)));
    if !namespaced {
        return None;
    }
    found.source.namespace = Some(first);
    found.source.pod = Some(second);
    found.source.container = Some(third);
    Some(message.strip_prefix("› ").unwrap_or(message))
}

/// What stern says when it begins and ends to follow a container: `+ POD › CONTAINER`, with `-A` `+ NAMESPACE POD › CONTAINER` (stern
/// `stern/tail.go`).
pub fn is_sterns(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("+ ").or_else(|| line.strip_prefix("- ")) else {
        return false;
    };
    let Some((pods, container)) = rest.split_once(" › ") else {
        return false;
    };
    name(container.trim_end()) && pods.split(' ').count() <= 2 && pods.split(' ').all(name)
}

/// `docker compose logs`: `SERVICE-1  | message`.
fn compose<'a>(line: &'a str, found: &mut Prefixed<'a>) -> Option<&'a str> {
    let end = line.bytes().take(80).position(|byte| byte == b' ')?;
    let service = line.get(..end)?;
    let word = !service.is_empty()
        && service
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    let rest = line.get(end..)?.trim_start_matches(' ').strip_prefix('|')?;
    if !word {
        return None;
    }
    found.source.container = Some(service);
    after_blank(rest)
}

/// A time, and what may follow it: the runtime's stream and tag, the journal's host and unit, or a log stream.
fn collected<'a>(line: &'a str, found: &mut Prefixed<'a>) -> Option<&'a str> {
    if let Some(rest) = syslog5424(line, found) {
        return Some(rest);
    }
    if let Some(len) = rfc3339(line) {
        let time = line.get(..len)?;
        let rest = after_blank(line.get(len..)?)?;
        found.time = Some(time);
        return Some(
            runtime(rest, found)
                .or_else(|| host_and_unit(rest, found, true))
                .or_else(|| log_stream(time, rest, found))
                .unwrap_or(rest),
        );
    }
    if let Some(len) = syslog_time(line).or_else(|| full_time(line)) {
        let rest = after_blank(line.get(len..)?)?;
        let rest = host_and_unit(rest, found, false)?;
        found.time = line.get(..len);
        return Some(rest);
    }
    // The kernel's own: `[12345.678901] message`, `dmesg -T`'s `[Thu Nov 21 10:00:00 2024] message`; journalctl -o short-monotonic.
    let (inside, rest) = line.strip_prefix('[')?.split_once(']')?;
    let rest = after_blank(rest)?;
    let seconds = inside.trim_start();
    let monotonic = seconds
        .split_once('.')
        .is_some_and(|(whole, part)| digits(whole) && digits(part) && part.len() == 6);
    let weekday = inside.split_once(' ').is_some_and(|(day, rest)| {
        WEEKDAYS.contains(&day)
            && syslog_time(rest).is_some_and(|len| rest.get(len..).is_some_and(|year| digits(year.trim())))
    });
    if !monotonic && !weekday {
        return None;
    }
    found.time = Some(seconds);
    Some(host_and_unit(rest, found, true).unwrap_or(rest))
}

/// RFC 5424, section 6: `<PRI>1 TIME HOST APP PROCID MSGID - message`.
fn syslog5424<'a>(line: &'a str, found: &mut Prefixed<'a>) -> Option<&'a str> {
    let (priority, rest) = line.strip_prefix('<')?.split_once('>')?;
    if !digits(priority) {
        return None;
    }
    let mut parts = rest.strip_prefix("1 ")?.splitn(6, ' ');
    let (time, host, app, pid) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let _message_id = parts.next()?;
    let rest = parts.next()?;
    rfc3339(time)?;
    let message = rest
        .strip_prefix("- ")
        .or_else(|| Some(rest.strip_prefix('[')?.split_once("] ")?.1))?;
    let given = |word: &'a str| (word != "-").then_some(word);
    found.time = Some(time);
    found.host = given(host);
    found.source.unit = given(app);
    found.source.pid = given(pid);
    Some(message)
}

/// The container runtime's line (kubernetes `pkg/kubelet/kuberuntime/logs`, the CRI logging format): `stderr F message`.
fn runtime<'a>(rest: &'a str, found: &mut Prefixed<'a>) -> Option<&'a str> {
    let output = rest.get(..6).filter(|word| matches!(*word, "stdout" | "stderr"))?;
    let tagged = rest.get(6..)?.strip_prefix(' ')?;
    let (tag, message) = tagged.split_once(' ').unwrap_or((tagged, ""));
    if !matches!(tag, "F" | "P") {
        return None;
    }
    found.output = Some(output);
    found.partial = tag == "P";
    Some(message)
}

/// `HOST UNIT[PID]: message`, `HOST UNIT: message` (systemd `src/shared/logs-show.c`). After a time that programs write themselves
/// only a process id or the kernel makes it the journal's.
fn host_and_unit<'a>(rest: &'a str, found: &mut Prefixed<'a>, strict: bool) -> Option<&'a str> {
    let (host, rest) = rest.split_once(' ')?;
    let colon = rest.find(": ").or_else(|| rest.strip_suffix(':').map(str::len))?;
    let identifier = rest.get(..colon)?;
    let host_word = !host.is_empty()
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
    if !host_word || identifier.is_empty() || identifier.contains([' ', '"', '{', '=']) {
        return None;
    }
    let (unit, pid) = match identifier.strip_suffix(']').and_then(|text| text.rsplit_once('[')) {
        Some((unit, pid)) if digits(pid) => (unit, Some(pid)),
        _ => (identifier, None),
    };
    if strict && pid.is_none() && unit != "kernel" {
        return None;
    }
    found.host = Some(host);
    found.source.unit = Some(unit);
    found.source.pid = pid;
    Some(rest.get(colon + 1..)?.strip_prefix(' ').unwrap_or_default())
}

/// `aws logs tail` (aws-cli v2 `customizations/logs/tail.py`, format `detailed`): a time with microseconds and an offset, then the
/// log stream's name.
fn log_stream<'a>(time: &str, rest: &'a str, found: &mut Prefixed<'a>) -> Option<&'a str> {
    let offset_written = time.ends_with("+00:00") && time.contains('.');
    let (stream, message) = rest.split_once(' ')?;
    let known = stream.starts_with("kube-")
        || stream.starts_with("authenticator-")
        || stream.starts_with("cloud-controller-manager-")
        || stream.starts_with("eni-")
        || stream.contains('/')
        || stream.contains(".var.log.")
        || (stream.starts_with("ip-") && stream.contains('.'));
    if !offset_written || !known || stream.contains(['"', '=', '{']) {
        return None;
    }
    found.source.stream = Some(stream);
    Some(message)
}

/// Whether a text begins as an entry of a log: a time, a level, JSON, klog.
fn begins_entry(text: &str) -> bool {
    text.starts_with("{\"") || super::sniff::log::is_log(text) || level(text)
}

/// Whether the first word is a level, in brackets or not.
fn level(text: &str) -> bool {
    let word = text.split([' ', '\t', ':']).next().unwrap_or_default();
    let word = word
        .strip_prefix('[')
        .and_then(|word| word.strip_suffix(']'))
        .unwrap_or(word);
    matches!(
        word.to_ascii_uppercase().as_str(),
        "INFO" | "WARN" | "WARNING" | "ERROR" | "ERR" | "DEBUG" | "FATAL" | "TRACE" | "NOTICE" | "PANIC"
    )
}

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The length of an RFC 3339 time with a zone (`+0000` too, as the journal's `short-iso` writes it) that a text begins with.
pub fn rfc3339(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if !shaped(bytes, b"0000-00-00T00:00:00") {
        return None;
    }
    let mut at = 19;
    if matches!(bytes.get(at), Some(b'.' | b',')) {
        let fraction = bytes
            .get(at + 1..)?
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if fraction == 0 {
            return None;
        }
        at += 1 + fraction;
    }
    let zone = bytes.get(at..)?;
    match zone.first()? {
        b'Z' => Some(at + 1),
        b'+' | b'-' if shaped(zone.get(1..)?, b"00:00") => Some(at + 6),
        b'+' | b'-' if shaped(zone.get(1..)?, b"0000") => Some(at + 5),
        _ => None,
    }
}

/// The length of a syslog time (RFC 3164, section 4.1.2) that a text begins with, with the fraction of `short-precise` where it is there.
pub fn syslog_time(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let month = text.get(..3)?;
    let day = bytes.get(4..6)?;
    let day_written = matches!(day, [b' ' | b'0'..=b'3', b'0'..=b'9']);
    if !MONTHS.contains(&month) || bytes.get(3) != Some(&b' ') || !day_written || !shaped(bytes.get(6..)?, b" 00:00:00")
    {
        return None;
    }
    let mut at = 15;
    if bytes.get(at) == Some(&b'.') {
        at += 1 + bytes
            .get(at + 1..)?
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
    }
    Some(at)
}

/// The length of `journalctl -o short-full`'s time: `Thu 2024-11-21 10:00:00 UTC`.
fn full_time(text: &str) -> Option<usize> {
    let day = text.get(..3)?;
    if !WEEKDAYS.contains(&day) || !shaped(text.as_bytes().get(3..)?, b" 0000-00-00 00:00:00 ") {
        return None;
    }
    let zone = text.get(24..)?;
    let len = zone.find(' ')?;
    zone.bytes()
        .take(len)
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b':'))
        .then_some(24 + len)
}

/// Whether bytes begin like a pattern in which `0` stands for any digit.
fn shaped(bytes: &[u8], pattern: &[u8]) -> bool {
    bytes.len() >= pattern.len()
        && bytes.iter().zip(pattern).all(|(byte, wanted)| {
            if *wanted == b'0' {
                byte.is_ascii_digit()
            } else {
                byte == wanted
            }
        })
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What follows the blank that ends a prefix; nothing follows where the line ends there.
fn after_blank(rest: &str) -> Option<&str> {
    if rest.is_empty() {
        Some(rest)
    } else {
        rest.strip_prefix(' ')
    }
}

/// A DNS name as Kubernetes objects have it (RFC 1123).
fn name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
        && !text.starts_with(['-', '.'])
        && !text.ends_with(['-', '.'])
}

/// A pod's name that a controller made: it ends with five of the letters that Kubernetes draws from
/// (apimachinery `pkg/util/rand`), or with a StatefulSet's ordinal.
fn generated(text: &str) -> bool {
    let Some((base, end)) = text.rsplit_once('-') else {
        return false;
    };
    let drawn = end.len() == 5 && end.bytes().all(|byte| b"bcdfghjklmnpqrstvwxz2456789".contains(&byte));
    name(text) && !base.is_empty() && (drawn || (digits(end) && end.len() <= 3))
}

#[cfg(test)]
mod tests {
    use super::{Prefixed, strip};

    /// Time, host, unit or pod, container, message.
    fn parts<'a>(found: &Prefixed<'a>) -> [&'a str; 5] {
        [
            found.time,
            found.host,
            found.source.unit.or(found.source.pod).or(found.source.stream),
            found.source.container.or(found.source.pid),
            Some(found.message),
        ]
        .map(Option::unwrap_or_default)
    }

    #[test]
    fn the_journals_prefixes_are_taken_off() {
        let message = "E1121 10:00:00.000001    3456 kubelet.go:2901] \"Container runtime network not ready\"";
        for (prefix, time) in [
            (
                "Nov 21 10:00:00 ip-10-0-1-7.ec2.internal kubelet[3456]: ",
                "Nov 21 10:00:00",
            ),
            (
                "Nov  1 10:00:00.123456 ip-10-0-1-7.ec2.internal kubelet[3456]: ",
                "Nov  1 10:00:00.123456",
            ),
            (
                "2024-11-21T10:00:00+0000 ip-10-0-1-7.ec2.internal kubelet[3456]: ",
                "2024-11-21T10:00:00+0000",
            ),
            (
                "Thu 2024-11-21 10:00:00 UTC ip-10-0-1-7.ec2.internal kubelet[3456]: ",
                "Thu 2024-11-21 10:00:00 UTC",
            ),
            (
                "<30>1 2024-11-21T10:00:00.5Z ip-10-0-1-7.ec2.internal kubelet 3456 - - ",
                "2024-11-21T10:00:00.5Z",
            ),
            ("[   12.345678] ip-10-0-1-7.ec2.internal kubelet[3456]: ", "12.345678"),
        ] {
            let line = format!("{prefix}{message}");
            let found = strip(&line);
            assert_eq!(
                parts(&found),
                [time, "ip-10-0-1-7.ec2.internal", "kubelet", "3456", message],
                "{line}"
            );
            assert_eq!(found.offset, prefix.len(), "{line}");
        }
        let kernel = strip("Nov 21 10:00:00 ip-10-0-1-7 kernel: oom-kill:constraint=CONSTRAINT_MEMCG");
        assert_eq!(
            parts(&kernel),
            [
                "Nov 21 10:00:00",
                "ip-10-0-1-7",
                "kernel",
                "",
                "oom-kill:constraint=CONSTRAINT_MEMCG"
            ]
        );
        let dmesg = strip("[Thu Nov 21 10:00:00 2024] eth0: link up");
        assert_eq!(parts(&dmesg), ["Thu Nov 21 10:00:00 2024", "", "", "", "eth0: link up"]);
    }

    #[test]
    fn kubectl_stern_and_the_runtime_say_where_a_line_came_from() {
        for (line, wanted) in [
            (
                "[pod/web-7d9fb5c6d-x2k4q/app] 2024-11-21T10:00:00.123456789Z listening on :8080",
                [
                    "2024-11-21T10:00:00.123456789Z",
                    "",
                    "web-7d9fb5c6d-x2k4q",
                    "app",
                    "listening on :8080",
                ],
            ),
            (
                "2024-11-21T10:00:00.123456789Z I1121 10:00:00.1       1 main.go:1] up",
                [
                    "2024-11-21T10:00:00.123456789Z",
                    "",
                    "",
                    "",
                    "I1121 10:00:00.1       1 main.go:1] up",
                ],
            ),
            (
                "aws-node-x2k4q aws-vpc-eni-migration {\"level\":\"info\"}",
                [
                    "",
                    "",
                    "aws-node-x2k4q",
                    "aws-vpc-eni-migration",
                    "{\"level\":\"info\"}",
                ],
            ),
            ("web-0 app › hello there", ["", "", "web-0", "app", "hello there"]),
            (
                "kube-system coredns-5d78c9869d-bcdfg coredns [INFO] plugin/reload: Running",
                [
                    "",
                    "",
                    "coredns-5d78c9869d-bcdfg",
                    "coredns",
                    "[INFO] plugin/reload: Running",
                ],
            ),
            (
                "2024-11-21T10:00:00.123456789Z stderr F panic: x",
                ["2024-11-21T10:00:00.123456789Z", "", "", "", "panic: x"],
            ),
            ("web-1  | GET / 200", ["", "", "", "web-1", "GET / 200"]),
            (
                "2024-11-21T10:00:00.123000+00:00 authenticator-0a1b2c time=\"x\"",
                [
                    "2024-11-21T10:00:00.123000+00:00",
                    "",
                    "authenticator-0a1b2c",
                    "",
                    "time=\"x\"",
                ],
            ),
        ] {
            assert_eq!(parts(&strip(line)), wanted, "{line}");
        }
        assert_eq!(strip("2024-11-21T10:00:00Z stdout P first half").output, Some("stdout"));
        assert!(strip("2024-11-21T10:00:00Z stdout P first half").partial);
        assert_eq!(
            strip("kube-system coredns-5d78c9869d-bcdfg coredns [INFO] x")
                .source
                .namespace,
            Some("kube-system")
        );
    }

    #[test]
    fn a_line_without_a_prefix_is_its_own_message() {
        for line in [
            "",
            "listening on :8080",
            "the quick brown fox",
            "[INFO] plugin/reload: Running",
            "2024/11/21 10:00:00 http: panic serving",
            "I1121 10:00:00.123456       1 controller.go:114] x",
            "level=info ts=2024-11-21T10:00:00Z msg=x",
            "| a | b |",
            "web-0 1/1 Running",
            "Nov 21 is a Thursday",
        ] {
            assert_eq!(strip(line).message, line);
            assert!(!strip(line).any());
        }
    }
}
