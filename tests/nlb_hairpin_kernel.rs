//! LB-011 against the Linux kernel: a VPC, a node and pods made of network namespaces, real connections, real `tcpdump`.
//!
//! What the rule says about the kernel is compared with what the kernel does: who answers, who resets, who stays silent.

use std::path::Path;
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use whypath_analyzers::finding::Class;
use whypath_tests::analyze_texts;
use whypath_tests::printed::missing;

/// A client, the target that the load balancer picks, and what must come of it.
struct Call {
    name: &'static str,
    client: &'static str,
    target: &'static str,
    variant_title: &'static str,
    /// Who answers the client's SYN, if anybody.
    answers: Option<&'static str>,
}

const CALLS: [Call; 4] = [
    Call {
        name: "a pod whose own node is picked",
        client: "pod",
        target: "10.99.3.41:31443",
        variant_title: "takes a short cut",
        answers: Some("10.99.3.41.31443"),
    },
    Call {
        name: "a pod when a pod of its node is picked",
        client: "pod",
        target: "10.99.3.90:8443",
        variant_title: "takes a short cut",
        answers: Some("10.99.3.90.8443"),
    },
    Call {
        name: "a host-network client whose own node is picked",
        client: "node",
        target: "10.99.3.41:31443",
        variant_title: "back to its own node",
        answers: None,
    },
    Call {
        name: "a pod that is picked itself",
        client: "pod",
        target: "10.99.3.77:8443",
        variant_title: "to itself",
        answers: None,
    },
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    // Each tool with the option that prints its version.
    let missing = missing(&[
        ("ip", "-V"),
        ("iptables", "-V"),
        ("tcpdump", "--version"),
        ("python3", "-V"),
    ]);
    if let Some(why) = &missing {
        println!("skipped, all {}: {why}", CALLS.len());
    }
    let trials = CALLS
        .iter()
        .map(|call| Trial::test(call.name, || check(call)).with_ignored_flag(missing.is_some()))
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn check(call: &Call) -> Result<(), Failed> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("kernel/nlb_hairpin.sh");
    let output = Command::new("bash")
        .arg(script)
        .args([call.client, call.target])
        .output()?;
    let capture = String::from_utf8(output.stdout)?;
    if !output.status.success() {
        return Err(format!("the script failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let seen = || format!("tcpdump saw:\n{capture}");
    // What the kernel did, read by eye's rules and not by the analyzers.
    let source = if call.client == "pod" {
        "10.99.3.77"
    } else {
        "10.99.3.41"
    };
    let asks = capture
        .lines()
        .any(|line| line.contains(&format!("IP {source}.")) && line.contains("> 10.99.1.12.443: Flags [S]"));
    let answered = capture.lines().any(|line| line.contains("IP 10.99.1.12.443 >"));
    if !asks || answered || capture.contains("# connected") {
        return Err(format!("the load balancer's address must be asked and never answer; {}", seen()).into());
    }
    let stranger = capture
        .lines()
        .find(|line| line.contains("Flags [S.]"))
        .and_then(|line| line.split_whitespace().nth(2).map(str::to_owned));
    if stranger.as_deref() != call.answers {
        return Err(format!("{stranger:?} answers instead of {:?}; {}", call.answers, seen()).into());
    }
    if call.answers.is_some() && !capture.lines().any(|line| line.contains("Flags [R]")) {
        return Err(format!("the stranger must be reset; {}", seen()).into());
    }
    // What the analyzers make of it.
    let analysis = analyze_texts(&[("cluster", &cluster(call)), ("capture", &capture)]);
    let finding = analysis
        .findings
        .first()
        .ok_or_else(|| format!("nothing is found; {}", seen()))?;
    if finding.code != "LB-011" || finding.class != Class::Fault || !finding.title.contains(call.variant_title) {
        return Err(format!("{} {:?} {}; {}", finding.code, finding.class, finding.title, seen()).into());
    }
    let cited = analysis.cite(&finding.evidence);
    if !cited.iter().any(|citation| citation.source == "capture") {
        return Err("the capture is not cited".into());
    }
    Ok(())
}

/// The cluster of the script, as kubectl and aws-cli print it.
fn cluster(call: &Call) -> String {
    let (address, port) = call.target.split_once(':').unwrap_or((call.target, ""));
    let id = if address == "10.99.3.41" {
        "i-0123456789abcdef0"
    } else {
        address
    };
    format!(
        r#"$ kubectl get pods -n shop -o wide
NAME    READY   STATUS    RESTARTS   AGE   IP           NODE        NOMINATED NODE   READINESS GATES
pod-0   1/1     Running   0          1d    10.99.3.77   the-node    <none>           <none>
api-0   1/1     Running   0          1d    10.99.3.90   the-node    <none>           <none>
$ kubectl get node the-node -o yaml
apiVersion: v1
kind: Node
metadata:
  name: the-node
spec:
  providerID: aws:///eu-west-1a/i-0123456789abcdef0
status:
  addresses:
  - address: 10.99.3.41
    type: InternalIP
$ aws elbv2 describe-target-group-attributes --target-group-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/api/7c1b8e0f2a6d4935
{{ "Attributes": [ {{ "Key": "preserve_client_ip.enabled", "Value": "true" }} ] }}
$ aws elbv2 describe-target-health --target-group-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/api/7c1b8e0f2a6d4935
{{
    "TargetHealthDescriptions": [
        {{ "Target": {{ "Id": "{id}", "Port": {port} }}, "TargetHealth": {{ "State": "healthy" }} }}
    ]
}}
"#
    )
}
