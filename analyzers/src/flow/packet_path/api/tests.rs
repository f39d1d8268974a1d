//! Ways to the endpoint of a cluster's API server.

use super::propose;
use crate::Input;
use crate::analysis::{Analysis, read};
use crate::flow::packet_path::{Protocol, Query, compute};
use crate::flow::{Flow, Reason, Verdict};

const HOST: &str = "0A1B2C3D4E5F60718293A4B5C6D7E8F9.gr7.eu-west-1.eks.amazonaws.com";

/// The documents, each without another one below it.
#[derive(Clone)]
struct Lab(Vec<(String, String)>);

const CLUSTER: &str = "{'cluster': {'name': 'shop-prod', 'status': 'ACTIVE', 'version': '1.31',
 'endpoint': 'https://0A1B2C3D4E5F60718293A4B5C6D7E8F9.gr7.eu-west-1.eks.amazonaws.com',
 'resourcesVpcConfig': {'subnetIds': ['subnet-0pra', 'subnet-0prb'], 'securityGroupIds': [], 'clusterSecurityGroupId': 'sg-0clu',
  'vpcId': 'vpc-0aaa', 'endpointPublicAccess': false, 'endpointPrivateAccess': true, 'publicAccessCidrs': ['203.0.113.0/24', '192.0.2.7/32']}}}";

const INTERFACES: &str = "{'NetworkInterfaces': [
 {'NetworkInterfaceId': 'eni-0cpa', 'VpcId': 'vpc-0aaa', 'SubnetId': 'subnet-0pra', 'AvailabilityZone': 'eu-west-1a', 'Status': 'in-use',
  'InterfaceType': 'interface', 'Description': 'Amazon EKS shop-prod', 'SourceDestCheck': true, 'Groups': [{'GroupId': 'sg-0clu'}],
  'PrivateIpAddress': '10.42.3.17', 'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.42.3.17'}]},
 {'NetworkInterfaceId': 'eni-0cpb', 'VpcId': 'vpc-0aaa', 'SubnetId': 'subnet-0prb', 'AvailabilityZone': 'eu-west-1b', 'Status': 'in-use',
  'InterfaceType': 'interface', 'Description': 'Amazon EKS shop-prod', 'SourceDestCheck': true, 'Groups': [{'GroupId': 'sg-0clu'}],
  'PrivateIpAddress': '10.42.21.8', 'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.42.21.8'}]},
 {'NetworkInterfaceId': 'eni-0bas', 'VpcId': 'vpc-0aaa', 'SubnetId': 'subnet-0pub', 'AvailabilityZone': 'eu-west-1a', 'Status': 'in-use',
  'InterfaceType': 'interface', 'SourceDestCheck': true, 'Attachment': {'InstanceId': 'i-0bas', 'DeviceIndex': 0},
  'Groups': [{'GroupId': 'sg-0bas'}], 'PrivateIpAddress': '10.42.0.40',
  'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.42.0.40', 'Association': {'PublicIp': '198.51.100.40'}}]},
 {'NetworkInterfaceId': 'eni-0dev', 'VpcId': 'vpc-0bbb', 'SubnetId': 'subnet-0bba', 'AvailabilityZone': 'eu-west-1a', 'Status': 'in-use',
  'InterfaceType': 'interface', 'SourceDestCheck': true, 'Attachment': {'InstanceId': 'i-0dev', 'DeviceIndex': 0},
  'Groups': [{'GroupId': 'sg-0bas'}], 'PrivateIpAddress': '10.60.4.15',
  'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.60.4.15'}]}]}";

const GROUPS: &str = "{'SecurityGroups': [
 {'GroupId': 'sg-0clu', 'VpcId': 'vpc-0aaa',
  'IpPermissions': [{'IpProtocol': '-1', 'UserIdGroupPairs': [{'GroupId': 'sg-0clu'}]},
                    {'IpProtocol': 'tcp', 'FromPort': 443, 'ToPort': 443, 'IpRanges': [{'CidrIp': '10.42.0.0/24'}]}],
  'IpPermissionsEgress': [{'IpProtocol': '-1', 'IpRanges': [{'CidrIp': '0.0.0.0/0'}]}]},
 {'GroupId': 'sg-0bas', 'VpcId': 'vpc-0aaa', 'IpPermissions': [],
  'IpPermissionsEgress': [{'IpProtocol': '-1', 'IpRanges': [{'CidrIp': '0.0.0.0/0'}]}]}]}";

const ROUTES: &str = "{'RouteTables': [
 {'RouteTableId': 'rtb-0pub', 'VpcId': 'vpc-0aaa', 'Associations': [{'Main': false, 'SubnetId': 'subnet-0pub'}], 'Routes': [
  {'DestinationCidrBlock': '10.42.0.0/16', 'GatewayId': 'local', 'State': 'active'},
  {'DestinationCidrBlock': '0.0.0.0/0', 'GatewayId': 'igw-0aaa', 'State': 'active'}]},
 {'RouteTableId': 'rtb-0prv', 'VpcId': 'vpc-0aaa', 'Associations': [{'Main': true}], 'Routes': [
  {'DestinationCidrBlock': '10.42.0.0/16', 'GatewayId': 'local', 'State': 'active'}]},
 {'RouteTableId': 'rtb-0bbb', 'VpcId': 'vpc-0bbb', 'Associations': [{'Main': true}], 'Routes': [
  {'DestinationCidrBlock': '10.60.0.0/16', 'GatewayId': 'local', 'State': 'active'}]}]}";

const ACLS: &str = "{'NetworkAcls': [
 {'NetworkAclId': 'acl-0aaa', 'VpcId': 'vpc-0aaa', 'Associations': [{'SubnetId': 'subnet-0pub'}, {'SubnetId': 'subnet-0pra'}, {'SubnetId': 'subnet-0prb'},
  {'SubnetId': 'subnet-0bba'}], 'Entries': [
  {'Egress': false, 'RuleNumber': 100, 'Protocol': '-1', 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'},
  {'Egress': true, 'RuleNumber': 100, 'Protocol': '-1', 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'}]}]}";

const INSTANCES: &str = "{'Reservations': [{'Instances': [
 {'InstanceId': 'i-0bas', 'PrivateIpAddress': '10.42.0.40', 'State': {'Code': 16, 'Name': 'running'}},
 {'InstanceId': 'i-0dev', 'PrivateIpAddress': '10.60.4.15', 'State': {'Code': 16, 'Name': 'running'}}]}]}";

impl Lab {
    fn new() -> Self {
        let all = [
            ("aws eks describe-cluster --name shop-prod", CLUSTER),
            ("aws ec2 describe-network-interfaces", INTERFACES),
            ("aws ec2 describe-security-groups", GROUPS),
            ("aws ec2 describe-route-tables", ROUTES),
            ("aws ec2 describe-network-acls", ACLS),
            ("aws ec2 describe-instances", INSTANCES),
        ];
        Self(
            all.map(|(command, text)| (command.to_owned(), text.replace('\'', "\"")))
                .to_vec(),
        )
    }

    fn edit(mut self, was: &str, is: &str) -> Self {
        let (was, is) = (was.replace('\'', "\""), is.replace('\'', "\""));
        assert!(self.0.iter().any(|(_, text)| text.contains(&was)), "nothing says {was}");
        for (_, text) in &mut self.0 {
            *text = text.replace(&was, &is);
        }
        self
    }

    /// With public access.
    fn public(self) -> Self {
        self.edit("'endpointPublicAccess': false", "'endpointPublicAccess': true")
    }

    /// With public access alone.
    fn only_public(self) -> Self {
        self.public()
            .edit("'endpointPrivateAccess': true", "'endpointPrivateAccess': false")
    }

    fn without(mut self, command: &str) -> Self {
        let before = self.0.len();
        self.0.retain(|(own, _)| own != command);
        assert_eq!(self.0.len() + 1, before, "{command}");
        self
    }

    fn with(mut self, command: &str, text: &str) -> Self {
        self.0.push((command.to_owned(), text.to_owned()));
        self
    }

    fn analysis(&self) -> Analysis {
        let mut text = String::new();
        for (command, answer) in &self.0 {
            text.extend(["$ ", command, "\n", answer, "\n"]);
        }
        pasted(&text)
    }

    fn ask(&self, from: &str) -> Flow {
        self.ask_for(from, "api")
    }

    fn ask_for(&self, from: &str, to: &str) -> Flow {
        let query = Query {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            protocol: Protocol::Tcp,
            at: None,
        };
        compute(&self.analysis().model(), &query)
    }
}

fn pasted(text: &str) -> Analysis {
    let input = Input {
        name: "paste 1".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    read(vec![input], &mut |_| {})
}

fn said(flow: &Flow) -> Vec<String> {
    flow.steps()
        .map(|step| format!("{} {}: {}", step.verdict.word(), step.actor.name, step.action))
        .chain(flow.next.iter().map(|next| next.command.clone()))
        .collect()
}

/// What comes of it, and who stops it.
fn ends(flow: &Flow) -> (Verdict, Option<Reason>, Option<String>) {
    let stop = flow.steps().find(|step| step.verdict == Verdict::Blocked);
    if let Some(step) = stop {
        assert!(!step.evidence.is_empty(), "{:#?}", said(flow));
    }
    let reason = flow.outcomes.first().and_then(|outcome| outcome.reason);
    (flow.verdict, reason, stop.map(|step| step.actor.name.clone()))
}

#[test]
fn a_private_endpoint_has_no_way_from_outside() {
    for (from, to) in [
        ("internet", "api"),
        ("ip:198.51.100.23", "api:shop-prod"),
        ("ip:198.51.100.23", &format!("host:{HOST}:443")),
        // Whom the public endpoint let in while it was open.
        ("ip:203.0.113.9", "api"),
    ] {
        let flow = Lab::new().ask_for(from, to);
        let wanted = (
            Verdict::Blocked,
            Some(Reason::EndpointPrivate),
            Some("API server".to_owned()),
        );
        assert_eq!(ends(&flow), wanted, "{from} {to}: {:#?}", said(&flow));
    }
}

#[test]
fn a_public_endpoint_lets_in_who_is_in_its_ranges() {
    let lab = Lab::new().public();
    let flow = lab.ask("ip:198.51.100.23");
    let wanted = (
        Verdict::Blocked,
        Some(Reason::CidrNotAllowed),
        Some("API server".to_owned()),
    );
    assert_eq!(ends(&flow), wanted, "{:#?}", said(&flow));
    let check = &flow.steps().last().unwrap().checks[0];
    assert_eq!(check.has.as_deref(), Some("198.51.100.23"));
    assert_eq!(check.wants, ["203.0.113.0/24", "192.0.2.7/32"]);
    for from in ["ip:203.0.113.9", "ip:192.0.2.7"] {
        assert_eq!(ends(&lab.ask(from)), (Verdict::Assumed, None, None), "{from}");
    }
    // Who it is that asks was not said.
    let flow = lab.ask("internet");
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert_eq!(flow.next[0].command, "curl -s https://checkip.amazonaws.com");
    let open = lab.edit("['203.0.113.0/24', '192.0.2.7/32']", "['0.0.0.0/0']");
    assert_eq!(open.ask("internet").verdict, Verdict::Assumed);
}

#[test]
fn who_is_in_the_vpc_goes_to_the_interfaces_and_meets_their_groups() {
    for lab in [Lab::new(), Lab::new().public()] {
        let flow = lab.ask("instance:i-0bas");
        assert_eq!(ends(&flow), (Verdict::Passes, None, None), "{:#?}", said(&flow));
        assert_eq!(flow.outcomes.len(), 1);
        let closed = lab.edit("'CidrIp': '10.42.0.0/24'", "'CidrIp': '10.42.9.0/24'");
        let flow = closed.ask("ip:10.42.0.40");
        let wanted = (Verdict::Blocked, Some(Reason::SgIngress), Some("API server".to_owned()));
        assert_eq!(ends(&flow), wanted, "{:#?}", said(&flow));
    }
}

#[test]
fn without_private_access_who_is_in_the_vpc_comes_with_the_gateways_address() {
    let lab = Lab::new().only_public();
    let flow = lab.ask("instance:i-0bas");
    assert_eq!(
        ends(&flow),
        (
            Verdict::Blocked,
            Some(Reason::CidrNotAllowed),
            Some("API server".to_owned())
        ),
        "{:#?}",
        said(&flow)
    );
    let allowed = lab.clone().edit("192.0.2.7/32", "198.51.100.40/32");
    let flow = allowed.ask("instance:i-0bas");
    assert_eq!(flow.verdict, Verdict::Assumed, "{:#?}", said(&flow));
    assert_eq!(flow.outcomes[0].source_seen.as_deref(), Some("198.51.100.40"));
    let cut = allowed.edit(
        "{'DestinationCidrBlock': '0.0.0.0/0', 'GatewayId': 'igw-0aaa', 'State': 'active'}",
        "{'DestinationCidrBlock': '10.9.0.0/16', 'GatewayId': 'igw-0aaa', 'State': 'active'}",
    );
    assert_eq!(
        ends(&cut.ask("instance:i-0bas")),
        (Verdict::Blocked, Some(Reason::NoRoute), Some("subnet-0pub".to_owned()))
    );
}

#[test]
fn another_vpc_needs_a_way_to_a_private_endpoint() {
    let flow = Lab::new().ask("instance:i-0dev");
    assert_eq!(
        ends(&flow),
        (Verdict::Blocked, Some(Reason::NoRoute), Some("subnet-0bba".to_owned())),
        "{:#?}",
        said(&flow)
    );
}

#[test]
fn without_a_document_a_verdict_stays_or_is_unknown() {
    let closed = Lab::new().edit("'CidrIp': '10.42.0.0/24'", "'CidrIp': '10.42.9.0/24'");
    for (lab, from) in [
        (Lab::new(), "ip:198.51.100.23"),
        (Lab::new().public(), "ip:198.51.100.23"),
        (Lab::new(), "instance:i-0bas"),
        (closed, "instance:i-0bas"),
        (Lab::new().only_public(), "instance:i-0bas"),
        (Lab::new(), "instance:i-0dev"),
    ] {
        let whole = lab.ask(from);
        assert_ne!(whole.verdict, Verdict::Unknown, "{from}");
        let mut needed = 0;
        for (command, _) in &lab.0 {
            let less = lab.clone().without(command).ask(from);
            if less.verdict == Verdict::Unknown {
                needed += 1;
                assert!(!less.next.is_empty(), "{from} without {command}: {:#?}", said(&less));
            } else {
                assert_eq!(
                    less.verdict,
                    whole.verdict,
                    "{from} without {command}: {:#?}",
                    said(&less)
                );
            }
        }
        assert!(needed > 0, "{from}");
    }
}

#[test]
fn a_name_that_leads_elsewhere_is_of_another_time() {
    let dig = format!("dig +short {HOST}");
    let lab = Lab::new().with(&dig, "192.0.2.50\n192.0.2.51");
    let flow = lab.ask("ip:198.51.100.23");
    assert_eq!(flow.verdict, Verdict::Unknown, "{:#?}", said(&flow));
    assert!(!flow.next.is_empty());
    let lab = Lab::new().public().with(&dig, "10.42.3.17\n10.42.21.8");
    assert_eq!(lab.ask("ip:203.0.113.9").verdict, Verdict::Unknown);
    let lab = Lab::new().with(&dig, "10.42.3.17\n10.42.21.8");
    let flow = lab.ask("ip:198.51.100.23");
    assert_eq!(flow.outcomes[0].reason, Some(Reason::EndpointPrivate));
    assert_eq!(flow.outcomes[0].steps[0].verdict, Verdict::Passes);
}

#[test]
fn a_kubectl_that_gets_no_answer_asks_by_itself() {
    let cluster = CLUSTER.replace('\'', "\"");
    let paste = |prompt: &str, error: &str, more: &str| {
        pasted(&format!(
            "{prompt} kubectl get nodes\n{error}\n{more}{prompt} aws eks describe-cluster --name shop-prod\n{cluster}\n"
        ))
    };
    let timeout = "Unable to connect to the server: dial tcp 10.42.3.17:443: i/o timeout";
    let mac = "alice@macbook ~ %";
    let own = format!("{mac} curl -s https://checkip.amazonaws.com\n198.51.100.23\n");
    for (prompt, error, more, title) in [
        (mac, timeout, own.as_str(), Some("198.51.100.23 → the API server")),
        (mac, timeout, "", Some("the Internet → the API server")),
        (
            "[ec2-user@ip-10-42-0-40 ~]$",
            timeout,
            "",
            Some("10.42.0.40 → the API server"),
        ),
        (
            mac,
            "The connection to the server localhost:8080 was refused - did you specify the right host or port?",
            "",
            None,
        ),
        (
            mac,
            "Unable to connect to the server: dial tcp: lookup 0A1B.gr7.eu-west-1.eks.amazonaws.com: i/o timeout",
            "",
            None,
        ),
        (
            "[ec2-user@ip-10-42-0-40 ~]$ nc -zv 0A1B.gr7.eu-west-1.eks.amazonaws.com 443\nNcat: TIMEOUT.\n[ec2-user@ip-10-42-0-40 ~]$",
            "NAME   STATUS",
            "",
            Some("10.42.0.40 → the API server"),
        ),
        (
            mac,
            "error: You must be logged in to the server (Unauthorized)",
            "",
            None,
        ),
    ] {
        let analysis = paste(prompt, error, more);
        let titles: Vec<String> = propose(&analysis.model()).into_iter().map(|flow| flow.title).collect();
        assert_eq!(titles.first().map(String::as_str), title, "{prompt} {error}");
    }
}
