//! Runs the rules, fills their pages, folds symptoms under causes and ranks what to run next.

use super::page::{self, Page};
use super::registry::RULES;
use super::{Class, Finding, Hit};
use crate::flow::{Flows, Next};
use crate::model::Model;

/// The findings, root first, and what to run next, the most deciding first.
pub fn diagnose(model: &Model<'_>, flows: &Flows) -> (Vec<Finding>, Vec<Next>) {
    let mut hits = Vec::new();
    let mut next: Vec<Next> = flows.all.iter().flat_map(|flow| flow.next.iter().cloned()).collect();
    for rule in RULES {
        for hit in (rule.check)(model, flows) {
            next.extend(hit.next.iter().cloned());
            if !hit.open
                && let Some(page) = page::ALL.get(rule.code)
            {
                hits.push((rule.code, page, hit));
            }
        }
    }
    (order(&hits), rank(next))
}

fn order(hits: &[(&'static str, &Page, Hit)]) -> Vec<Finding> {
    let parents: Vec<Option<usize>> = (0..hits.len()).map(|child| parent_of(hits, child)).collect();
    let is_root = |index: usize| parents.get(index).is_some_and(Option::is_none);
    let weight = |index: usize| {
        let class = hits.get(index).map_or(Class::Note, |(_, _, hit)| hit.class);
        let explained = parents.iter().filter(|parent| **parent == Some(index)).count();
        // Faults before risks before notes; a cause of much before a cause of little; then the registry's order.
        (!is_root(index), class, usize::MAX - explained, index)
    };
    let mut sequence: Vec<usize> = (0..hits.len()).collect();
    sequence.sort_by_key(|&index| weight(index));
    let place = |index: usize| sequence.iter().position(|&at| at == index);
    sequence
        .iter()
        .filter_map(|&index| {
            let (code, page, hit) = hits.get(index)?;
            let mut finding = fill(code, page, hit);
            finding.root = is_root(index);
            finding.explains = (0..hits.len())
                .filter(|&child| parents.get(child) == Some(&Some(index)))
                .filter_map(place)
                .collect();
            finding.explains.sort_unstable();
            Some(finding)
        })
        .collect()
}

/// The first finding that explains this one: it names this one's code and shares a subject with it.
fn parent_of(hits: &[(&'static str, &Page, Hit)], child: usize) -> Option<usize> {
    let (code, _, hit) = hits.get(child)?;
    hits.iter().enumerate().position(|(index, (_, _, other))| {
        index != child
            && other.explains.contains(code)
            && other.subjects.iter().any(|subject| hit.subjects.contains(subject))
    })
}

fn fill(code: &'static str, page: &Page, hit: &Hit) -> Finding {
    let whys = page.whys(hit);
    let mut evidence = Vec::new();
    for proof in whys
        .iter()
        .flat_map(|why| &why.evidence)
        .chain(hit.evidence.values().flatten())
    {
        if !evidence.contains(proof) {
            evidence.push(proof.clone());
        }
    }
    Finding {
        code,
        class: hit.class.max(page.front.class.into()),
        title: page::fill(page.title(hit.variant), hit),
        subjects: hit.subjects.clone(),
        root: true,
        explains: Vec::new(),
        whys,
        fix: page::fill(page.section("Fix", hit.variant), hit),
        verify: page::fill(&command_in(page.section("Verify", hit.variant)), hit),
        evidence,
        flow: hit.flow,
    }
}

/// The first fenced block of a section, or the whole of it.
fn command_in(section: &str) -> String {
    let mut lines = section.lines().skip_while(|line| !line.starts_with("```")).skip(1);
    let block: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
    if block.is_empty() {
        section.to_owned()
    } else {
        block.join("\n")
    }
}

/// Joins equal commands, then puts first what decides most.
fn rank(all: Vec<Next>) -> Vec<Next> {
    let mut ranked: Vec<Next> = Vec::new();
    for next in all {
        if let Some(known) = ranked.iter_mut().find(|known| known.command == next.command) {
            for code in next.decides {
                if !known.decides.contains(&code) {
                    known.decides.push(code);
                }
            }
        } else {
            ranked.push(next);
        }
    }
    ranked.sort_by_key(|next| usize::MAX - next.decides.len());
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(command: &str, decides: &[&str]) -> Next {
        Next {
            command: command.into(),
            decides: decides.iter().map(|code| (*code).into()).collect(),
            why: String::new(),
        }
    }

    #[test]
    fn the_command_that_settles_most_comes_first() {
        let ranked = rank(vec![
            next("a", &["X-001"]),
            next("b", &["X-002"]),
            next("b", &["X-003", "X-002"]),
        ]);
        assert_eq!(ranked, [next("b", &["X-002", "X-003"]), next("a", &["X-001"])]);
    }

    #[test]
    fn a_symptom_folds_under_its_cause_where_they_share_a_subject() {
        static TEXT: &str = "---\ncode: X\nclass: fault\ntitle: t\nneeds: []\n---\n# What it means\n# Whys\n# Fix\n# Verify\n# Prevent\n# References\n";
        let page = Page::parse(TEXT).expect("a good page");
        let symptom = Hit::new(Class::Fault, "Pod a/b");
        let elsewhere = Hit::new(Class::Fault, "Pod a/c");
        let mut cause = Hit::new(Class::Fault, "Node n");
        cause.subjects.push("Pod a/b".into());
        cause.explains = &["X-002"];
        let findings = order(&[
            ("X-002", &page, symptom),
            ("X-002", &page, elsewhere),
            ("X-001", &page, cause),
        ]);
        let shown: Vec<_> = findings.iter().map(|f| (f.code, f.root, f.explains.clone())).collect();
        assert_eq!(
            shown,
            [
                ("X-001", true, vec![2]),
                ("X-002", true, vec![]),
                ("X-002", false, vec![])
            ]
        );
    }
}
