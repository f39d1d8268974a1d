//! What iproute2's tools print in place of an answer: the kernel's refusal (`lib/libnetlink.c`, `RTNETLINK answers: …`), and names that
//! there are not (`lib/utils.c`, `nodev`; `lib/namespace.c`).

use super::lines::take;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document, no_command};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// An error of `ip`, `bridge` or `tc`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "ip-error",
    title: "an error of ip",
    command: no_command,
    sniff,
    read,
});

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let iproute = hint.line.as_ref().is_some_and(|line| {
        matches!(
            line.inner().unwrap_or_else(|| line.clone()).program.as_str(),
            "ip" | "bridge" | "tc"
        )
    });
    is_error(line, iproute).then(|| take(rest, FORMAT, hint, |line| is_error(line, iproute)))?
}

fn is_error(line: &str, iproute: bool) -> bool {
    line.starts_with("RTNETLINK answers: ")
        || line.starts_with("Cannot find device \"")
        || line.starts_with("Device \"") && line.trim_end().ends_with("\" does not exist.")
        || line.starts_with("Cannot open network namespace \"")
        || line.starts_with("setting the network namespace \"")
        || iproute && (line.starts_with("Error: ") || line.starts_with("Dump ") || line.starts_with("Object \""))
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, _: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut root = Placed::object(whole);
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        let mut error = Placed::object(line);
        error.put_text("message", line);
        root.push_at(&["errors"], line, error);
    }
    add_document(part, FORMAT.name(), root, true, artifacts);
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::only;
    use serde_json::json;

    #[test]
    fn the_kernels_refusal() {
        assert_eq!(
            only(
                "ip-error",
                include_str!("../../../../tests/samples/ip-error/no-route.txt")
            ),
            json!({"errors": [{"message": "RTNETLINK answers: Network is unreachable"}]})
        );
        assert_eq!(
            only(
                "ip-error",
                "$ ip route show table 99\nError: ipv4: FIB table does not exist.\nDump terminated\n"
            ),
            json!({"errors": [{"message": "Error: ipv4: FIB table does not exist."}, {"message": "Dump terminated"}]})
        );
    }
}
