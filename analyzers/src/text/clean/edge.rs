//! The terminal's edge: lines that it broke in two are joined, lines that it cut are named.
//!
//! Only what tells: in a part without blank lines no line is longer than some width, a line has exactly this width, and what
//! follows cannot begin a line of its own: the rest of a JSON string, of a table's row whose cells do not stand under their header, of
//! a log entry, of a value in an indented document. A whole table whose rows are equally long has none of these.

use std::cmp::Ordering;

use super::{Line, Note};

/// Terminals narrower or wider than this are not believed.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=500;

/// The widest lines of a part, as a first quick look finds them.
#[derive(Debug, Default)]
pub(super) struct Widths {
    widest: usize,
    count: usize,
    /// Whether a string may be open at the end of one of the widest lines.
    open: bool,
    /// Whether a line that may be the rest of one of the widest stands below it.
    rest: bool,
    /// The last line where it was one of the widest: whether anything can be its rest.
    last: Option<bool>,
}

impl Widths {
    /// Takes a line in; at a blank line, whether the part that ends here may have been wrapped or cut.
    pub(super) fn see(&mut self, line: &str) -> bool {
        if line.len() <= 1 {
            let telling = self.telling();
            *self = Self::default();
            return telling;
        }
        if let Some(tells) = self.last.take() {
            self.rest |= tells || !line.starts_with("  ");
        }
        // Letters outside ASCII are longer than wide: no line is wider than it is long.
        if line.len() < self.widest {
            return false;
        }
        let wide = width(line);
        match wide.cmp(&self.widest) {
            Ordering::Greater => {
                *self = Self {
                    widest: wide,
                    count: 1,
                    ..Self::default()
                };
            }
            Ordering::Equal => self.count += 1,
            Ordering::Less => return false,
        }
        let open = memchr::memchr_iter(b'"', line.as_bytes()).count() % 2 == 1;
        self.open |= open;
        // What is indented is the rest of an open string or of a table's row, which stands at the left edge.
        self.last = Some(open || !line.starts_with("  "));
        false
    }

    pub(super) fn telling(&self) -> bool {
        self.rest && (self.count > 1 || self.open) && WIDTHS.contains(&self.widest)
    }
}

/// Joins the lines of every part that the edge broke, and says which lines it cut.
pub(super) fn join(lines: &mut [Line<'_>], notes: &mut Vec<Note>) -> bool {
    let mut joined = false;
    let mut first = 1;
    for part in lines.chunk_by_mut(|a, b| a.text.trim().is_empty() == b.text.trim().is_empty()) {
        let count = part.len();
        if count > 1 && part.first().is_some_and(|line| !line.text.trim().is_empty()) {
            joined |= join_part(part, first, notes);
        }
        first += count;
    }
    joined
}

fn width(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.chars().count()
    }
}

fn join_part(part: &mut [Line<'_>], first: usize, notes: &mut Vec<Note>) -> bool {
    let edge = part.iter().map(|line| width(line.text)).max().unwrap_or(0);
    if !WIDTHS.contains(&edge) {
        return false;
    }
    // No line is wider than it is long: most lines need no counting.
    let is_full = |line: &Line<'_>| line.text.len() >= edge && width(line.text) == edge;
    let full = part.iter().filter(|line| is_full(line)).count();
    if let Some(note) = cut(part, edge, first) {
        notes.push(note);
        return false;
    }
    // Entries of logs and captures that follow each other: no line is the rest of another.
    let entries = part.windows(2).all(|pair| match pair {
        [line, next] if is_full(line) => {
            begins_entry(next.text) && !line.text.trim_start().starts_with(['"', '{', '['])
        }
        _ => true,
    });
    if entries {
        return false;
    }
    let (mut joined, certain) = (false, full > 1);
    let mut state = State::default();
    // Lines that seem to go on, and how many lines of the same width do not: a whole text has many that only end at the same place.
    let mut likely = Vec::new();
    let mut whole = 0;
    let mut at = 0;
    while at + 1 < part.len() {
        let rest = part.get_mut(at..).unwrap_or_default();
        let count = match wrapped_drawing(rest, edge) {
            0 if certain => wrapped_table(rest, edge),
            count => count,
        };
        if count > 0 {
            joined = true;
            at += count;
            state = State::default();
            continue;
        }
        let (Some(line), Some(next)) = (rest.first(), rest.get(1)) else {
            break;
        };
        let is_full = width(line.text) == edge;
        let goes_on =
            state.goes_on(line.text, next.text, is_full, certain) && string_closes_or_other(&state, rest, edge);
        if goes_on && state.now == Some(Kind::JsonString) {
            if let Some(line) = rest.first_mut() {
                line.joined = true;
            }
            joined = true;
        } else if goes_on {
            likely.push(at);
        } else {
            whole += usize::from(is_full);
        }
        state.after(goes_on);
        at += 1;
    }
    if likely.len() > 1 && whole * 5 <= likely.len() {
        joined = true;
        for at in likely {
            if let Some(line) = part.get_mut(at) {
                line.joined = true;
            }
        }
    }
    joined
}

/// What is known at a line: where its logical line began.
#[derive(Debug, Default)]
struct State {
    /// What the logical line is, that began before and was joined so far.
    kind: Option<Kind>,
    /// Whether a JSON string is open at the end of the line.
    open: bool,
    /// The open brackets of a JSON object on one line.
    depth: i64,
    /// What the line that is looked at is.
    now: Option<Kind>,
    /// The columns of the last table's header.
    columns: Vec<usize>,
    /// Whether an entry of a log was seen in this part.
    log: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A line of JSON with an open string.
    JsonString,
    /// A JSON object on one line.
    JsonLine,
    Row,
    Entry,
    Indented,
}

impl State {
    /// Whether `next` is the rest of `line`.
    fn goes_on(&mut self, line: &str, next: &str, full: bool, shared: bool) -> bool {
        let begins = self.kind.is_none();
        if begins {
            self.open = false;
            self.depth = 0;
            if is_header(line) {
                self.columns = columns(line);
            } else if prompt_like(line) {
                self.columns.clear();
            }
            self.log |= begins_entry(line);
        }
        let json = matches!(self.kind, Some(Kind::JsonString | Kind::JsonLine))
            || (begins && line.trim_start().starts_with(['"', '{', '[']));
        if json {
            scan(line, &mut self.open, &mut self.depth);
        }
        self.now = None;
        if !full || next.trim().is_empty() || prompt_like(next) {
            return false;
        }
        self.now = if json && self.open {
            (!is_member(next)).then_some(Kind::JsonString)
        } else if json && self.depth > 0 && shared && (self.kind == Some(Kind::JsonLine) || line.starts_with("{\"")) {
            (!next.starts_with(['{', ' '])).then_some(Kind::JsonLine)
        } else if !shared || next.starts_with("  ") || next.starts_with('\t') {
            None
        } else if self.kind == Some(Kind::Row) || (begins && self.columns.len() > 2 && under(&self.columns, line)) {
            (!under(&self.columns, next) && !is_header(next) && !begins_entry(next)).then_some(Kind::Row)
        } else if self.kind == Some(Kind::Entry) || (begins && begins_entry(line)) {
            (self.log && !begins_entry(next) && !trace(next)).then_some(Kind::Entry)
        } else if self.kind == Some(Kind::Indented)
            || (begins && line.starts_with("  ") && !line.trim_start().starts_with('}'))
        {
            (!begins_top(next)).then_some(Kind::Indented)
        } else {
            None
        };
        self.now.is_some()
    }

    fn after(&mut self, joined: bool) {
        self.kind = if joined { self.now } else { None };
    }
}

/// Reads over a line of JSON: whether a string is open at its end, and how many brackets.
fn scan(line: &str, open: &mut bool, depth: &mut i64) {
    let mut escaped = false;
    for byte in line.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if *open => escaped = true,
            b'"' => *open = !*open,
            b'{' | b'[' if !*open => *depth += 1,
            b'}' | b']' if !*open => *depth -= 1,
            _ => {}
        }
    }
}

/// How many lines one string is looked for an end.
const STRING: usize = 400;

/// Where a string was left open: whether it ends after lines that are as wide as the terminal. It was cut otherwise.
fn string_closes_or_other(state: &State, rest: &[Line<'_>], edge: usize) -> bool {
    if state.now != Some(Kind::JsonString) || state.kind == Some(Kind::JsonString) {
        return true;
    }
    let (mut open, mut depth) = (state.open, 0);
    for line in rest.iter().skip(1).take(STRING) {
        scan(line.text, &mut open, &mut depth);
        if !open {
            return true;
        }
        if width(line.text) != edge {
            return false;
        }
    }
    false
}

/// Whether a line begins as a member of a JSON object on a line of its own does.
fn is_member(line: &str) -> bool {
    let text = line.trim_start();
    line.starts_with([' ', '\t'])
        && (text.starts_with(['}', ']'])
            || text
                .strip_prefix('"')
                .and_then(|rest| rest.split_once('"'))
                .is_some_and(|(_, after)| after.starts_with(':')))
}

/// A table's header: words in capitals, at least two of them, apart from each other.
fn is_header(line: &str) -> bool {
    capitals(line) && line.contains("  ") && !line.starts_with(' ') && columns(line).len() > 1
}

/// Words in capitals only: a header or a part of one.
fn capitals(line: &str) -> bool {
    line.bytes().any(|byte| byte.is_ascii_uppercase())
        && line
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b" -_/()%:.".contains(&byte))
}

/// Where the cells of a header begin: after two blanks.
fn columns(header: &str) -> Vec<usize> {
    let bytes = header.as_bytes();
    (0..bytes.len())
        .filter(|at| {
            let here = bytes.get(*at).is_some_and(|byte| *byte != b' ');
            let before = bytes.get(at.saturating_sub(2)..*at).unwrap_or_default();
            here && (*at == 0 || before == b"  ")
        })
        .collect()
}

/// Whether a row's cells stand under their header: a blank before each column that the row reaches.
fn under(columns: &[usize], row: &str) -> bool {
    let mut chars = row.chars();
    let mut at = 0;
    let mut reached = 0;
    for column in columns.iter().skip(1) {
        let Some(before) = chars.nth(column - 1 - at) else {
            break;
        };
        at = *column;
        if before != ' ' {
            return false;
        }
        reached += 1;
    }
    reached > 0 && !row.starts_with(' ')
}

/// A table with borders (aws-cli's) whose first ruling was wrapped: all of its lines were, at the same place. Joins them and returns how
/// many they are.
fn wrapped_drawing(part: &mut [Line<'_>], edge: usize) -> usize {
    let ruling = |line: &&Line<'_>| line.text.len() > 3 && line.text.bytes().all(|byte| byte == b'-');
    let height = part.iter().take_while(ruling).count();
    let top = part.get(..height).unwrap_or_default();
    let Some((last, full)) = top.split_last() else { return 0 };
    let rest = width(last.text);
    if full.is_empty() || rest > edge || full.iter().any(|line| width(line.text) != edge) {
        return 0;
    }
    let border = |c: char| matches!(c, '|' | '+');
    // A line that has all its pieces: the last one ends where that of the ruling does.
    let drawn = |lines: &[Line<'_>]| {
        lines.len() == height
            && lines.first().is_some_and(|line| line.text.starts_with(border))
            && lines
                .last()
                .is_some_and(|line| line.text.ends_with(border) && width(line.text) == rest)
    };
    let below = part.get(height..).unwrap_or_default();
    let count = below.chunks(height).take_while(|lines| drawn(lines)).count();
    if count < 2 {
        return 0;
    }
    let all = height * (count + 1);
    for lines in part.get_mut(..all).unwrap_or_default().chunks_mut(height) {
        for line in lines.iter_mut().take(height - 1) {
            line.joined = true;
            line.pad = edge - width(line.text).min(edge);
        }
    }
    all
}

/// A table whose header was wrapped: joins its lines and returns how many they are.
fn wrapped_table(part: &mut [Line<'_>], edge: usize) -> usize {
    let Some(header) = part.first() else { return 0 };
    if width(header.text) != edge || !is_header(header.text) {
        return 0;
    }
    // The header's further lines; each but the last is full.
    let mut height = 1;
    while part.get(height - 1).is_some_and(|line| width(line.text) == edge)
        && part.get(height).is_some_and(|line| capitals(line.text))
        && height < 8
    {
        height += 1;
    }
    if height == 1 {
        return 0;
    }
    let below: Vec<Vec<usize>> = part.iter().take(height).map(|line| columns(line.text)).collect();
    let names = below.first().map_or(&[] as &[usize], Vec::as_slice);
    let begins = |line: &Line<'_>| under(names, line.text) && !prompt_like(line.text) && !is_header(line.text);
    let mut heights = vec![height];
    let mut count = height;
    while part.get(count).is_some_and(begins) {
        let row = part.get(count..).unwrap_or_default();
        let tall = row_height(row, edge, &below, begins);
        heights.push(tall);
        count += tall;
    }
    // A header alone, or rows that do not fit: nothing is sure.
    if count == height {
        return 0;
    }
    let mut rest = part.get_mut(..count).unwrap_or_default();
    for tall in heights {
        let Some((row, after)) = rest.split_at_mut_checked(tall) else {
            break;
        };
        for line in row.iter_mut().take(tall - 1) {
            line.joined = true;
            line.pad = edge - width(line.text).min(edge);
        }
        rest = after;
    }
    count
}

/// How many lines a row takes: at most as many as its header, and fewer where its last cells are shorter than their names. A line that is
/// not full is the row's last, unless what follows stands under the header's next line: then its last blanks were lost in copying.
fn row_height(row: &[Line<'_>], edge: usize, below: &[Vec<usize>], begins: impl Fn(&Line<'_>) -> bool) -> usize {
    let mut tall = 1;
    while let (Some(last), Some(next), Some(columns)) = (row.get(tall - 1), row.get(tall), below.get(tall)) {
        let full = width(last.text) == edge;
        let stands = under_all(columns, next.text);
        let goes_on = if full {
            stands || !begins(next)
        } else {
            stands && next.text.starts_with(' ') && !begins(next)
        };
        if !goes_on || prompt_like(next.text) || next.text.is_empty() {
            break;
        }
        tall += 1;
    }
    tall
}

/// Whether a blank stands before each column that a line reaches.
fn under_all(columns: &[usize], line: &str) -> bool {
    let chars: Vec<char> = line.chars().take(500).collect();
    columns
        .iter()
        .filter_map(|column| chars.get(column.checked_sub(1)?))
        .all(|before| *before == ' ')
}

/// Whether a line begins an entry of a log or a capture, or another line that never goes on with the one before it.
fn begins_entry(line: &str) -> bool {
    // iptables-save: a rule, a chain, a table, its end.
    if line == "COMMIT" || line.starts_with("-A ") || line.starts_with([':', '*']) {
        return true;
    }
    let bytes = line.as_bytes();
    let digits =
        |range: std::ops::Range<usize>| bytes.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    match bytes.first() {
        Some(b'0'..=b'9') => {
            // A date, or the time of a packet.
            (digits(0..4) && matches!(bytes.get(4), Some(b'-' | b'/')) && digits(5..7))
                || (digits(0..2) && bytes.get(2) == Some(&b':') && digits(3..5) && bytes.get(5) == Some(&b':'))
        }
        Some(b'I' | b'W' | b'E' | b'F') => digits(1..5) && bytes.get(5) == Some(&b' '),
        Some(b'[') => {
            let inside = line.get(1..).unwrap_or_default();
            digits(1..5)
                || inside.starts_with("pod/")
                || ["INFO", "WARN", "ERROR", "DEBUG", "FATAL", "TRACE"]
                    .iter()
                    .any(|level| inside.starts_with(level))
        }
        Some(b'{') => line.starts_with("{\""),
        Some(b't' | b'l' | b'm') => {
            line.starts_with("time=")
                || line.starts_with("level=")
                || line.starts_with("ts=")
                || line.starts_with("msg=")
        }
        Some(b'A'..=b'Z') => month(bytes),
        Some(b'-') => line.starts_with("-A ") || line.starts_with("-N "),
        _ => false,
    }
}

/// `Nov 21 10:00:00`
fn month(bytes: &[u8]) -> bool {
    matches!(
        bytes.get(..3),
        Some(b"Jan" | b"Feb" | b"Mar" | b"Apr" | b"May" | b"Jun" | b"Jul" | b"Aug" | b"Sep" | b"Oct" | b"Nov" | b"Dec")
    ) && bytes.get(9) == Some(&b':')
        && bytes.get(12) == Some(&b':')
}

/// A stack trace's line after an entry.
fn trace(line: &str) -> bool {
    [
        "goroutine ",
        "at ",
        "Caused by",
        "Traceback",
        "panic: ",
        "File \"",
        "github.com/",
        "k8s.io/",
        "main.",
    ]
    .iter()
    .any(|beginning| line.starts_with(beginning))
}

/// Whether a line at the left margin begins something of its own after an indented one: a name, an item, a bracket.
fn begins_top(line: &str) -> bool {
    let named = line
        .split_once(':')
        .is_some_and(|(name, rest)| !name.contains(' ') && (rest.is_empty() || rest.starts_with([' ', '\t'])));
    // `Node-Selectors:`, `Events:` and sections with blanks in their names (`QoS Class:`).
    let section = line.ends_with(':') || (line.starts_with(|c: char| c.is_ascii_uppercase()) && line.contains(":  "));
    named
        || section
        || line.starts_with(['}', ']', '-', '#', '{', '[', '<', '*'])
        || is_header(line)
        || begins_entry(line)
}

/// Whether a line looks like a prompt or a command: what follows one was not broken off it.
fn prompt_like(line: &str) -> bool {
    let head = line.get(..line.len().min(100)).unwrap_or(line);
    let signs = ["$ ", "# ", "% ", "> ", "❯ ", "➜ "];
    let first = line.split(' ').next().unwrap_or_default();
    if matches!(
        first,
        "kubectl"
            | "k"
            | "oc"
            | "aws"
            | "curl"
            | "dig"
            | "sudo"
            | "tcpdump"
            | "cat"
            | "eksctl"
            | "helm"
            | "ip"
            | "iptables"
    ) && line.contains(' ')
    {
        return true;
    }
    if line.starts_with("$ ")
        || line.starts_with("# ")
        || line.starts_with("❯")
        || line.starts_with("➜")
        || line.starts_with("PS ")
    {
        return true;
    }
    (first.contains('@')
        || line.starts_with('[')
        || line.starts_with("sh-")
        || line.starts_with("bash-")
        || line.starts_with('/'))
        && (signs.iter().any(|sign| head.contains(sign)) || line.ends_with(['$', '#', '%']))
}

/// Lines that the edge cut, as `less -S`, k9s and `watch` show them.
fn cut(part: &[Line<'_>], edge: usize, first: usize) -> Option<Note> {
    let marked = |line: &Line<'_>| {
        line.text.ends_with(['…', '>'])
            && width(line.text) == edge
            && (line.text.ends_with('…')
                || line.text.strip_suffix('>').is_some_and(|text| {
                    !text.rsplit(' ').next().unwrap_or_default().contains('<') && !text.ends_with(['-', '=', ' '])
                }))
    };
    let watched = part
        .first()
        .is_some_and(|line| line.text.starts_with("Every ") && line.text.contains("s: ") && width(line.text) == edge);
    let is_cut =
        |line: &Line<'_>| marked(line) || (watched && width(line.text) == edge && !line.text.starts_with("Every "));
    let count = part.iter().filter(|line| is_cut(line)).count();
    // One line that ends with `>` is a coincidence.
    if count == 0 || (count == 1 && !watched) {
        return None;
    }
    let place = |at: Option<usize>| first + at.unwrap_or(0);
    Some(Note {
        lines: (
            place(part.iter().position(is_cut)),
            place(part.iter().rposition(is_cut)),
        ),
        message: format!(
            "{count} lines were cut at the terminal's edge, after {edge} characters: their last cell is not whole and what stood \
             right of it is missing. Run the command again into a file, or with a wider terminal, and paste that."
        ),
        missing: true,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Cleaned, clean};

    /// A text as a terminal of that width shows and copies it.
    fn wrapped(text: &str, width: usize) -> String {
        let mut out = String::new();
        for line in text.lines() {
            let chars: Vec<char> = line.chars().collect();
            for piece in chars.chunks(width) {
                out.extend(piece);
                out.push('\n');
            }
            if chars.is_empty() {
                out.push('\n');
            }
        }
        out
    }

    fn check(text: &str, width: usize) -> Cleaned {
        let broken = wrapped(text, width);
        assert_ne!(broken, text);
        let cleaned = clean(broken.clone());
        assert_eq!(cleaned.text, text);
        assert_eq!(cleaned.starts.as_ref().map(Vec::len), Some(broken.lines().count()));
        cleaned
    }

    #[test]
    fn a_wide_table_is_whole_again() {
        check(
            "NAME                    READY   STATUS    RESTARTS   AGE   IP           NODE                                        NOMINATED NODE   READINESS GATES\n\
             web-7d9fb5c6d-x2k4q     1/1     Running   0          3d    10.0.3.17    ip-10-0-3-4.eu-west-1.compute.internal      <none>           <none>\n\
             web-7d9fb5c6d-zzz5p     1/1     Running   0          3d    10.0.3.199   ip-10-0-3-144.eu-west-1.compute.internal    <none>           <none>\n",
            80,
        );
    }

    #[test]
    fn long_messages_of_events_are_whole_again() {
        let cleaned = check(
            "LAST SEEN   TYPE      REASON             OBJECT      MESSAGE\n\
             5m          Warning   FailedScheduling   pod/web-1   0/3 nodes are available: 3 Insufficient cpu, 1 node had untolerated taint.\n\
             4m          Warning   FailedMount        pod/web-2   Unable to attach or mount volumes: unmounted volumes=[data], timed out.\n\
             3m          Normal    Pulled             pod/web-3   Successfully pulled\n",
            80,
        );
        // The third line of the paste is the second half of the second.
        assert_eq!(cleaned.starts.unwrap().get(2).copied(), Some(61 + 80));
    }

    #[test]
    fn json_strings_and_lines_are_whole_again() {
        check(
            "{\n    \"message\": \"AccessDenied: User: arn:aws:sts::111122223333:assumed-role/web/session is not authorized to perform: s3:GetObject\",\n    \"code\": 1\n}\n",
            72,
        );
        check(
            "{\"level\":\"info\",\"ts\":\"2024-11-21T10:00:00Z\",\"msg\":\"reconciled the service and its endpoints\",\"count\":15,\"ok\":true}\n\
             {\"level\":\"info\",\"ts\":\"2024-11-21T10:00:01Z\",\"msg\":\"reconciled\"}\n\
             {\"level\":\"info\",\"ts\":\"2024-11-21T10:00:02Z\",\"msg\":\"reconciled another service and its endpoints\",\"count\":16,\"ok\":true}\n",
            60,
        );
    }

    #[test]
    fn log_entries_and_values_are_whole_again() {
        check(
            "I1121 10:00:00.123456       1 controller.go:114] the endpoints of service shop/web were updated: 3 ready, 1 not ready\n\
             I1121 10:00:01.123456       1 controller.go:114] ok\n\
             E1121 10:00:02.123456       1 controller.go:200] the load balancer could not be reconciled: AccessDenied for elbv2\n",
            80,
        );
        check(
            "Name:         web-0\nEvents:\n\
             \x20 Warning  FailedScheduling  3m    default-scheduler  0/3 nodes are available: 3 Insufficient memory. preemption: not helpful.\n\
             \x20 Warning  FailedMount       2m    kubelet            MountVolume.SetUp failed for volume \"data\": rpc error: code = DeadlineExceeded\n",
            80,
        );
    }

    #[test]
    fn what_is_whole_stays() {
        for text in [
            // Equally long rows.
            "NAME                 READY   STATUS             RESTARTS   AGE\n\
             web-7d9fb5c6d-x2k4q  1/1     Running            0          3d5h\n\
             web-7d9fb5c6d-abcde  0/1     CrashLoopBackOff   7          3d5h\n\
             web-7d9fb5c6d-fghij  0/1     CrashLoopBackOff   7          3d5h\n",
            // Equally long lines of JSON.
            "{\n  \"a\": \"arn:aws:iam::111122223333:role/aaaaaaaaaaaaaaaaaaaa\",\n  \"b\": \"arn:aws:iam::111122223333:role/bbbbbbbbbbbbbbbbbbbb\"\n}\n",
            // A document's last lines and a command.
            "  value: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n  value: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\nkubectl get pods\n",
            // Log entries with a stack trace.
            "2024-11-21T10:00:00Z error aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\ngoroutine 1 [running]:\n2024-11-21T10:00:00Z error bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\ngoroutine 2 [running]:\n",
        ] {
            let cleaned = clean(text.to_owned());
            assert_eq!(cleaned.text, text);
            assert_eq!(cleaned.starts, None);
            assert!(cleaned.notes.is_empty());
        }
    }

    /// The samples of all formats, without the lines with the commands.
    fn samples() -> Vec<(String, String)> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/samples");
        let mut found = Vec::new();
        for format in std::fs::read_dir(folder).unwrap() {
            for sample in std::fs::read_dir(format.unwrap().path()).unwrap() {
                let path = sample.unwrap().path();
                let text = std::fs::read_to_string(&path).unwrap();
                let output = text.split_once('\n').unwrap().1.to_owned();
                found.push((path.display().to_string(), output));
            }
        }
        found.sort();
        assert!(found.len() > 60);
        found
    }

    #[test]
    fn outputs_that_no_edge_broke_stay() {
        for (name, text) in samples() {
            let cleaned = clean(text);
            let joined = cleaned.starts.iter().flatten().skip(1);
            let broken = joined.filter(|start| cleaned.text.as_bytes().get(**start - 1) != Some(&b'\n'));
            assert_eq!(broken.count(), 0, "{name}");
        }
    }

    /// Two lines made one is worse than one line left broken: the first invents a value, the second is named as not understood.
    #[test]
    fn lines_of_their_own_are_not_joined() {
        let (mut broken, mut joined, mut wrong) = (0, 0, Vec::new());
        for (name, text) in samples() {
            for edge in [72, 80, 100, 120, 160] {
                let wide: Vec<bool> = text
                    .lines()
                    .flat_map(|line| {
                        let pieces = line.chars().count().div_ceil(edge).max(1);
                        (0..pieces).map(|piece| piece > 0)
                    })
                    .collect();
                broken += wide.iter().filter(|piece| **piece).count();
                let cleaned = clean(wrapped(&text, edge));
                let Some(starts) = cleaned.starts else { continue };
                for (line, start) in starts.iter().enumerate().skip(1) {
                    let is_joined = cleaned.text.as_bytes().get(start - 1) != Some(&b'\n');
                    joined += usize::from(is_joined);
                    let piece = wide.get(line).copied().unwrap_or(false);
                    if !piece && is_joined {
                        wrong.push(format!("{name} at {edge}: line {} was joined", line + 1));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(
            joined * 3 > broken,
            "only {joined} of {broken} rests of lines were joined"
        );
    }

    #[test]
    fn lines_that_were_cut_are_named() {
        let watched = "Every 2.0s: kubectl get events    ip-10-0-1-5: Thu Nov 21 10\n\
                       LAST SEEN   TYPE      REASON         OBJECT      MESSAGE\n\
                       5m          Warning   FailedMount    pod/web-1   Unable to a\n";
        let cleaned = clean(watched.to_owned());
        assert_eq!(cleaned.text, watched);
        assert_eq!(cleaned.notes.len(), 1);
        assert_eq!(cleaned.notes[0].lines, (3, 3));
        let less = "NAME    MESSAGE                                  \n\
                    web-0   the quick brown fox jumps over the lazy >\n\
                    web-1   the quick brown fox jumps over the lazy d>\n\
                    web-2   the quick brown fox jumps over the lazy e>\n";
        assert_eq!(clean(less.to_owned()).notes[0].lines, (3, 4));
        let none = "NAME                          EXTERNAL-IP   NODE\nweb-0                         10.0.0.1      <none>\nweb-1                         10.0.0.2      <none>\n";
        assert!(clean(none.to_owned()).notes.is_empty());
    }
}
