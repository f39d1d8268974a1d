//! `/proc/net/softnet_stat`: a line of hexadecimal numbers for each CPU (the kernel, `net/core/net-procfs.c`, `softnet_seq_show`).

use super::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::Hint;
use crate::text::Piece;

/// `/proc/net/softnet_stat`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "softnet-stat",
    title: "/proc/net/softnet_stat",
    command: |line| line.args.iter().any(|arg| arg.ends_with("softnet_stat")),
    least: 40,
    sniff: |line, rest, hint| {
        let own = |line: &str| is_own(line, hint);
        own(line).then(|| take(rest, FORMAT, hint, own))?
    },
    read,
});

/// The columns that have a meaning; those between are always 0.
const COLUMNS: [(usize, &str); 8] = [
    (0, "processed"),
    (1, "dropped"),
    (2, "timeSqueeze"),
    (8, "cpuCollision"),
    (9, "receivedRps"),
    (10, "flowLimitCount"),
    (11, "backlogLength"),
    (12, "cpu"),
];

fn is_own(line: &str, hint: &Hint) -> bool {
    let mut count = 0;
    let hex = line.split_whitespace().all(|word| {
        count += 1;
        word.len() == 8 && word.bytes().all(|b| b.is_ascii_hexdigit())
    });
    hex && (9..=20).contains(&count) && (hint.expects(FORMAT) || line.starts_with(|c: char| c.is_ascii_hexdigit()))
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut cpus = Placed::array(whole);
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        let words: Vec<Piece<'_>> = line.words().collect();
        let mut value = Placed::object(line);
        for (at, name) in COLUMNS {
            let Some(word) = words.get(at) else { continue };
            match u64::from_str_radix(word.str(), 16) {
                Ok(number) => value.put(name, Placed::value(number, *word)),
                Err(_) => unread.line(line, FORMAT.title()),
            }
        }
        cpus.push(value);
    }
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    root.put("cpus", cpus);
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::only;
    use serde_json::json;

    #[test]
    fn drops_of_each_cpu() {
        let read = only(
            "softnet-stat",
            include_str!("../../../../tests/samples/softnet-stat/node.txt"),
        );
        assert_eq!(
            read["cpus"][1],
            json!({"processed": 159_933, "dropped": 17, "timeSqueeze": 1, "cpuCollision": 0, "receivedRps": 0,
                "flowLimitCount": 0, "backlogLength": 0, "cpu": 1})
        );
    }
}
