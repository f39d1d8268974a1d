//! `kubectl diff`: how objects would change, as a unified diff of their YAML. The changed lines are kept for each object.
//!
//! The files are named after the objects: `group.version.Kind.namespace.name` below `LIVE-…` and `MERGED-…` (`pkg/cmd/diff/diff.go` of
//! kubernetes/kubectl).

use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::Format;
use crate::segment::formats::{Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// `kubectl diff`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "kubectl-diff",
    title: "kubectl diff",
    command: |line| line.is_kubectl() && line.positional().first() == Some(&"diff"),
    least: 6,
    sniff,
    read,
});

fn begins(line: &str) -> bool {
    line.starts_with("diff ") && line.contains("/LIVE-") && line.contains("/MERGED-")
        || line.starts_with("--- ") && line.contains("/LIVE-")
}

fn own(line: &str) -> bool {
    begins(line) || line.starts_with([' ', '+', '-', '\\']) || line.starts_with("@@ ")
}

fn sniff(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    if !matches!(line.bytes().next()?, b'd' | b'-') || !begins(line) {
        return None;
    }
    Some(Taken {
        len: ends(rest).take_while(|(line, _)| own(line)).last()?.1,
        format: FORMAT,
        confidence: 0.98,
    })
}

/// The object that a file is named after.
fn object(path: Piece<'_>) -> Option<Placed> {
    let path = path.words().next()?;
    let (_, file) = path.rsplit_once("/")?;
    // The kind is the first part that begins with a capital; before it stand the group and the version.
    let at = file.str().match_indices('.').map(|(at, _)| at + 1).find(|at| {
        file.get(*at..)
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
    })?;
    let (kind, rest) = file.skip(at).split_once(".")?;
    let (namespace, name) = rest.split_once(".")?;
    let before = file.part(0..at.saturating_sub(1));
    let mut object = Placed::object(file);
    let version = match before.rsplit_once(".") {
        Some((group, version)) => Placed::value(format!("{}/{}", group.str(), version.str()), before),
        None => Placed::text(before),
    };
    object.put("apiVersion", version);
    object.put("kind", Placed::text(kind));
    if !namespace.is_empty() {
        object.put_at(&["metadata", "namespace"], namespace, Placed::text(namespace));
    }
    object.put_at(&["metadata", "name"], name, Placed::text(name));
    Some(object)
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, _: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut items = Placed::array(whole);
    let mut open: Option<Placed> = None;
    for line in whole.lines() {
        if line.starts_with("diff ") || line.starts_with("+++ ") {
            continue;
        }
        if line.starts_with("--- ") && begins(&line) {
            if let Some(item) = open.take() {
                items.push(item);
            }
            let mut item = Placed::object(line);
            if let Some(object) = object(line.skip(4)) {
                item.put("object", object);
            }
            open = Some(item);
        } else if let Some(item) = &mut open
            && line.starts_with(['-', '+'])
        {
            let side = if line.starts_with('-') { "removed" } else { "added" };
            let text = line.skip(1).trim();
            item.push_at(&[side], text, Placed::text(text));
            item.extend(line);
        }
    }
    if let Some(item) = open {
        items.push(item);
    }
    let mut root = Placed::object(whole);
    root.put("items", items);
    add_document(part, FORMAT.name(), root, false, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::kubectl::tested::check;

    #[test]
    fn changes_are_kept_for_each_object() {
        check(
            "$ kubectl diff -f deploy.yaml\n\
             diff -u -N /tmp/LIVE-3421561177/apps.v1.Deployment.shop.cart /tmp/MERGED-1024211/apps.v1.Deployment.shop.cart\n\
             --- /tmp/LIVE-3421561177/apps.v1.Deployment.shop.cart\t2025-03-04 10:12:01.000000000 +0100\n\
             +++ /tmp/MERGED-1024211/apps.v1.Deployment.shop.cart\t2025-03-04 10:12:01.000000000 +0100\n\
             @@ -6,7 +6,7 @@\n   generation: 4\n spec:\n-  replicas: 2\n+  replicas: 3\n   revisionHistoryLimit: 10\n\
             diff -u -N /tmp/LIVE-3421561177/v1.Service.shop.cart.v2 /tmp/MERGED-1024211/v1.Service.shop.cart.v2\n\
             --- /tmp/LIVE-3421561177/v1.Service.shop.cart.v2\t1970-01-01 00:00:00.000000000 +0000\n\
             +++ /tmp/MERGED-1024211/v1.Service.shop.cart.v2\t2025-03-04 10:12:01.000000000 +0100\n\
             @@ -0,0 +1,2 @@\n+apiVersion: v1\n+kind: Service\n",
            "kubectl-diff",
            &[
                ("items/0/object/kind", "Deployment"),
                ("items/0/object/metadata/namespace", "shop"),
                ("items/0/object/metadata/name", "cart"),
                ("items/0/removed/0", "replicas: 2"),
                ("items/0/added/0", "replicas: 3"),
                ("items/1/object/apiVersion", "v1"),
                ("items/1/object/metadata/name", "cart.v2"),
                ("items/1/added/1", "kind: Service"),
                ("items/1/removed", "-"),
            ],
            0,
        );
    }
}
