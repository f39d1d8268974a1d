//! `eksctl get …` as tables (eksctl-io/eksctl, pkg/ctl/get and pkg/printers), which eksctl aligns with tabs.

use super::table::{Column, camel, cells, columns};
use crate::artifact::unread::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends, log};
use crate::text::Piece;

/// eksctl's tables.
pub const FORMAT: Format = Format::new(&Spec {
    name: "eksctl-table",
    title: "eksctl's table",
    command: |line| {
        line.program == "eksctl"
            && line.positional().first() == Some(&"get")
            && !matches!(line.output(), Some("json" | "yaml"))
    },
    least: 16,
    sniff: take,
    read,
});

/// What a table's rows are, the columns that tell it, and all of its columns.
struct Table {
    rows: &'static str,
    telling: &'static [&'static str],
    columns: &'static [&'static str],
}

const TABLES: [Table; 8] = [
    Table {
        rows: "nodegroups",
        telling: &["NODEGROUP"],
        columns: &[
            "CLUSTER",
            "NODEGROUP",
            "STATUS",
            "CREATED",
            "MIN SIZE",
            "MAX SIZE",
            "DESIRED CAPACITY",
            "INSTANCE TYPE",
            "IMAGE ID",
            "ASG NAME",
            "TYPE",
        ],
    },
    Table {
        rows: "addons",
        telling: &["ISSUES", "UPDATE AVAILABLE"],
        columns: &[
            "NAME",
            "VERSION",
            "STATUS",
            "ISSUES",
            "IAMROLE",
            "UPDATE AVAILABLE",
            "CONFIGURATION VALUES",
            "NAMESPACE",
            "POD IDENTITY ASSOCIATION ROLES",
        ],
    },
    Table {
        rows: "iamIdentityMappings",
        telling: &["ARN", "USERNAME", "GROUPS"],
        columns: &["ARN", "USERNAME", "GROUPS", "ACCOUNT"],
    },
    Table {
        rows: "clusters",
        telling: &["EKSCTL CREATED"],
        columns: &["NAME", "REGION", "EKSCTL CREATED"],
    },
    Table {
        rows: "iamServiceAccounts",
        telling: &["NAMESPACE", "NAME", "ROLE ARN"],
        columns: &["NAMESPACE", "NAME", "ROLE ARN"],
    },
    Table {
        rows: "podIdentityAssociations",
        telling: &["ASSOCIATION ARN"],
        columns: &[
            "ASSOCIATION ARN",
            "NAMESPACE",
            "SERVICE ACCOUNT NAME",
            "IAM ROLE ARN",
            "OWNER ARN",
        ],
    },
    Table {
        rows: "accessEntries",
        telling: &["PRINCIPAL ARN"],
        columns: &["PRINCIPAL ARN", "KUBERNETES GROUPS", "ACCESS POLICIES"],
    },
    Table {
        rows: "fargateProfiles",
        telling: &["POD EXECUTION ROLE ARN"],
        columns: &[
            "NAME",
            "SELECTOR NAMESPACE",
            "SELECTOR LABELS",
            "POD EXECUTION ROLE ARN",
            "SUBNETS",
            "TAGS",
            "STATUS",
        ],
    },
];

fn header(line: &str) -> Option<(&'static str, Vec<Column>)> {
    if !line.starts_with(|c: char| c.is_ascii_uppercase()) {
        return None;
    }
    TABLES.iter().find_map(|table| {
        let found = columns(line, table.columns)?;
        table
            .telling
            .iter()
            .all(|name| found.iter().any(|(known, _)| known == name))
            .then_some((table.rows, found))
    })
}

fn take(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    let (_, known) = header(line)?;
    let own = |line: &str| {
        !log::is_error(line)
            && !log::is_log(line)
            && cells(Piece::new(line), &known)
                .is_some_and(|cells| cells.iter().filter(|(_, cell)| !cell.is_empty()).count() > 1)
    };
    let len = ends(rest)
        .enumerate()
        .take_while(|(i, (line, _))| *i == 0 || own(line))
        .last()?
        .1
        .1;
    Some(Taken {
        len,
        format: FORMAT,
        confidence: 0.95,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::default();
    let mut lines = whole.lines().filter(|line| !line.trim().is_empty());
    let Some((rows, known)) = lines.next().and_then(|line| header(line.str())) else {
        problems.push(Problem::new(
            part.span(),
            "The header of this table of eksctl is missing.",
        ));
        return;
    };
    let mut list = Placed::array(whole);
    for line in lines {
        let Some(cells) = cells(line, &known) else {
            unread.line(line);
            continue;
        };
        let mut row = Placed::object(line);
        for (name, cell) in cells {
            match name {
                "MIN SIZE" | "MAX SIZE" | "DESIRED CAPACITY" => row.put_number(&camel(name), cell),
                "GROUPS" | "KUBERNETES GROUPS" => {
                    for group in cell
                        .split(|c| c == ',')
                        .map(Piece::trim)
                        .filter(|group| !group.is_empty())
                    {
                        row.push_at(&[&camel(name)], group, Placed::text(group));
                    }
                }
                name => row.put_text(&camel(name), cell),
            }
        }
        list.push(row);
    }
    let mut root = Placed::object(whole);
    root.put(rows, list);
    unread.finish(part, problems);
    formats::add_document(part, FORMAT.name(), root, false, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn tables_aligned_with_tabs_and_with_blanks() {
        for (text, values) in [
            (
                include_str!("../../../../tests/samples/eksctl-table/nodegroup.txt"),
                &[
                    ("/nodegroups/0/nodegroup", "shop-1"),
                    ("/nodegroups/0/minSize", "2"),
                    ("/nodegroups/0/instanceType", "m6i.large"),
                    ("/nodegroups/1/status", "DEGRADED"),
                    ("/nodegroups/1/type", "managed"),
                ][..],
            ),
            (
                include_str!("../../../../tests/samples/eksctl-table/iamidentitymapping.txt"),
                &[
                    ("/iamIdentityMappings/0/username", "system:node:{{EC2PrivateDNSName}}"),
                    ("/iamIdentityMappings/0/groups/1", "system:nodes"),
                    ("/iamIdentityMappings/1/arn", "arn:aws:iam::111122223333:role/ops"),
                ],
            ),
            (
                include_str!("../../../../tests/samples/eksctl-table/addon.txt"),
                &[
                    ("/addons/0/version", "v1.18.1-eksbuild.3"),
                    ("/addons/1/status", "DEGRADED"),
                    ("/addons/1/issues", "1"),
                ],
            ),
        ] {
            let bare = text.split_once('\n').unwrap().1;
            for text in [text, bare] {
                let read = read(text);
                read.is("eksctl-table");
                assert_eq!(read.problems, Vec::<String>::new());
                for (pointer, text) in values {
                    assert_eq!(read.at(pointer), *text, "{pointer}");
                    assert_eq!(read.shown(pointer), *text, "{pointer}");
                }
            }
        }
    }
}
