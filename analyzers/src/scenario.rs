//! Pastes that show a picture of which no rule speaks, which the page offers as samples beside the cases of the rules' pages.

/// A paste to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scenario {
    /// Its number: the name of its file in `samples/`.
    pub code: &'static str,
    /// The sentence under which the page offers it.
    pub title: &'static str,
    /// Whether its way stops somewhere.
    pub stops: bool,
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
        stops: false,
        paste: include_str!("../samples/P10.txt"),
        needs: &[
            "kubectl get networkpolicy -A -o yaml",
            "kubectl get pods -A -o wide --show-labels",
            "kubectl get ns --show-labels",
        ],
    },
    Scenario {
        code: "P11",
        title: "A security group stops the pods of two node groups",
        stops: true,
        paste: include_str!("../samples/P11.txt"),
        needs: &[
            "nc -zv -w 3 10.42.2.99 8080",
            "aws ec2 describe-instances --filters Name=vpc-id,Values=vpc-…",
            "aws ec2 describe-network-interfaces --filters Name=vpc-id,Values=vpc-…",
            "aws ec2 describe-security-groups --group-ids sg-…",
            "aws ec2 describe-subnets --filters Name=vpc-id,Values=vpc-…",
            "aws ec2 describe-route-tables --filters Name=vpc-id,Values=vpc-…",
            "aws ec2 describe-network-acls --filters Name=vpc-id,Values=vpc-…",
        ],
    },
    Scenario {
        code: "P12",
        title: "A peered VPC has no route back",
        stops: true,
        paste: include_str!("../samples/P12.txt"),
        needs: &[
            "nc -zv -w 3 10.60.4.15 5432",
            "aws ec2 describe-instances --instance-ids i-…",
            "aws ec2 describe-network-interfaces --filters Name=attachment.instance-id,Values=i-…",
            "aws ec2 describe-security-groups --group-ids sg-…",
            "aws ec2 describe-vpc-peering-connections --vpc-peering-connection-ids pcx-…",
            "aws ec2 describe-route-tables --filters Name=vpc-id,Values=vpc-…",
            "aws ec2 describe-network-acls --filters Name=association.subnet-id,Values=subnet-…",
        ],
    },
    Scenario {
        code: "P12-mtu",
        title: "Large packets are lost at a transit gateway",
        stops: true,
        paste: include_str!("../samples/P12-mtu.txt"),
        needs: &[
            "ip link show ens5",
            "ping -c 3 10.70.3.18",
            "ping -c 3 -M do -s 8973 10.70.3.18",
            "aws ec2 describe-network-interfaces --filters Name=attachment.instance-id,Values=i-…",
            "aws ec2 describe-security-groups --group-ids sg-…",
            "aws ec2 describe-route-tables --filters Name=association.subnet-id,Values=subnet-…",
            "aws ec2 describe-network-acls --filters Name=association.subnet-id,Values=subnet-…",
        ],
    },
    Scenario {
        code: "P12-public",
        title: "Out to the Internet without a public address",
        stops: true,
        paste: include_str!("../samples/P12-public.txt"),
        needs: &[
            "curl -m 5 -sS https://203.0.113.80/v2/",
            "aws ec2 describe-instances --instance-ids i-…",
            "aws ec2 describe-network-interfaces --filters Name=attachment.instance-id,Values=i-…",
            "aws ec2 describe-security-groups --group-ids sg-…",
            "aws ec2 describe-subnets --subnet-ids subnet-…",
            "aws ec2 describe-route-tables --filters Name=association.subnet-id,Values=subnet-…",
            "aws ec2 describe-network-acls --filters Name=association.subnet-id,Values=subnet-…",
        ],
    },
    Scenario {
        code: "P13",
        title: "A pod without a sidecar calls one that demands mutual TLS",
        stops: true,
        paste: include_str!("../samples/P13.txt"),
        needs: &[
            "kubectl exec -n shop batch-7d9f6c5b44-x2m8q -- curl -sS -m 5 http://cart.shop/healthz",
            "kubectl get pods -n shop -o yaml",
            "kubectl get service,endpointslices -n shop -o yaml",
            "kubectl get peerauthentication -A -o yaml",
        ],
    },
    Scenario {
        code: "P17",
        title: "IPv6: a security group knows addresses of IPv4 alone",
        stops: true,
        paste: include_str!("../samples/P17.txt"),
        needs: &[
            "kubectl exec -n shop web-0 -- nc -zv -w 3 2001:db8:42:a:7::31 8080",
            "kubectl get pods -n shop -o wide",
            "ip -6 rule show",
            "ip -6 route show",
            "ip -6 rule show",
            "ip -6 route show",
            "aws ec2 describe-network-interfaces --filters Name=subnet-id,Values=subnet-…",
            "aws ec2 describe-security-groups --group-ids sg-…",
        ],
    },
    Scenario {
        code: "P2",
        title: "Addresses of the nodes: whose they are, and which are free",
        stops: false,
        paste: include_str!("../samples/P2.txt"),
        needs: &[
            "aws ec2 describe-network-interfaces --filters Name=attachment.instance-id,Values=i-…",
            "aws ec2 describe-subnets --subnet-ids subnet-…",
            "kubectl get pods -A -o wide",
            "kubectl set env ds/aws-node -n kube-system --list",
        ],
    },
    Scenario {
        code: "P3",
        title: "A pod's own security group refuses its neighbour",
        stops: true,
        paste: include_str!("../samples/P3.txt"),
        needs: &[
            "kubectl exec -n shop web-0 -- nc -zv -w 3 10.42.1.140 8080",
            "kubectl get pods -n shop -o yaml",
            "kubectl get securitygrouppolicy -n shop -o yaml",
            "kubectl get networkpolicies -A -o yaml",
            "ip rule show",
            "ip route show table all",
            "aws ec2 describe-network-interfaces --filters Name=vpc-id,Values=vpc-…",
            "aws ec2 describe-security-groups --group-ids sg-…",
        ],
    },
    Scenario {
        code: "P4",
        title: "kubelet's probes of a pod with its own security group fail",
        stops: true,
        paste: include_str!("../samples/P4.txt"),
        needs: &[
            "kubectl get events -n shop --field-selector reason=Unhealthy",
            "kubectl get pod -n shop api-6d5f9c7b8-q2w4x -o yaml",
            "kubectl get daemonset aws-node -n kube-system -o yaml",
            "ip rule show",
            "ip route show table all",
        ],
    },
    Scenario {
        code: "P5",
        title: "An NLB preserves client addresses, and the targets' security group lacks some",
        stops: true,
        paste: include_str!("../samples/P5.txt"),
        needs: &[
            "nc -zv -w 5 k8s-shop-orders-5c1d9e7f3a-7a6b5c4d3e2f1908.elb.eu-west-1.amazonaws.com 443",
            "aws elbv2 describe-load-balancers --names k8s-shop-orders-5c1d9e7f3a",
            "aws elbv2 describe-listeners --load-balancer-arn arn:…",
            "aws elbv2 describe-target-groups --load-balancer-arn arn:…",
            "aws elbv2 describe-target-group-attributes --target-group-arn arn:…",
            "aws elbv2 describe-target-health --target-group-arn arn:…",
            "aws ec2 describe-network-interfaces",
            "aws ec2 describe-security-groups --group-ids sg-…",
            "aws ec2 describe-vpc-peering-connections --vpc-peering-connection-ids pcx-…",
            "aws ec2 describe-route-tables",
            "aws ec2 describe-network-acls",
        ],
    },
    Scenario {
        code: "P6",
        title: "A Service is rules in the kernel: there and back",
        stops: false,
        paste: include_str!("../samples/P6.txt"),
        needs: &[
            "curl -m 5 -sS http://172.20.61.8/healthz",
            "sudo iptables-save",
            "ip addr",
            "ip route show table all",
            "ip rule",
            "kubectl get service cart -n shop -o yaml",
            "kubectl get endpointslices -n shop -l kubernetes.io/service-name=cart -o yaml",
        ],
    },
    Scenario {
        code: "P7",
        title: "A node port that keeps the client's address answers on some nodes only",
        stops: true,
        paste: include_str!("../samples/P7.txt"),
        needs: &[
            "nc -zv -w 3 10.42.1.23 31443",
            "nc -zv -w 3 10.42.2.41 31443",
            "kubectl get service -n shop orders -o yaml",
            "kubectl get endpointslices -n shop -l kubernetes.io/service-name=orders -o yaml",
            "kubectl get nodes -o wide",
        ],
    },
    Scenario {
        code: "P9",
        title: "flannel: a node's forwarding database misses another node",
        stops: true,
        paste: include_str!("../samples/P9.txt"),
        needs: &[
            "kubectl get pods -n shop -o wide",
            "kubectl get nodes -o wide",
            "kubectl exec -n shop checkout-7f8d59c6b4-m2q8w -- nc -zv -w 3 10.244.1.5 8080",
            "ip route",
            "ip neigh show dev flannel.1",
            "bridge fdb show dev flannel.1",
            "ip -d link show flannel.1",
            "ip route",
            "ip -d link show flannel.1",
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::ALL;
    use crate::flow::Verdict;
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
            let first = &analysis.flows.all[0];
            assert!(first.next.is_empty(), "{}: {:?}", scenario.code, first.next);
            assert!(analysis.findings.is_empty(), "{} shows a fault", scenario.code);
            assert_eq!(first.verdict == Verdict::Blocked, scenario.stops, "{}", scenario.code);
            let mut typed: Vec<_> = analysis
                .segments
                .iter()
                .filter_map(|segment| segment.command.as_ref())
                .collect();
            // An output may have parts of several formats.
            typed.dedup_by_key(|command| command.span);
            let commands: Vec<&str> = typed.iter().map(|command| command.text.as_str()).collect();
            assert_eq!(commands.len(), scenario.needs.len(), "{}", scenario.code);
            for need in scenario.needs {
                // The ids are somebody's own.
                let kinds = ["subnet-…", "vpc-…", "pcx-…", "sg-…", "i-…", "arn:…"];
                let (same, _) = kinds.iter().find_map(|id| need.split_once(id)).unwrap_or((need, ""));
                assert!(
                    commands.iter().any(|command| command.starts_with(same)),
                    "{}: {need}",
                    scenario.code
                );
            }
        }
    }
}
