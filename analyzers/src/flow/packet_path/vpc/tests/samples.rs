//! The samples of support calls: the paste itself asks, and without any one of its answers the verdict stays or names what is missing.

use crate::analysis::{Analysis, Input, read};
use crate::flow::packet_path::vpc::propose;
use crate::flow::{Flow, Reason, Verdict};

const SAMPLES: [(&str, Reason, &str, bool); 3] = [
    (
        include_str!("../../../../../samples/P11.txt"),
        Reason::SgIngress,
        "i-0e9d8c7b6a5f4e3d2",
        false,
    ),
    (
        include_str!("../../../../../samples/P12.txt"),
        Reason::NoRoute,
        "subnet-0d4c3b2a1f0e9d8c7",
        true,
    ),
    (
        include_str!("../../../../../samples/P12-public.txt"),
        Reason::NoPublicAddress,
        "igw-0c9d8e7f6a5b4c3d2",
        false,
    ),
];

fn pasted(text: &str) -> Analysis {
    let input = Input {
        name: "paste 1".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    read(vec![input], &mut |_| {})
}

fn asked(text: &str) -> Vec<Flow> {
    let analysis = pasted(text);
    assert!(analysis.problems.is_empty(), "{:?}", analysis.problems);
    propose(&analysis.model())
}

#[test]
fn a_paste_asks_about_the_connection_that_was_tried_in_it() {
    for (text, reason, actor, back) in SAMPLES {
        let flows = asked(text);
        assert_eq!(flows.len(), 1);
        super::lab::stopped(&flows[0], reason, actor, back);
    }
}

#[test]
fn without_an_answer_a_sample_stays_stopped_or_is_unknown() {
    for (text, reason, ..) in SAMPLES {
        let parts: Vec<&str> = text.split_inclusive("\n$ aws ").collect();
        for at in 1..parts.len() {
            // Each part but the last one ends with the next one's `$ aws `.
            let mut left: Vec<&str> = parts.clone();
            left.remove(at);
            let flows = asked(&left.concat());
            let Some(flow) = flows.first() else { continue };
            let words: Vec<&str> = flow.steps().map(|step| step.action.as_str()).collect();
            match flow.verdict {
                Verdict::Blocked => {
                    let open = flow.steps().any(|step| step.verdict == Verdict::Unknown);
                    assert!(open || flow.outcomes[0].reason == Some(reason), "{words:#?}");
                }
                Verdict::Unknown => assert!(!flow.next.is_empty(), "{words:#?}"),
                other => panic!("{} without {}: {words:#?}", other.word(), parts[at]),
            }
        }
    }
}
