//! Runs every case of every rule's page.

#![allow(
    clippy::print_stdout,
    clippy::string_slice,
    reason = "a test: it says how much it ran"
)]

use std::collections::{BTreeMap, BTreeSet};

use whypath_analyzers::finding::page::{ALL, Case, CaseKind, PAGES, Page};
use whypath_analyzers::finding::registry::RULES;
use whypath_analyzers::finding::{Class, Finding, page};
use whypath_analyzers::{Analysis, Input, analyze};

fn run(case: &Case) -> Analysis {
    let input = Input {
        name: "paste 1".into(),
        bytes: case.paste.clone().into_bytes(),
    };
    analyze(vec![input], &mut |_| {})
}

fn cases(kind: CaseKind) -> Vec<(&'static Page, &'static Case)> {
    ALL.values()
        .flat_map(|page| page.cases.iter().map(move |case| (page, case)))
        .filter(|(_, case)| case.kind == kind)
        .collect()
}

/// Runs `check` over all cases of a kind and reports all that fail, not only the first.
fn each(kind: CaseKind, check: impl Fn(&Page, &Case, &Analysis) -> Result<(), String>) {
    let all = cases(kind);
    let failures: Vec<String> = all
        .iter()
        .filter_map(|(page, case)| {
            let failure = check(page, case, &run(case)).err()?;
            Some(format!("{} {}: {failure}", page.front.code, case.id))
        })
        .collect();
    println!("{} {kind:?} cases ran", all.len());
    assert!(
        failures.is_empty(),
        "{} of {} failed:\n{}",
        failures.len(),
        all.len(),
        failures.join("\n")
    );
}

fn found<'a>(analysis: &'a Analysis, page: &Page) -> Vec<&'a Finding> {
    analysis
        .findings
        .iter()
        .filter(|finding| finding.code == page.front.code)
        .collect()
}

fn listed(analysis: &Analysis) -> String {
    let codes: Vec<String> = analysis
        .findings
        .iter()
        .map(|finding| format!("{} ({})", finding.code, finding.class.word()))
        .collect();
    let next: Vec<String> = analysis
        .next
        .iter()
        .map(|next| format!("{} decides {}", next.command, next.decides.join(", ")))
        .collect();
    format!("findings [{}], next [{}]", codes.join(", "), next.join("; "))
}

#[test]
fn every_page_parses_and_is_named_by_its_code() {
    for (name, text) in PAGES {
        let page = Page::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(page.front.code, *name);
    }
    println!("{} pages parse", PAGES.len());
}

#[test]
fn every_rule_has_a_page_with_each_kind_of_case_and_case_names_are_unique() {
    for rule in RULES {
        let page = ALL
            .get(rule.code)
            .unwrap_or_else(|| panic!("{} has no page", rule.code));
        for kind in [CaseKind::Trigger, CaseKind::NearMiss, CaseKind::Insufficient] {
            assert!(
                page.cases.iter().any(|case| case.kind == kind),
                "{} has no {kind:?} case",
                rule.code
            );
        }
        let ids: BTreeSet<&str> = page.cases.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(ids.len(), page.cases.len(), "{}: two cases of one name", rule.code);
    }
    let rules: BTreeSet<&str> = RULES.iter().map(|rule| rule.code).collect();
    assert_eq!(rules.len(), RULES.len(), "two rules of one code");
}

#[test]
fn triggers_yield_the_code_with_the_class_of_the_page() {
    each(CaseKind::Trigger, |page, _, analysis| {
        let class = Class::from(page.front.class);
        if found(analysis, page).iter().any(|finding| finding.class == class) {
            Ok(())
        } else {
            Err(format!("expected a {}, got {}", class.word(), listed(analysis)))
        }
    });
}

#[test]
fn triggers_choose_the_variant_that_they_name() {
    each(CaseKind::Trigger, |page, case, analysis| {
        let Some(variant) = case.variant.as_deref() else {
            return Ok(());
        };
        let known = page.front.titles.contains_key(variant) || page.sections.contains_key(&format!("Whys: {variant}"));
        if !known {
            // The page's own title and whys.
            return Ok(());
        }
        let pattern = page.title(Some(variant));
        let titles: Vec<&str> = found(analysis, page)
            .iter()
            .map(|finding| finding.title.as_str())
            .collect();
        if titles.iter().any(|title| fits(pattern, title)) {
            Ok(())
        } else {
            Err(format!(
                "no title of the variant {variant} ({pattern}) among {titles:?}"
            ))
        }
    });
}

/// Whether `text` is `pattern` with something in the place of each `{name}`.
fn fits(pattern: &str, text: &str) -> bool {
    let mut rest = text;
    let mut first = true;
    for part in pattern.split('{') {
        let fixed = if first {
            part
        } else {
            part.split_once('}').map_or(part, |(_, after)| after)
        };
        let Some(at) = rest.find(fixed) else {
            return false;
        };
        if first && at != 0 {
            return false;
        }
        rest = &rest[at + fixed.len()..];
        first = false;
    }
    true
}

#[test]
fn triggers_leave_no_placeholder_unfilled() {
    each(CaseKind::Trigger, |page, _, analysis| {
        for finding in found(analysis, page) {
            let whys = finding.whys.iter().map(|why| &why.text);
            for text in whys.chain([&finding.title, &finding.fix, &finding.verify]) {
                // A placeholder without a value becomes an ellipsis; one that the page writes itself is not looked for.
                if text.contains('…') {
                    return Err(format!("a placeholder has no value in: {text}"));
                }
                if text.contains("[^") || text.contains("{?") || text.contains("{!") {
                    return Err(format!("the page's own marks are left in: {text}"));
                }
            }
            if finding.whys.is_empty() || finding.fix.is_empty() || finding.verify.is_empty() {
                return Err("there is no why, no fix or nothing to verify it with".into());
            }
        }
        Ok(())
    });
}

#[test]
fn triggers_cite_lines_that_are_there() {
    each(CaseKind::Trigger, |page, _, analysis| {
        for finding in found(analysis, page) {
            if finding.evidence.is_empty() {
                return Err("the finding cites nothing".into());
            }
            for why in &finding.whys {
                let cited = analysis.cite(&why.evidence);
                if cited.len() != why.evidence.len() {
                    return Err(format!("a citation cannot be found: {}", why.text));
                }
                let places: BTreeSet<String> = cited
                    .iter()
                    .map(|cite| format!("{:?}", (&cite.source, cite.lines, &cite.pointer)))
                    .collect();
                if places.len() != cited.len() {
                    return Err(format!("a place is cited twice: {}", why.text));
                }
                if let Some(empty) = cited.iter().find(|cite| cite.text.is_empty()) {
                    return Err(format!("{} cites an empty line, {:?}", why.text, empty.lines));
                }
            }
            if !finding.whys.iter().any(|why| !why.evidence.is_empty()) {
                return Err("no why cites a line".into());
            }
            if finding.flow.is_some_and(|flow| analysis.flows.all.get(flow).is_none()) {
                return Err("its picture does not exist".into());
            }
        }
        Ok(())
    });
}

#[test]
fn near_misses_do_not_yield_the_code() {
    each(CaseKind::NearMiss, |page, _, analysis| {
        if found(analysis, page).is_empty() {
            Ok(())
        } else {
            Err(listed(analysis))
        }
    });
}

#[test]
fn insufficient_pastes_claim_nothing_and_say_what_would_decide() {
    each(CaseKind::Insufficient, |page, _, analysis| {
        let decides = analysis
            .next
            .iter()
            .any(|next| next.decides.contains(&page.front.code) && !next.command.trim().is_empty());
        if found(analysis, page).is_empty() && decides {
            Ok(())
        } else {
            Err(listed(analysis))
        }
    });
}

#[test]
fn samples_come_in_pairs() {
    let mut samples: BTreeMap<&str, Vec<CaseKind>> = BTreeMap::new();
    for page in ALL.values() {
        for case in page.cases.iter().filter(|case| case.sample.is_some()) {
            samples.entry(&page.front.code).or_default().push(case.kind);
        }
    }
    for (code, kinds) in samples {
        assert!(
            kinds.contains(&CaseKind::Trigger) && kinds.contains(&CaseKind::NearMiss),
            "{code}: a sample comes with its healthy twin"
        );
    }
}

#[test]
fn the_whole_pipeline_gives_the_same_twice() {
    let mut ran = 0;
    for page in ALL.values() {
        for case in &page.cases {
            let show = || serde_json::to_string(&run(case).workbench()).expect("plain values");
            assert_eq!(show(), show(), "{} {}", page.front.code, case.id);
            ran += 1;
        }
    }
    println!("{ran} cases ran twice");
}

#[test]
fn an_unfilled_placeholder_would_be_seen() {
    let hit = whypath_analyzers::finding::Hit::new(Class::Note, "x");
    assert_eq!(page::fill("a {missing} b", &hit), "a … b");
    assert!(fits("a {x} c {y}", "a b c d") && !fits("a {x} c", "b b c"));
}
