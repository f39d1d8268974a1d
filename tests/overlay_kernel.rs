//! What Whypath says of overlay networks, against the Linux kernel: nodes made of network namespaces, with VXLAN devices as flannel makes
//! them, entries taken out of their tables, real packets from pod to pod, and the path that is computed from what the nodes' own tools print.

use std::path::Path;
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use whypath_analyzers::flow::packet_path::{Endpoint, Protocol, Query, compute};
use whypath_analyzers::flow::{Flow, Verdict};
use whypath_analyzers::{Input, analysis};
use whypath_tests::printed::missing;

/// What the cluster says of the pods and their nodes.
const CLUSTER: &str = "\
$ kubectl get pods -n shop -o wide
NAME   READY   STATUS    RESTARTS   AGE   IP           NODE       NOMINATED NODE   READINESS GATES
a      1/1     Running   0          9d    10.244.0.7   node-one   <none>           <none>
b      1/1     Running   0          9d    10.244.1.5   node-two   <none>           <none>
$ kubectl get networkpolicies -A
No resources found
$ kubectl get nodes -o wide
NAME         STATUS   ROLES    AGE   VERSION   INTERNAL-IP   EXTERNAL-IP   OS-IMAGE            KERNEL-VERSION   CONTAINER-RUNTIME
node-one     Ready    <none>   9d    v1.31.4   10.98.0.11    <none>        Amazon Linux 2023   6.1.119          containerd://1.7.23
node-two     Ready    <none>   9d    v1.31.4   10.98.0.12    <none>        Amazon Linux 2023   6.1.119          containerd://1.7.23
node-three   Ready    <none>   9d    v1.31.4   10.98.0.13    <none>        Amazon Linux 2023   6.1.119          containerd://1.7.23
";

/// What is broken at the first node, and at the second.
const FIRST: [&str; 8] = [
    "one-fdb",
    "one-neighbour",
    "one-route",
    "one-stale",
    "one-mac",
    "one-bridge",
    "one-blackhole",
    "one-fdb one-all",
];
const SECOND: [&str; 10] = [
    "two-fdb",
    "two-neighbour",
    "two-route",
    "two-stale",
    "two-mac",
    "two-bridge",
    "two-blackhole",
    "two-port",
    "two-id",
    "two-neighbour two-all",
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let why = missing(&[("ip", "-V"), ("bridge", "-V"), ("python3", "-V")]).or_else(no_vxlan);
    let cases = cases();
    if let Some(why) = &why {
        println!("skipped, all {}: {why}", cases.len());
    }
    let trials = cases
        .into_iter()
        .map(|case| Trial::test(case.clone(), move || check(&case)).with_ignored_flag(why.is_some()))
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The kernel may be built without such devices.
fn no_vxlan() -> Option<String> {
    let name = format!("wp{}-vxlan", std::process::id());
    let ip = |args: &[&str]| {
        let output = Command::new("ip").args(args).output();
        output.is_ok_and(|output| output.status.success())
    };
    ip(&["netns", "add", &name]);
    let can = ip(&[
        "-n", &name, "link", "add", "v", "type", "vxlan", "id", "1", "dstport", "8472",
    ]);
    ip(&["netns", "del", &name]);
    (!can).then(|| "this kernel makes no VXLAN devices".to_owned())
}

/// Nothing broken, each fault alone, pairs of faults; and tables that were printed after nobody had answered.
fn cases() -> Vec<String> {
    let mut all = vec!["vxlan before".to_owned(), "host-gw before".to_owned()];
    all.extend(FIRST.iter().chain(&SECOND).map(|fault| format!("vxlan before {fault}")));
    for (at, first) in FIRST.iter().enumerate() {
        for offset in [0, 3] {
            let second = SECOND
                .get((at * 2 + offset) % SECOND.len())
                .copied()
                .unwrap_or_default();
            all.push(format!("vxlan before {first} {second}"));
        }
    }
    for fault in ["one-route", "two-route", "one-bridge", "two-bridge", "two-blackhole"] {
        all.push(format!("host-gw before {fault}"));
    }
    all.push("vxlan after one-neighbour".to_owned());
    all.push("vxlan after two-neighbour".to_owned());
    all
}

fn check(case: &str) -> Result<(), Failed> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("kernel/overlay.sh");
    let output = Command::new("bash")
        .arg(script)
        .args(case.split_whitespace())
        .output()?;
    let printed = String::from_utf8(output.stdout)?;
    if !output.status.success() {
        return Err(format!("the script failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let says = |line: &str| printed.lines().any(|own| own == line);
    let (arrived, answered) = (says("# arrived: yes"), says("# answered: yes"));
    let outputs: String =
        printed
            .lines()
            .filter(|line| !line.starts_with("# "))
            .fold(String::new(), |mut text, line| {
                text.extend([line, "\n"]);
                text
            });
    for cluster in [CLUSTER, ""] {
        let flow = path(&format!("{cluster}{outputs}"), cluster.is_empty());
        let steps: Vec<String> = flow
            .steps()
            .map(|step| format!("{} {}: {}", step.verdict.word(), step.actor.name, step.action))
            .collect();
        let seen = || format!("arrived: {arrived}, answered: {answered}; predicted: {steps:#?}\n{printed}");
        let stops = |steps: &[whypath_analyzers::flow::Step]| steps.iter().any(|step| step.verdict == Verdict::Blocked);
        let outcome = flow.outcomes.first().ok_or_else(|| format!("no way; {}", seen()))?;
        // Without the cluster a pod whose node lost its route is on no node.
        if cluster.is_empty() && flow.verdict == Verdict::Unknown {
            continue;
        }
        let back = outcome.back.as_ref().is_some_and(|back| stops(&back.steps));
        if stops(&outcome.steps) == arrived || (arrived && back == answered) {
            return Err(seen().into());
        }
        if flow.verdict == Verdict::Unknown {
            return Err(format!("not known, though all was printed; {}", seen()).into());
        }
    }
    Ok(())
}

/// The path from pod to pod: by their names, or by their addresses alone.
fn path(text: &str, by_address: bool) -> Flow {
    let input = Input {
        name: "paste".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let read = analysis::read(vec![input], &mut |_| {});
    let pod = |name: &str, port| Endpoint::Pod {
        namespace: "shop".to_owned(),
        name: name.to_owned(),
        port,
    };
    let ip = |address: [u8; 4], port| Endpoint::Ip {
        address: address.into(),
        port,
    };
    let (from, to) = if by_address {
        (ip([10, 244, 0, 7], None), ip([10, 244, 1, 5], Some(7777)))
    } else {
        (pod("a", None), pod("b", Some(7777)))
    };
    let query = Query {
        from,
        to,
        protocol: Protocol::Udp,
        at: None,
    };
    compute(&read.model(), &query)
}
