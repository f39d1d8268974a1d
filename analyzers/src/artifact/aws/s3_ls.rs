//! `aws s3 ls`: buckets, or what is in one (aws-cli `customizations/s3/subcommands.py`, `ListCommand`): the time in 19 columns, the size
//! right-aligned in the next 11, the key; a common prefix has `PRE` at the end of these 30 columns. With `--summarize` two sums follow.

use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// What `aws s3 ls` prints.
pub const FORMAT: Format = Format::new(&Spec {
    name: "aws-s3-ls",
    title: "aws s3 ls",
    command: |line| line.aws_operation() == Some(("s3", "ls")),
    least: 3,
    sniff: take,
    read,
});

/// Where the size ends.
const SIZE_END: usize = 30;
/// How long a time is.
const TIME: usize = 19;
/// How many lines are said one by one.
const PROBLEMS: usize = 20;

/// A line.
#[derive(Debug, PartialEq, Eq)]
enum Row<'a> {
    Bucket(Piece<'a>, Piece<'a>),
    Object(Piece<'a>, Piece<'a>, Piece<'a>),
    Prefix(Piece<'a>),
    Sum(&'static str, Piece<'a>),
}

/// The time that a line begins with, and what stands after it.
fn timed(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let time = line.get(..TIME)?;
    let pattern = b"0000-00-00 00:00:00";
    let fits = time.bytes().zip(pattern).all(|(byte, wanted)| {
        if *wanted == b'0' {
            byte.is_ascii_digit()
        } else {
            byte == *wanted
        }
    });
    (fits && line.get(TIME..)?.starts_with(' ')).then(|| (line.part(0..TIME), line.skip(TIME + 1)))
}

/// S3 user guide, "Bucket naming rules": 3 to 63 lower case letters, digits, dots and hyphens; older ones may have more.
fn is_bucket(name: &str) -> bool {
    (3..=255).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

fn row(line: Piece<'_>) -> Option<Row<'_>> {
    let bare = line.trim();
    if line.starts_with(' ') {
        if let Some(prefix) = bare.strip_prefix("PRE ").filter(|prefix| prefix.ends_with('/')) {
            return Some(Row::Prefix(prefix));
        }
        return bare
            .strip_prefix("Total Size: ")
            .map(|size| Row::Sum("totalSize", size));
    }
    if let Some(count) = bare.strip_prefix("Total Objects: ") {
        return Some(Row::Sum("totalObjects", count));
    }
    let (time, rest) = timed(line)?;
    // A copy may have lost the blanks at the end of the line, and nothing else.
    let name = rest.trim();
    if is_bucket(name.str()) && rest.starts_with(|c: char| c != ' ') {
        return Some(Row::Bucket(time, name));
    }
    let (size, key) = sized(line, rest)?;
    Some(Row::Object(time, size, key))
}

/// The size and the key: the size ends where it has to, unless it is too large for that.
fn sized<'a>(line: Piece<'a>, rest: Piece<'a>) -> Option<(Piece<'a>, Piece<'a>)> {
    let start = rest.str().len() - rest.str().trim_start().len();
    let text = rest.skip(start);
    let mut end = text.find(' ')?;
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !number(text.get(..end)?) {
        return None;
    }
    // `1.2 KiB` with `--human-readable`.
    let unit = text.get(end + 1..)?.split(' ').next().unwrap_or_default();
    if matches!(unit, "Bytes" | "Byte" | "KiB" | "MiB" | "GiB" | "TiB" | "PiB") {
        end += 1 + unit.len();
    }
    let column = TIME + 1 + start + end;
    let key = text.skip(end).strip_prefix(" ")?;
    let aligned = column == SIZE_END || (column > SIZE_END && start == 0);
    (aligned && !key.is_empty() && column < line.len()).then(|| (text.part(0..end), key))
}

fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let wanted = hint.expects(FORMAT);
    let sum = wanted && line.starts_with("Total Objects: ");
    if !sum && !line.starts_with(|c: char| c == ' ' || c.is_ascii_digit()) {
        return None;
    }
    row(Piece::new(line))?;
    let mut len = 0;
    let mut certain = wanted;
    for (line, end) in ends(rest) {
        if line.trim().is_empty() {
            // Before the sums is a blank line.
            continue;
        }
        match row(Piece::new(line)) {
            Some(Row::Object(..)) => certain |= line.as_bytes().get(TIME + 1) == Some(&b' '),
            Some(Row::Prefix(_)) => certain |= line.find("PRE ") == Some(SIZE_END - 3),
            Some(Row::Sum(..)) => {}
            // A time and a word is what any log may have: only the command tells that the word is a bucket's name.
            Some(Row::Bucket(..)) if wanted => {}
            Some(Row::Bucket(..)) | None => break,
        }
        len = end;
    }
    (certain && len > 0).then_some(Taken {
        len,
        format: FORMAT,
        confidence: if wanted { 0.95 } else { 0.8 },
    })
}

/// With the names of S3's API: `ListBuckets`, `ListObjectsV2`.
fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let body = Piece::new(part.text());
    let mut buckets = Placed::array(body);
    let mut prefixes = Placed::array(body);
    let mut contents = Placed::array(body);
    let mut found = Placed::object(body);
    let mut lost = 0;
    for line in body.lines().filter(|line| !line.trim().is_empty()) {
        let mut object = Placed::object(line);
        match row(line) {
            Some(Row::Bucket(time, name)) => {
                object.put_text("CreationDate", time);
                object.put_text("Name", name);
                buckets.push(object);
            }
            Some(Row::Object(time, size, key)) => {
                object.put_text("Key", key);
                object.put_text("LastModified", time);
                object.put("Size", number(size));
                contents.push(object);
            }
            Some(Row::Prefix(prefix)) => {
                object.put_text("Prefix", prefix);
                prefixes.push(object);
            }
            Some(Row::Sum(name, value)) => found.put(name, number(value.trim())),
            None => {
                lost += 1;
                if lost <= PROBLEMS {
                    problems.push(Problem::new(
                        part.span().slice(line.range()),
                        "This line is none that `aws s3 ls` prints.",
                    ));
                }
            }
        }
    }
    if lost > PROBLEMS {
        let more = lost - PROBLEMS;
        problems.push(Problem::new(
            part.span(),
            format!("{more} more lines are none that `aws s3 ls` prints."),
        ));
    }
    for (name, list) in [
        ("Buckets", buckets),
        ("CommonPrefixes", prefixes),
        ("Contents", contents),
    ] {
        if !list.is_empty() {
            found.put(name, list);
        }
    }
    formats::add_document(part, "aws/s3/ls", found, false, artifacts);
}

/// A number, or with its unit a text.
fn number(piece: Piece<'_>) -> Placed {
    match piece.str().parse::<u64>() {
        Ok(number) => Placed::value(number, piece),
        Err(_) => Placed::text(piece),
    }
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    const BUCKETS: &str = include_str!("../../../../tests/samples/aws-s3-ls/buckets.txt");
    const OBJECTS: &str = include_str!("../../../../tests/samples/aws-s3-ls/objects.txt");
    const HUMAN: &str = include_str!("../../../../tests/samples/aws-s3-ls/human-readable.txt");

    #[test]
    fn buckets_are_a_time_and_a_name() {
        let buckets = read(BUCKETS);
        buckets.is("aws-s3-ls");
        assert_eq!(buckets.kind(), "aws/s3/ls");
        assert_eq!(buckets.count("/Buckets"), 3);
        assert_eq!(buckets.at("/Buckets/1/Name"), "acme-shop-flow-logs");
        assert_eq!(buckets.at("/Buckets/1/CreationDate"), "2024-06-11 08:15:42");
        // Without the command nothing tells these lines from a log's.
        assert_ne!(read(BUCKETS.split_once('\n').unwrap().1).format, "aws-s3-ls");
        let one = read("$ aws s3 ls\n2025-02-03 04:05:06 backups\n");
        one.is("aws-s3-ls");
        assert_eq!(one.at("/Buckets/0/Name"), "backups");
    }

    #[test]
    fn objects_have_a_size_and_prefixes_have_none() {
        for text in [OBJECTS, OBJECTS.split_once('\n').unwrap().1] {
            let objects = read(text);
            objects.is("aws-s3-ls");
            assert_eq!(objects.at("/CommonPrefixes/0/Prefix"), "AWSLogs/");
            assert_eq!(objects.count("/Contents"), 3);
            assert_eq!(objects.at("/Contents/1/Size"), "48211");
            assert_eq!(objects.at("/Contents/1/Key"), "release notes.txt");
            assert_eq!(objects.at("/Contents/2/Size"), "12884901888");
            assert_eq!(objects.at("/totalObjects"), "3");
        }
        let human = read(HUMAN);
        assert_eq!(human.at("/Contents/0/Size"), "47.1 KiB");
        assert_eq!(human.at("/totalSize"), "47.1 KiB");
    }

    #[test]
    fn logs_are_not_listings() {
        for text in [
            "2025-01-01 10:00:00 started\n2025-01-01 10:00:01 stopped\n",
            "2025-01-01 10:00:00 shutting-down\n",
            "2025-01-01 10:00:00 shutting-down\n2025-01-01 10:00:05 starting-up\n",
            "2025-01-01 10:00:00 cart.shop.example.com\n2025-01-01 10:00:05 cart.shop.example.com\n2025-01-01 10:00:09 gone.away\n",
            "2025-01-01 10:00:00 12 requests in flight\n",
            "2025-01-01 10:00:00 INFO listening on 8080\n",
        ] {
            assert_eq!(read(text).format, "log", "{text}");
        }
        // The keys end where a time and a word stand.
        let keys = "2025-01-01 10:00:00        512 notes.txt\n";
        let below = read(&format!("{keys}2025-01-01 10:00:00 shutting-down\n"));
        assert_eq!(below.formats(), ["aws-s3-ls", "log"]);
        let odd = read("$ aws s3 ls s3://acme-shop\n2025-01-01 10:00:00        512 a\nwhat is this\n");
        assert_eq!(odd.formats().first(), Some(&"aws-s3-ls"));
    }
}
