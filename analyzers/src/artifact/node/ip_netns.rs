//! `ip netns list`, with the names of `ip -j netns` (iproute2, `ip/ipnetns.c`).

use super::lines::{Unread, is_ip, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `ip netns`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "ip-netns",
    title: "ip netns",
    command: prints,
    least: 5,
    sniff,
    read,
});

fn prints(line: &CommandLine) -> bool {
    is_ip(line, "netns", 2)
        && !line.args.iter().any(|arg| {
            matches!(
                arg.as_str(),
                "exec" | "add" | "del" | "delete" | "set" | "attach" | "identify" | "pids"
            )
        })
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    let own = |line: &str| parts(Piece::new(line)).is_some_and(|(_, id)| id.is_some() || expected);
    own(line).then(|| take(rest, FORMAT, hint, own))?
}

/// `cni-6f2a (id: 3)`: the name and the number.
fn parts(line: Piece<'_>) -> Option<(Piece<'_>, Option<Piece<'_>>)> {
    let mut words = line.words();
    let name = words.next()?;
    let rest = line.trim().skip(name.len()).trim();
    if rest.is_empty() {
        return Some((name, None));
    }
    let id = rest.strip_prefix("(id: ")?.strip_suffix(")")?;
    id.parse::<u32>().is_ok().then_some((name, Some(id)))
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut all = Placed::array(whole);
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        let Some((name, id)) = parts(line) else {
            unread.line(line, "`ip netns`");
            continue;
        };
        let mut value = Placed::object(line);
        value.put_text("name", name);
        if let Some(id) = id {
            value.put_number("id", id);
        }
        all.push(value);
    }
    let complete = unread.finish();
    add_document(part, FORMAT.name(), all, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::only;
    use serde_json::json;

    #[test]
    fn names_with_and_without_numbers() {
        assert_eq!(
            only("ip-netns", include_str!("../../../../tests/samples/ip-netns/node.txt")),
            json!([{"name": "cni-5c0e2b1a-77d3-4b8e-9a41-0f6f0c2d9e11", "id": 2},
                {"name": "cni-0d8f4c3e-1b2a-4c5d-8e6f-7a8b9c0d1e2f", "id": 0}, {"name": "debug"}])
        );
    }
}
