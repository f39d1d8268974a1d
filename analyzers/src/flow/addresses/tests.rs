//! Maps of small clusters.

use super::{propose, use_of, value};
use crate::Input;
use crate::analysis::read;
use crate::flow::{Flow, Verdict};

const INTERFACES: &str = r#"$ aws ec2 describe-network-interfaces --filters Name=attachment.instance-id,Values=i-0aa7d1c0ffee00001
{"NetworkInterfaces": [
 {"NetworkInterfaceId": "eni-0b2222222222222bb", "InterfaceType": "interface", "SubnetId": "subnet-0a1", "VpcId": "vpc-1",
  "Attachment": {"InstanceId": "i-0aa7d1c0ffee00001", "DeviceIndex": 1}, "PrivateIpAddress": "10.20.17.50",
  "PrivateIpAddresses": [{"Primary": true, "PrivateIpAddress": "10.20.17.50"}],
  "Ipv4Prefixes": [{"Ipv4Prefix": "10.20.17.96/28"}]},
 {"NetworkInterfaceId": "eni-0a1111111111111aa", "InterfaceType": "interface", "SubnetId": "subnet-0a1", "VpcId": "vpc-1",
  "Attachment": {"InstanceId": "i-0aa7d1c0ffee00001", "DeviceIndex": 0}, "PrivateIpAddress": "10.20.17.9",
  "PrivateIpAddresses": [{"Primary": true, "PrivateIpAddress": "10.20.17.9"}, {"Primary": false, "PrivateIpAddress": "10.20.17.21"},
                         {"Primary": false, "PrivateIpAddress": "10.20.17.22"}]}
]}
"#;
const PODS: &str = "\
NAMESPACE   NAME     READY   STATUS      RESTARTS   AGE   IP             NODE                                       NOMINATED NODE   READINESS GATES
shop        cart-0   1/1     Running     0          3d    10.20.17.21    ip-10-20-17-9.eu-west-1.compute.internal   <none>           <none>
shop        web-0    1/1     Running     0          3d    10.20.17.100   ip-10-20-17-9.eu-west-1.compute.internal   <none>           <none>
shop        job-1    0/1     Completed   0          3d    10.20.17.22    ip-10-20-17-9.eu-west-1.compute.internal   <none>           <none>
";

fn map(parts: &[&str]) -> Option<Flow> {
    let input = Input {
        name: "paste".to_owned(),
        bytes: parts.concat().into_bytes(),
    };
    let analysis = read(vec![input], &mut |_| {});
    propose(&analysis.model())
}

fn uses(flow: &Flow) -> Vec<(String, String, String)> {
    flow.steps()
        .map(|step| {
            (
                step.actor.name.clone(),
                value(step, "address").to_owned(),
                use_of(step).to_owned(),
            )
        })
        .collect()
}

#[test]
fn every_address_has_its_use() {
    let flow = map(&[INTERFACES, "$ kubectl get pods -A -o wide\n", PODS]).unwrap();
    let uses = uses(&flow);
    // Three of the first interface, the second one's own, and the sixteen of its prefix.
    assert_eq!(uses.len(), 20);
    let of = |address: &str| {
        let found = uses.iter().find(|(_, known, _)| known == address);
        found.map(|(interface, _, what)| (interface.as_str(), what.as_str()))
    };
    assert_eq!(of("10.20.17.9"), Some(("eni-0a1111111111111aa", "own")));
    assert_eq!(of("10.20.17.21"), Some(("eni-0a1111111111111aa", "pod")));
    // A pod that has ended gave its address back.
    assert_eq!(of("10.20.17.22"), Some(("eni-0a1111111111111aa", "free")));
    assert_eq!(of("10.20.17.100"), Some(("eni-0b2222222222222bb", "pod")));
    assert_eq!(of("10.20.17.111"), Some(("eni-0b2222222222222bb", "free")));
    assert_eq!(of("10.20.17.112"), None);
    assert_eq!(uses.first().map(|(_, address, _)| address.as_str()), Some("10.20.17.9"));
    assert_eq!(flow.verdict, Verdict::Passes);
    assert!(flow.steps().all(|step| !step.evidence.is_empty()));
    assert!(
        flow.outcomes[0]
            .label
            .starts_with("ip-10-20-17-9.eu-west-1.compute.internal"),
        "{}",
        flow.outcomes[0].label
    );
    assert!(
        flow.subtitle.starts_with("1 node · 2 addresses with a pod · 16 free"),
        "{}",
        flow.subtitle
    );
}

#[test]
fn without_all_pods_nothing_is_called_free() {
    let flow = map(&[INTERFACES, "$ kubectl get pods -n shop -o wide\n", PODS]).unwrap();
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert!(
        flow.steps()
            .all(|step| use_of(step) != "free" || step.verdict == Verdict::Unknown)
    );
    // Interfaces and some pods are pasted for many reasons.
    assert_eq!(flow.next, []);
    for none_left in [
        "$ kubectl get events -n shop\n\
         LAST SEEN   TYPE      REASON                   OBJECT      MESSAGE\n\
         12s         Warning   FailedCreatePodSandBox   pod/cart-1  Failed to create pod sandbox: rpc error: code = Unknown desc = failed \
         to setup network for sandbox: plugin type=\"aws-cni\" name=\"aws-cni\" failed (add): add cmd: failed to assign an IP address to \
         container\n",
        "$ aws ec2 describe-subnets --subnet-ids subnet-0c1\n{\"Subnets\": [{\"SubnetId\": \"subnet-0c1\", \"AvailableIpAddressCount\": 3}]}\n",
    ] {
        let flow = map(&[INTERFACES, "$ kubectl get pods -n shop -o wide\n", PODS, none_left]).unwrap();
        let commands: Vec<&str> = flow.next.iter().map(|next| next.command.as_str()).collect();
        assert_eq!(
            commands,
            [
                "kubectl get pods -A -o wide",
                "kubectl get daemonset aws-node -n kube-system -o yaml"
            ]
        );
    }
}

#[test]
fn the_settings_say_what_is_kept_free() {
    let set = |env: &str| {
        format!(
            "$ kubectl get ds aws-node -n kube-system -o yaml\napiVersion: apps/v1\nkind: DaemonSet\n\
             metadata: {{name: aws-node, namespace: kube-system}}\nspec: {{template: {{spec: {{containers: [{{name: aws-node, env: [{env}]}}]}}}}}}\n"
        )
    };
    for (env, words) in [
        (
            "",
            "WARM_ENI_TARGET=1 (the default) (whole interfaces kept free on each node)",
        ),
        (
            "{name: WARM_ENI_TARGET, value: '2'}, {name: WARM_IP_TARGET, value: '5'}",
            "WARM_IP_TARGET=5 (addresses kept free on each node)",
        ),
        (
            "{name: ENABLE_PREFIX_DELEGATION, value: 'true'}, {name: WARM_PREFIX_TARGET, value: '1'}",
            "WARM_PREFIX_TARGET=1 (prefixes kept free on each node)",
        ),
        (
            "{name: MINIMUM_IP_TARGET, value: '12'}, {name: WARM_IP_TARGET, value: '2'}",
            "WARM_IP_TARGET=2 (addresses kept free on each node), MINIMUM_IP_TARGET=12 (held at least)",
        ),
    ] {
        let flow = map(&[INTERFACES, &set(env)]).unwrap();
        assert!(flow.subtitle.ends_with(words), "{env}: {}", flow.subtitle);
    }
    let without = map(&[INTERFACES]).unwrap();
    assert!(without.subtitle.ends_with("was not pasted"), "{}", without.subtitle);
}

#[test]
fn instances_with_one_address_each_are_no_map() {
    let one = r#"{"NetworkInterfaces": [{"NetworkInterfaceId": "eni-0a1111111111111aa", "VpcId": "vpc-1", "PrivateIpAddress": "10.20.17.9",
  "Attachment": {"InstanceId": "i-0aa7d1c0ffee00001", "DeviceIndex": 0}, "PrivateIpAddresses": [{"Primary": true, "PrivateIpAddress": "10.20.17.9"}]}]}"#;
    assert_eq!(map(&["$ aws ec2 describe-network-interfaces\n", one, "\n"]), None);
    assert_eq!(map(&["$ kubectl get pods -A -o wide\n", PODS]), None);
}

/// A machine of another cluster has pods that nobody listed.
#[test]
fn only_a_node_of_the_cluster_has_free_addresses() {
    let other = INTERFACES
        .replace("i-0aa7d1c0ffee00001", "i-0bb7d1c0ffee00002")
        .replace("10.20.17.", "10.99.17.")
        .replace("eni-0", "eni-1");
    let flow = map(&[INTERFACES, &other, "$ kubectl get pods -A -o wide\n", PODS]).unwrap();
    let verdict = |address: &str| {
        let step = flow.steps().find(|step| value(step, "address") == address).unwrap();
        (step.verdict, step.action.clone())
    };
    assert_eq!(
        verdict("10.20.17.22"),
        (Verdict::Assumed, "10.20.17.22: free".to_owned())
    );
    assert_eq!(
        verdict("10.99.17.22"),
        (
            Verdict::Unknown,
            "10.99.17.22: no pod that was pasted has it".to_owned()
        )
    );
    assert!(
        flow.subtitle.contains("34 without a pod that was pasted"),
        "{}",
        flow.subtitle
    );
    // Two machines with one address, in two networks: nothing tells which of them the node is.
    let twin = INTERFACES
        .replace("i-0aa7d1c0ffee00001", "i-0bb7d1c0ffee00002")
        .replace("eni-0", "eni-1");
    let flow = map(&[INTERFACES, &twin, "$ kubectl get pods -A -o wide\n", PODS]).unwrap();
    assert_eq!(flow.verdict, Verdict::Unknown);
}
