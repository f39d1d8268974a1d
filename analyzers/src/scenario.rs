//! Pastes that show a picture and no fault, which the page offers as samples beside the cases of the rules' pages.

/// A paste to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scenario {
    /// Its number: the name of its file in `samples/`.
    pub code: &'static str,
    /// The sentence under which the page offers it.
    pub title: &'static str,
    /// The input.
    pub paste: &'static str,
    /// The commands that printed it.
    pub needs: &'static [&'static str],
}

/// All of them, by their codes.
pub const ALL: &[Scenario] = &[
    Scenario {
        code: "P10",
        title: "Network policies: who may talk to whom",
        paste: include_str!("../samples/P10.txt"),
        needs: &[
            "kubectl get networkpolicy -A -o yaml",
            "kubectl get pods -A -o wide --show-labels",
            "kubectl get ns --show-labels",
        ],
    },
    Scenario {
        code: "P2",
        title: "Addresses of the nodes: whose they are, and which are free",
        paste: include_str!("../samples/P2.txt"),
        needs: &[
            "aws ec2 describe-network-interfaces --filters Name=attachment.instance-id,Values=i-…",
            "aws ec2 describe-subnets --subnet-ids subnet-…",
            "kubectl get pods -A -o wide",
            "kubectl set env ds/aws-node -n kube-system --list",
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::ALL;
    use crate::{Input, analyze};

    /// Everything in them is read, and comes of the commands that they name.
    #[test]
    fn a_scenario_is_understood() {
        for scenario in ALL {
            let input = Input {
                name: scenario.code.to_owned(),
                bytes: scenario.paste.as_bytes().to_vec(),
            };
            let analysis = analyze(vec![input], &mut |_| {});
            assert!(
                analysis.problems.is_empty(),
                "{}: {:?}",
                scenario.code,
                analysis.problems
            );
            assert!(analysis.next.is_empty(), "{}: {:?}", scenario.code, analysis.next);
            assert!(analysis.findings.is_empty(), "{} shows a fault", scenario.code);
            assert_eq!(analysis.flows.all.len(), 1, "{}", scenario.code);
            let commands: Vec<&str> = analysis
                .segments
                .iter()
                .filter_map(|segment| segment.command.as_ref())
                .map(|command| command.text.as_str())
                .collect();
            assert_eq!(commands.len(), scenario.needs.len(), "{}", scenario.code);
            for need in scenario.needs {
                // The ids are somebody's own.
                let (same, _) = need
                    .split_once("i-…")
                    .or(need.split_once("subnet-…"))
                    .unwrap_or((need, ""));
                assert!(
                    commands.iter().any(|command| command.starts_with(same)),
                    "{}: {need}",
                    scenario.code
                );
            }
        }
    }
}
