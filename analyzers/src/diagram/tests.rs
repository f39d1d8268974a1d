//! What holds for every picture.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use super::overlap::faults;
use super::scene::{Role, Shape};
use super::{draw, testing};
use crate::export::{html, markdown, mermaid, svg};
use crate::finding::page;
use crate::flow::{Actor, ActorKind, Check, Flow, FlowKind, Return, Step, Verdict};
use crate::{Input, analyze};

/// Writes the typical pictures to a folder, to be looked at: `WHYPATH_PICTURES=dir cargo test pictures_to_look_at`.
#[test]
fn pictures_to_look_at() {
    let Some(dir) = std::env::var_os("WHYPATH_PICTURES") else {
        return;
    };
    let dir = std::path::PathBuf::from(dir);
    for (name, flow) in [
        ("hairpin", testing::hairpin()),
        ("martian", testing::martian()),
        ("lookup", testing::lookup()),
        ("refused", testing::refused()),
    ] {
        std::fs::write(dir.join(format!("{name}.svg")), svg::write(&draw(&flow))).expect("the folder is there");
    }
    // And those of every case of every page.
    for (code, page) in page::ALL.iter() {
        for case in &page.cases {
            let input = Input {
                name: "paste 1".into(),
                bytes: case.paste.clone().into_bytes(),
            };
            let analysis = analyze(vec![input], &mut |_| {});
            let name = format!("{code}-{}", case.id);
            for (n, flow) in analysis.flows.all.iter().enumerate() {
                std::fs::write(dir.join(format!("{name}-{n}.svg")), svg::write(&draw(flow)))
                    .expect("the folder is there");
            }
            std::fs::write(dir.join(format!("{name}.md")), markdown::report(&analysis)).expect("the folder is there");
            std::fs::write(dir.join(format!("{name}.html")), html::report(&analysis)).expect("the folder is there");
        }
    }
}

#[test]
fn the_typical_pictures_are_laid_out_well() {
    for flow in [
        testing::hairpin(),
        testing::martian(),
        testing::lookup(),
        testing::refused(),
    ] {
        let faults = faults(&draw(&flow));
        assert!(faults.is_empty(), "{}: {faults:#?}", flow.title);
    }
}

const NAMES: [&str; 6] = [
    "checkout-7d9f8c6b5d-x2x8k",
    "k8s-shop-shopapi-0123456789-0123456789abcdef.elb.eu-west-1.amazonaws.com",
    "arn:aws:iam::111122223333:role/a-path/a-role-with-a-long-name-that-goes-on-and-on",
    "STS",
    "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
    "\u{4e2d}\u{6587}\u{540d}\u{5b57} \u{1f680}",
];
const ZONES: [&[&str]; 7] = [
    &[],
    &["VPC vpc-1"],
    &[
        "VPC vpc-1",
        "eu-west-1a",
        "node ip-10-0-1-7.eu-west-1.compute.internal · i-0aa7d1c0ffee00001",
    ],
    &["VPC vpc-1", "eu-west-1a", "node b"],
    &[
        "VPC vpc-1",
        "eu-west-1b · subnet-0123456789abcdef0 · 10.20.16.0/20",
        "node c",
        "pod network",
    ],
    &["VPC vpc-1", "eu-west-1b · subnet-0123456789abcdef0 · 10.20.16.0/20"],
    &[
        "VPC vpc-2 of another account, with a name that nobody would give to a VPC",
        "eu-west-1b",
    ],
];
const VALUES: [&str; 5] = [
    "10.0.0.1:443",
    "10.0.0.2:31443",
    "",
    "[2001:db8:1234:5678:9abc:def0:1234:5678]:65535",
    "NXDOMAIN",
];
const ACTIONS: [&str; 8] = [
    "end",
    "style: a#b;c \"quoted\" `ticks` <b>&amp; {x} [y] (z) | %% ---",
    "click n0 call; subgraph end\nloop",
    "  \u{7}\u{202e}",
    "connects",
    "picks this target and keeps the source address because the target group says so, which nobody expected of it",
    "",
    "a-word-that-is-so-long-that-it-cannot-be-broken-anywhere-and-has-to-be-cut-in-its-middle-instead",
];
const PORTS: [&str; 5] = [
    "all",
    "none",
    "TCP 8443",
    "TCP 1-79, TCP 81-7999, TCP 9001-65535, UDP 1-52, UDP 54-65535, SCTP 1-65535",
    "UDP 53",
];
const VERDICTS: [Verdict; 4] = [Verdict::Passes, Verdict::Assumed, Verdict::Unknown, Verdict::Blocked];

fn actors() -> impl Strategy<Value = Vec<Actor>> {
    prop::collection::vec((0..NAMES.len(), 0..ZONES.len(), 0..4_usize), 2..6).prop_map(|all| {
        all.iter()
            .enumerate()
            .map(|(n, &(name, zones, details))| {
                let details: Vec<&str> = NAMES.iter().copied().skip(n).take(details).collect();
                testing::actor(&format!("a{n}"), ActorKind::Server, NAMES[name], &details, ZONES[zones])
            })
            .collect()
    })
}

type Choice = (usize, Option<usize>, usize, usize, (usize, usize, usize, usize), bool);

fn a_step(actors: &[Actor], choice: &Choice, kind: FlowKind) -> Step {
    let &(actor, to, action, verdict, values, waste) = choice;
    let pick = |n: usize| actors[n % actors.len()].clone();
    let to = to.map(pick);
    let pair = |keys: [&'static str; 2], a: usize, b: usize| {
        vec![(keys[0], VALUES[a].to_owned()), (keys[1], VALUES[b].to_owned())]
    };
    let (before, after) = match kind {
        FlowKind::Policies => (Vec::new(), vec![("ports", PORTS[values.0].to_owned())]),
        FlowKind::Addresses => (
            Vec::new(),
            vec![
                ("address", VALUES[values.0].to_owned()),
                ("use", ["pod", "own", "free", "", "pod"][values.1].to_owned()),
                ("prefix", ["", "10.20.17.96/28"][values.2 % 2].to_owned()),
            ],
        ),
        FlowKind::Dns => (
            pair(["name", "type"], values.0, values.1),
            pair(["rcode", "answers"], values.2, values.3),
        ),
        _ => (
            pair(["src", "dst"], values.0, values.1),
            pair(["src", "dst"], values.2, values.3),
        ),
    };
    let mut step = testing::step(
        &pick(actor),
        to.as_ref(),
        ACTIONS[action],
        before,
        after,
        VERDICTS[verdict],
    );
    step.waste = waste;
    step.took = waste.then_some(1234);
    step.note = (verdict == 1).then(|| ACTIONS[action].to_owned());
    if kind == FlowKind::Auth {
        for (n, &verdict) in VERDICTS.iter().enumerate().take(values.0) {
            step.checks.push(Check {
                what: NAMES[(n + action) % NAMES.len()].to_owned(),
                has_label: "token says".to_owned(),
                has: (n != 2).then(|| NAMES[(n + values.1) % NAMES.len()].repeat(1 + n)),
                wants_label: "policy wants (StringEquals)".to_owned(),
                wants: NAMES
                    .iter()
                    .skip(n)
                    .take(values.2)
                    .map(|&name| name.to_owned())
                    .collect(),
                verdict,
                evidence: Vec::new(),
            });
        }
    }
    step
}

/// Flows of all kinds, with all that real ones have and worse.
pub fn flows() -> impl Strategy<Value = Flow> {
    let value = || (0..VALUES.len(), 0..VALUES.len(), 0..VALUES.len(), 0..VALUES.len());
    let step = move || {
        (
            0..6_usize,
            prop::option::of(0..6_usize),
            0..ACTIONS.len(),
            0..VERDICTS.len(),
            value(),
            any::<bool>(),
        )
    };
    let outcome = move || {
        (
            prop::collection::vec(step(), 0..6),
            prop::option::of(prop::collection::vec(step(), 0..4)),
        )
    };
    let kinds = prop::sample::select(vec![
        FlowKind::PacketPath,
        FlowKind::Dns,
        FlowKind::Auth,
        FlowKind::Policies,
        FlowKind::Addresses,
    ]);
    (kinds, actors(), prop::collection::vec(outcome(), 1..5)).prop_map(|(kind, actors, outcomes)| {
        let base = testing::hairpin();
        let share = 1.0 / f64::from(u32::try_from(outcomes.len()).unwrap());
        let outcomes = outcomes
            .iter()
            .map(|(steps, back)| {
                let all = |steps: &[Choice]| -> Vec<Step> {
                    steps.iter().map(|choice| a_step(&actors, choice, kind)).collect()
                };
                let back = back.as_ref().map(|back| {
                    let steps = all(back);
                    Return {
                        verdict: Verdict::all(steps.iter().map(|step| step.verdict)),
                        reason: None,
                        steps,
                    }
                });
                testing::outcome("a way", share, all(steps), back)
            })
            .collect();
        Flow { kind, outcomes, ..base }
    })
}

/// Tables of policies from one cell to thirty times thirty, some of them missing.
fn tables() -> impl Strategy<Value = Flow> {
    let side = || prop::collection::vec((0..NAMES.len(), 0..ZONES.len()), 1..30);
    let cell = || prop::option::weighted(0.95, (0..PORTS.len(), 0..VERDICTS.len()));
    (side(), side(), prop::collection::vec(cell(), 900)).prop_map(|(rows, columns, cells)| {
        let actor = |way: &str, number: usize, (name, zone): (usize, usize)| {
            let zone = ZONES[zone].last().copied().unwrap_or("shop");
            testing::actor(
                &format!("{way} {number}"),
                ActorKind::Pod,
                NAMES[name],
                &["a[Pod]", "b[Pod]"],
                &[zone],
            )
        };
        let mut steps = Vec::new();
        for (row, &from) in rows.iter().enumerate() {
            for (column, &to) in columns.iter().enumerate() {
                if let Some((ports, verdict)) = cells[row * 30 + column] {
                    let after = vec![("ports", PORTS[ports].to_owned())];
                    let (from, to) = (actor("from", row, from), actor("to", column, to));
                    steps.push(testing::step(
                        &from,
                        Some(&to),
                        "TCP 80, by NetworkPolicy shop/db",
                        Vec::new(),
                        after,
                        VERDICTS[verdict],
                    ));
                }
            }
        }
        Flow {
            kind: FlowKind::Policies,
            outcomes: vec![testing::outcome("", 1.0, steps, None)],
            ..testing::hairpin()
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(40) })]

    #[test]
    fn nothing_overlaps_in_any_table(flow in tables()) {
        let scene = draw(&flow);
        let faults = faults(&scene);
        prop_assert!(faults.is_empty(), "{faults:#?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    #[test]
    fn nothing_overlaps_in_any_picture(flow in flows()) {
        let scene = draw(&flow);
        let faults = faults(&scene);
        prop_assert!(faults.is_empty(), "{:?} {faults:#?}", flow.kind);
    }

    #[test]
    fn every_picture_is_one_well_formed_document(flow in flows()) {
        let svg = svg::write(&draw(&flow));
        // As many elements are closed as are opened, and nothing asks for a style, a script or a file.
        let opened = svg.matches('<').count() - svg.matches("</").count();
        prop_assert_eq!(opened, svg.matches("</").count() + svg.matches("/>").count());
        for word in ["style=", "<style", "<script", "href", "url(", "foreignObject", " id=", "NaN", "inf", "-0\""] {
            prop_assert!(!svg.contains(word), "{word}");
        }
    }
}

#[test]
fn the_mark_of_a_way_that_ends_in_a_box_stands_clear_of_one_that_stops_at_its_edge() {
    let actors: Vec<Actor> = ["a", "b"]
        .iter()
        .map(|id| testing::actor(id, ActorKind::Server, NAMES[0], &[], ZONES[5]))
        .collect();
    // A wide table on the leg that stops moves its end to where the other way's mark is.
    let step = |to: Option<usize>, actor: usize, [src, dst, to_src, to_dst]: [usize; 4], verdict| {
        let values = |src: usize, dst: usize| vec![("src", VALUES[src].to_owned()), ("dst", VALUES[dst].to_owned())];
        let (before, after) = (values(src, dst), values(to_src, to_dst));
        testing::step(&actors[actor], to.map(|to| &actors[to]), "end", before, after, verdict)
    };
    let passes = vec![
        step(None, 0, [3, 0, 0, 0], Verdict::Passes),
        step(None, 1, [0; 4], Verdict::Passes),
    ];
    let stops = vec![
        step(None, 0, [0; 4], Verdict::Passes),
        step(Some(1), 0, [3; 4], Verdict::Blocked),
    ];
    let base = testing::hairpin();
    let flow = Flow {
        outcomes: vec![
            testing::outcome("one", 0.5, passes, None),
            testing::outcome("two", 0.5, stops, None),
        ],
        ..base
    };
    assert_eq!(faults(&draw(&flow)), Vec::<String>::new());
}

#[test]
fn the_check_of_layouts_sees_what_is_wrong() {
    let good = draw(&testing::hairpin());
    let break_it = |how: &dyn Fn(&mut Shape)| {
        let mut bad = good.clone();
        let mut todo: Vec<&mut Shape> = bad.shapes.iter_mut().collect();
        while let Some(shape) = todo.pop() {
            how(shape);
            if let Shape::Group { shapes, .. } = shape {
                todo.extend(shapes);
            }
        }
        faults(&bad)
    };
    let wider = break_it(&|shape| {
        if let Shape::Text { text, .. } = shape {
            text.push_str(&"m".repeat(30));
        }
    });
    assert!(
        wider.iter().any(|fault| fault.contains("crosses the edge")),
        "{wider:?}"
    );
    let moved = break_it(&|shape| {
        if let Shape::Rect {
            x, role: Role::ChipHot, ..
        } = shape
        {
            *x -= 300.0;
        }
    });
    assert!(
        moved.iter().any(|fault| fault.contains("a Box covers a ChipHot")),
        "{moved:?}"
    );
    let shifted = break_it(&|shape| {
        if let Shape::Path { points, .. } = shape {
            for point in points {
                point.0 -= 200.0;
            }
        }
    });
    assert!(
        shifted.iter().any(|fault| fault.contains("runs through a Box")),
        "{shifted:?}"
    );
}

/// Writes Mermaid sources of many flows to a folder, for the real parser: `WHYPATH_MERMAID=dir cargo test mermaid_of_many`.
#[test]
fn mermaid_of_many_flows() {
    let Some(dir) = std::env::var_os("WHYPATH_MERMAID") else {
        return;
    };
    let dir = std::path::PathBuf::from(dir);
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut typical = vec![
        testing::hairpin(),
        testing::martian(),
        testing::lookup(),
        testing::refused(),
    ];
    typical.extend((0..300).map(|_| flows().new_tree(&mut runner).expect("a flow").current()));
    for (n, flow) in typical.iter().enumerate() {
        std::fs::write(dir.join(format!("{n}.mmd")), mermaid::write(flow)).expect("the folder is there");
    }
}
