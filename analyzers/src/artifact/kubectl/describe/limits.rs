//! Resource quotas and limit ranges, whose tables stand at the left edge (`describeQuota`, `describeLimitRangeSpec` in kubernetes/kubectl
//! `pkg/describe/describe.go`).

use super::fields::{self, As};
use super::layout::{Entry, Line, Table};
use crate::artifact::Placed;
use crate::text::Piece;

/// The header of a quota's table.
pub const QUOTA: &str = "Resource Used Hard";

/// The header of a limit range's table.
pub const LIMITS: &str = "Type Resource Min Max Default Request Default Limit Max Limit/Request Ratio";

/// The fields above the table, and the lines of the table.
fn parts<'a, 'e, 'l>(top: &'e [Entry<'a, 'l>], header: &str) -> (&'e [Entry<'a, 'l>], Vec<Line<'a>>) {
    let at = top
        .iter()
        .position(|entry| super::kinds::is_key(entry, header))
        .unwrap_or(top.len());
    let (fields, table) = top.split_at(at);
    (fields, table.iter().map(|entry| entry.line).collect())
}

/// Reads a quota: what is printed are the numbers of its status.
pub fn read_quota(root: &mut Placed, entries: &[Entry<'_, '_>]) {
    let (above, lines) = parts(entries, QUOTA);
    fields::map(root, above.iter().copied(), &[], |root, entry| {
        if entry.key().str() != "Scopes" {
            return false;
        }
        // What a scope means stands in the lines below it.
        let scopes = fields::list(entry.value(), entry.value().split(|c| c == ','));
        root.put_at(&["spec", "scopes"], entry.piece(), scopes);
        true
    });
    let table = Table::new(&lines);
    let mut rows = table.rows().peekable();
    let Some(first) = rows.peek().map(|row| row.line.text) else {
        return;
    };
    let (mut hard, mut used) = (Placed::object(first), Placed::object(first));
    let mut unread = Placed::array(first);
    for row in rows {
        let line = row.line.text;
        let Some(name) = row.cell("Resource") else {
            unread.push(Placed::text(line));
            continue;
        };
        for (column, made) in [("Hard", &mut hard), ("Used", &mut used)] {
            if let Some(cell) = row.cell(column) {
                made.put(&name, Placed::text(cell));
                made.extend(cell);
            }
        }
    }
    root.put_at(&["status", "hard"], first, hard);
    root.put_at(&["status", "used"], first, used);
    if !unread.is_empty() {
        root.put("x-printed", unread);
    }
}

/// The columns of a limit range, and the member that each is in.
const COLUMNS: [(&str, &str); 5] = [
    ("Min", "min"),
    ("Max", "max"),
    ("Default Request", "defaultRequest"),
    ("Default Limit", "default"),
    ("Max Limit/Request Ratio", "maxLimitRequestRatio"),
];

/// Reads a limit range: every row becomes a limit of its own, which says the same as one of several resources.
pub fn read_limits(root: &mut Placed, entries: &[Entry<'_, '_>]) {
    let (above, lines) = parts(entries, LIMITS);
    fields::map(root, above.iter().copied(), &[], |_, _| false);
    let table = Table::new(&lines);
    for row in table.rows() {
        let line = row.line.text;
        let mut limit = Placed::object(line);
        match (row.cell("Type"), row.cell("Resource")) {
            (Some(kind), Some(name)) => {
                limit.put("type", Placed::text(kind));
                for (column, member) in COLUMNS {
                    if let Some(cell) = row.cell(column).filter(|cell| cell.str() != "-") {
                        limit.put_at(&[member, &name], cell, Placed::text(cell));
                    }
                }
            }
            _ => limit.put("x-printed", Placed::text(line)),
        }
        root.push_at(&["spec", "limits"], line, limit);
    }
}

const BUDGET: &[fields::Field] = &[("Selector", &["spec", "selector", "matchLabels"], As::Selector)];

/// The numbers of a budget's status.
const COUNTS: &[fields::Field] = &[
    ("Allowed disruptions", &["status", "disruptionsAllowed"], As::Number),
    ("Current", &["status", "currentHealthy"], As::Number),
    ("Desired", &["status", "desiredHealthy"], As::Number),
    ("Total", &["status", "expectedPods"], As::Number),
];

/// Reads a pod disruption budget.
pub fn read_budget(root: &mut Placed, entries: &[Entry<'_, '_>]) {
    fields::map(root, entries.iter().copied(), BUDGET, |root, entry| {
        let member = match entry.key().str() {
            "Min available" => "minAvailable",
            "Max unavailable" => "maxUnavailable",
            "Status" => {
                fields::map(root, entry.entries(), COUNTS, |_, _| false);
                return true;
            }
            _ => return false,
        };
        root.put_at(&["spec", member], entry.piece(), count(entry.value()));
        true
    });
}

/// `1`, `50%`: a number or a percentage (IntOrString).
fn count(value: Piece<'_>) -> Placed {
    match value.parse::<i64>() {
        Ok(number) => Placed::value(number, value),
        Err(_) => Placed::text(value),
    }
}
