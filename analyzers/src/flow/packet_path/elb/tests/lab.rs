//! A load balancer in its network as the documents say it: two zones, each with a public and a private subnet, a node in each private one, a pod on
//! each node. `edit` changes a fact of it.

use crate::Input;
use crate::analysis::{Analysis, read};
use crate::flow::packet_path::{Protocol, Query, compute};
use crate::flow::{Flow, Reason, Step, Verdict};

/// The documents: a command, and what it prints.
#[derive(Clone)]
pub struct Lab {
    pub documents: Vec<(String, String)>,
}

/// An answer in which `'` stands for `"`.
fn json(text: &str) -> String {
    text.replace('\'', "\"")
}

const INTERFACES: &str = "{'NetworkInterfaces': [
 {'NetworkInterfaceId': 'eni-0lba', 'VpcId': 'vpc-0aaa', 'SubnetId': 'subnet-0pua', 'AvailabilityZone': 'eu-west-1a', 'Status': 'in-use',
  'InterfaceType': 'interface', 'Description': 'ELB app/shop/0011223344556677', 'SourceDestCheck': true, 'Groups': [{'GroupId': 'sg-0bal'}],
  'PrivateIpAddress': '10.42.0.21',
  'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.42.0.21', 'Association': {'PublicIp': '203.0.113.21'}}]},
 {'NetworkInterfaceId': 'eni-0lbb', 'VpcId': 'vpc-0aaa', 'SubnetId': 'subnet-0pub', 'AvailabilityZone': 'eu-west-1b', 'Status': 'in-use',
  'InterfaceType': 'interface', 'Description': 'ELB app/shop/0011223344556677', 'SourceDestCheck': true, 'Groups': [{'GroupId': 'sg-0bal'}],
  'PrivateIpAddress': '10.42.10.22',
  'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.42.10.22', 'Association': {'PublicIp': '203.0.113.22'}}]},
 {'NetworkInterfaceId': 'eni-0noa', 'VpcId': 'vpc-0aaa', 'SubnetId': 'subnet-0pra', 'AvailabilityZone': 'eu-west-1a', 'Status': 'in-use',
  'InterfaceType': 'interface', 'SourceDestCheck': true, 'Attachment': {'InstanceId': 'i-0noa', 'DeviceIndex': 0},
  'Groups': [{'GroupId': 'sg-0nod'}], 'PrivateIpAddress': '10.42.1.23',
  'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.42.1.23'}, {'Primary': false, 'PrivateIpAddress': '10.42.1.87'}]},
 {'NetworkInterfaceId': 'eni-0nob', 'VpcId': 'vpc-0aaa', 'SubnetId': 'subnet-0prb', 'AvailabilityZone': 'eu-west-1b', 'Status': 'in-use',
  'InterfaceType': 'interface', 'SourceDestCheck': true, 'Attachment': {'InstanceId': 'i-0nob', 'DeviceIndex': 0},
  'Groups': [{'GroupId': 'sg-0nod'}], 'PrivateIpAddress': '10.42.2.41',
  'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.42.2.41'}, {'Primary': false, 'PrivateIpAddress': '10.42.2.99'}]},
 {'NetworkInterfaceId': 'eni-0cli', 'VpcId': 'vpc-0bbb', 'SubnetId': 'subnet-0bba', 'AvailabilityZone': 'eu-west-1a', 'Status': 'in-use',
  'InterfaceType': 'interface', 'SourceDestCheck': true, 'Attachment': {'InstanceId': 'i-0cli', 'DeviceIndex': 0},
  'Groups': [{'GroupId': 'sg-0cli'}], 'PrivateIpAddress': '10.60.4.15',
  'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.60.4.15'}]}]}";

const GROUPS: &str = "{'SecurityGroups': [
 {'GroupId': 'sg-0bal', 'VpcId': 'vpc-0aaa',
  'IpPermissions': [{'IpProtocol': 'tcp', 'FromPort': 443, 'ToPort': 443, 'IpRanges': [{'CidrIp': '0.0.0.0/0'}]}],
  'IpPermissionsEgress': [{'IpProtocol': '-1', 'IpRanges': [{'CidrIp': '0.0.0.0/0'}]}]},
 {'GroupId': 'sg-0nod', 'VpcId': 'vpc-0aaa',
  'IpPermissions': [{'IpProtocol': 'tcp', 'FromPort': 0, 'ToPort': 65535, 'UserIdGroupPairs': [{'GroupId': 'sg-0bal'}]},
                    {'IpProtocol': '-1', 'UserIdGroupPairs': [{'GroupId': 'sg-0nod'}]}],
  'IpPermissionsEgress': [{'IpProtocol': '-1', 'IpRanges': [{'CidrIp': '0.0.0.0/0'}]}]},
 {'GroupId': 'sg-0cli', 'VpcId': 'vpc-0bbb', 'IpPermissions': [],
  'IpPermissionsEgress': [{'IpProtocol': '-1', 'IpRanges': [{'CidrIp': '0.0.0.0/0'}]}]}]}";

const ROUTES: &str = "{'RouteTables': [
 {'RouteTableId': 'rtb-0pua', 'VpcId': 'vpc-0aaa', 'Associations': [{'Main': false, 'SubnetId': 'subnet-0pua'}], 'Routes': [
  {'DestinationCidrBlock': '10.42.0.0/16', 'GatewayId': 'local', 'State': 'active'},
  {'DestinationCidrBlock': '10.60.0.0/16', 'VpcPeeringConnectionId': 'pcx-0aaa', 'State': 'active'},
  {'DestinationCidrBlock': '0.0.0.0/0', 'GatewayId': 'igw-0aaa', 'State': 'active'}]},
 {'RouteTableId': 'rtb-0pub', 'VpcId': 'vpc-0aaa', 'Associations': [{'Main': false, 'SubnetId': 'subnet-0pub'}], 'Routes': [
  {'DestinationCidrBlock': '10.42.0.0/16', 'GatewayId': 'local', 'State': 'active'},
  {'DestinationCidrBlock': '10.60.0.0/16', 'VpcPeeringConnectionId': 'pcx-0aaa', 'State': 'active'},
  {'DestinationCidrBlock': '0.0.0.0/0', 'GatewayId': 'igw-0aaa', 'State': 'active'}]},
 {'RouteTableId': 'rtb-0prv', 'VpcId': 'vpc-0aaa', 'Associations': [{'Main': true}], 'Routes': [
  {'DestinationCidrBlock': '10.42.0.0/16', 'GatewayId': 'local', 'State': 'active'}]},
 {'RouteTableId': 'rtb-0bbb', 'VpcId': 'vpc-0bbb', 'Associations': [{'Main': true}], 'Routes': [
  {'DestinationCidrBlock': '10.60.0.0/16', 'GatewayId': 'local', 'State': 'active'},
  {'DestinationCidrBlock': '10.42.0.0/16', 'VpcPeeringConnectionId': 'pcx-0aaa', 'State': 'active'}]}]}";

const ACLS: &str = "{'NetworkAcls': [
 {'NetworkAclId': 'acl-0aaa', 'VpcId': 'vpc-0aaa',
  'Associations': [{'SubnetId': 'subnet-0pua'}, {'SubnetId': 'subnet-0pub'}, {'SubnetId': 'subnet-0pra'}, {'SubnetId': 'subnet-0prb'}], 'Entries': [
  {'Egress': false, 'RuleNumber': 100, 'Protocol': '-1', 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'},
  {'Egress': false, 'RuleNumber': 32767, 'Protocol': '-1', 'RuleAction': 'deny', 'CidrBlock': '0.0.0.0/0'},
  {'Egress': true, 'RuleNumber': 100, 'Protocol': '-1', 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'},
  {'Egress': true, 'RuleNumber': 32767, 'Protocol': '-1', 'RuleAction': 'deny', 'CidrBlock': '0.0.0.0/0'}]},
 {'NetworkAclId': 'acl-0bbb', 'VpcId': 'vpc-0bbb', 'Associations': [{'SubnetId': 'subnet-0bba'}], 'Entries': [
  {'Egress': false, 'RuleNumber': 100, 'Protocol': '-1', 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'},
  {'Egress': true, 'RuleNumber': 100, 'Protocol': '-1', 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'}]}]}";

const PEERINGS: &str = "{'VpcPeeringConnections': [
 {'VpcPeeringConnectionId': 'pcx-0aaa', 'Status': {'Code': 'active'},
  'RequesterVpcInfo': {'VpcId': 'vpc-0bbb', 'CidrBlock': '10.60.0.0/16'}, 'AccepterVpcInfo': {'VpcId': 'vpc-0aaa', 'CidrBlock': '10.42.0.0/16'}}]}";

const BALANCERS: &str = "{'LoadBalancers': [
 {'LoadBalancerArn': 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shop/0011223344556677', 'LoadBalancerName': 'shop',
  'DNSName': 'shop-1849302211.eu-west-1.elb.amazonaws.com', 'Scheme': 'internet-facing', 'Type': 'application', 'State': {'Code': 'active'},
  'VpcId': 'vpc-0aaa', 'SecurityGroups': ['sg-0bal'],
  'AvailabilityZones': [{'ZoneName': 'eu-west-1a', 'SubnetId': 'subnet-0pua'}, {'ZoneName': 'eu-west-1b', 'SubnetId': 'subnet-0pub'}]}]}";

const LISTENERS: &str = "{'Listeners': [
 {'ListenerArn': 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/0011223344556677/8899aabbccddeeff',
  'LoadBalancerArn': 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shop/0011223344556677', 'Port': 443, 'Protocol': 'HTTPS',
  'DefaultActions': [{'Type': 'forward', 'TargetGroupArn': 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop/7766554433221100'}]}]}";

const RULES: &str = "{'Rules': [
 {'RuleArn': 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/shop/0011223344556677/8899aabbccddeeff/01',
  'Priority': 'default', 'IsDefault': true, 'Conditions': [],
  'Actions': [{'Type': 'forward', 'TargetGroupArn': 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop/7766554433221100'}]}]}";

const TARGET_GROUPS: &str = "{'TargetGroups': [
 {'TargetGroupArn': 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop/7766554433221100', 'TargetGroupName': 'shop',
  'Protocol': 'HTTP', 'Port': 8080, 'TargetType': 'ip', 'HealthCheckPort': 'traffic-port', 'VpcId': 'vpc-0aaa',
  'LoadBalancerArns': ['arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shop/0011223344556677']}]}";

const HEALTH: &str = "{'TargetHealthDescriptions': [
 {'Target': {'Id': '10.42.1.87', 'Port': 8080, 'AvailabilityZone': 'eu-west-1a'}, 'HealthCheckPort': '8080', 'TargetHealth': {'State': 'healthy'}},
 {'Target': {'Id': '10.42.2.99', 'Port': 8080, 'AvailabilityZone': 'eu-west-1b'}, 'HealthCheckPort': '8080', 'TargetHealth': {'State': 'healthy'}}]}";

const INSTANCES: &str = "{'Reservations': [{'Instances': [
 {'InstanceId': 'i-0noa', 'PrivateIpAddress': '10.42.1.23', 'PrivateDnsName': 'ip-10-42-1-23.eu-west-1.compute.internal', 'State': {'Code': 16, 'Name': 'running'}},
 {'InstanceId': 'i-0nob', 'PrivateIpAddress': '10.42.2.41', 'PrivateDnsName': 'ip-10-42-2-41.eu-west-1.compute.internal', 'State': {'Code': 16, 'Name': 'running'}},
 {'InstanceId': 'i-0cli', 'PrivateIpAddress': '10.60.4.15', 'State': {'Code': 16, 'Name': 'running'}}]}]}";

const PODS: &str = "\
NAME                    READY   STATUS    RESTARTS   AGE   IP           NODE                                       NOMINATED NODE   READINESS GATES
api-6c8f9b7d5c-9k2lm    1/1     Running   0          5d    10.42.1.87   ip-10-42-1-23.eu-west-1.compute.internal   <none>           <none>
api-6c8f9b7d5c-tq7wz    1/1     Running   0          5d    10.42.2.99   ip-10-42-2-41.eu-west-1.compute.internal   <none>           <none>
";

const NODES: &str = "\
NAME                                       STATUS   ROLES    AGE   VERSION               INTERNAL-IP   EXTERNAL-IP   OS-IMAGE            KERNEL-VERSION   CONTAINER-RUNTIME
ip-10-42-1-23.eu-west-1.compute.internal   Ready    <none>   31d   v1.31.2-eks-94953ac   10.42.1.23    <none>        Amazon Linux 2023   6.1.115          containerd://1.7.23
ip-10-42-2-41.eu-west-1.compute.internal   Ready    <none>   31d   v1.31.2-eks-94953ac   10.42.2.41    <none>        Amazon Linux 2023   6.1.115          containerd://1.7.23
";

/// The command that prints the attributes of the target group.
pub const ATTRIBUTES: &str = "aws elbv2 describe-target-group-attributes --target-group-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop/7766554433221100";

const PRESERVES: &str = "{'Attributes': [{'Key': 'preserve_client_ip.enabled', 'Value': 'true'}]}";

/// A Service whose node port is 31443, and who serves it: the pod on the first node.
const SERVICE: &str = "\
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec:
  type: LoadBalancer
  clusterIP: 172.20.9.90
  externalTrafficPolicy: Local
  healthCheckNodePort: 30411
  ports: [{name: tls, nodePort: 31443, port: 443, protocol: TCP, targetPort: 8080}]
";

const SLICES: &str = "\
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: api-4q8zt, namespace: shop, labels: {kubernetes.io/service-name: api}}
addressType: IPv4
ports: [{name: tls, port: 8080, protocol: TCP}]
endpoints:
- {addresses: [10.42.1.87], nodeName: ip-10-42-1-23.eu-west-1.compute.internal, conditions: {ready: true, serving: true, terminating: false}}
";

impl Lab {
    /// An Application Load Balancer that faces the Internet, with pods as targets.
    pub fn alb() -> Self {
        let documents = [
            ("aws ec2 describe-network-interfaces", INTERFACES),
            ("aws ec2 describe-security-groups", GROUPS),
            ("aws ec2 describe-route-tables", ROUTES),
            ("aws ec2 describe-network-acls", ACLS),
            ("aws ec2 describe-instances", INSTANCES),
            ("aws ec2 describe-vpc-peering-connections", PEERINGS),
            ("aws elbv2 describe-load-balancers", BALANCERS),
            (
                "aws elbv2 describe-listeners --load-balancer-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shop/0011223344556677",
                LISTENERS,
            ),
            (
                "aws elbv2 describe-rules --listener-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/0011223344556677/8899aabbccddeeff",
                RULES,
            ),
            ("aws elbv2 describe-target-groups", TARGET_GROUPS),
            (
                "aws elbv2 describe-target-health --target-group-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop/7766554433221100",
                HEALTH,
            ),
        ];
        let mut lab = Self {
            documents: documents
                .map(|(command, text)| (command.to_owned(), json(text)))
                .to_vec(),
        };
        lab.documents
            .push(("kubectl get pods -n shop -o wide".to_owned(), PODS.to_owned()));
        lab.documents.push((
            "kubectl get networkpolicies -A -o yaml".to_owned(),
            "apiVersion: v1\nitems: []\nkind: List\nmetadata: {resourceVersion: \"\"}\n".to_owned(),
        ));
        lab
    }

    /// An internal Network Load Balancer without security groups, with nodes as targets, whose Service keeps traffic on its node.
    pub fn nlb() -> Self {
        let mut lab = Self::alb()
            .without("aws elbv2 describe-rules --listener-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/0011223344556677/8899aabbccddeeff");
        for (command, text) in &mut lab.documents {
            for part in [command, text] {
                *part = part.replace("app/shop", "net/shop");
            }
        }
        let mut lab = lab
            .each("'Type': 'application'", "'Type': 'network'")
            .each("'Scheme': 'internet-facing'", "'Scheme': 'internal'")
            .each(" 'SecurityGroups': ['sg-0bal'],", "")
            .each("'Groups': [{'GroupId': 'sg-0bal'}]", "'Groups': []")
            .each(", 'Association': {'PublicIp': '203.0.113.21'}", "")
            .each(", 'Association': {'PublicIp': '203.0.113.22'}", "")
            .each("'InterfaceType': 'interface', 'Description'", "'InterfaceType': 'network_load_balancer', 'Description'")
            .each("'Protocol': 'HTTPS'", "'Protocol': 'TCP'")
            .each("'Protocol': 'HTTP', 'Port': 8080, 'TargetType': 'ip', 'HealthCheckPort': 'traffic-port'", "'Protocol': 'TCP', 'Port': 31443, 'TargetType': 'instance', 'HealthCheckPort': '30411'")
            .each("'Id': '10.42.1.87', 'Port': 8080, 'AvailabilityZone': 'eu-west-1a'}, 'HealthCheckPort': '8080'", "'Id': 'i-0noa', 'Port': 31443}, 'HealthCheckPort': '30411'")
            .each("'Id': '10.42.2.99', 'Port': 8080, 'AvailabilityZone': 'eu-west-1b'}, 'HealthCheckPort': '8080', 'TargetHealth': {'State': 'healthy'}", "'Id': 'i-0nob', 'Port': 31443}, 'HealthCheckPort': '30411', 'TargetHealth': {'State': 'unhealthy', 'Reason': 'Target.FailedHealthChecks', 'Description': 'Health checks failed'}")
            .each("'UserIdGroupPairs': [{'GroupId': 'sg-0bal'}]", "'IpRanges': [{'CidrIp': '10.42.0.0/16'}, {'CidrIp': '10.60.0.0/16'}]");
        lab.documents.push((ATTRIBUTES.to_owned(), json(PRESERVES)));
        for (command, text) in [
            ("kubectl get nodes -o wide", NODES),
            ("kubectl get service -n shop api -o yaml", SERVICE),
            ("kubectl get endpointslices -n shop -o yaml", SLICES),
        ] {
            lab.documents.push((command.to_owned(), text.to_owned()));
        }
        lab
    }

    /// The same with a fact changed, as often as it stands there.
    pub fn each(mut self, was: &str, is: &str) -> Self {
        let (was, is) = (json(was), json(is));
        assert!(
            self.documents.iter().any(|(_, text)| text.contains(&was)),
            "nothing says {was}"
        );
        for (_, text) in &mut self.documents {
            *text = text.replace(&was, &is);
        }
        self
    }

    /// The same with a fact of one document changed, where it stands first.
    pub fn edit(mut self, document: &str, was: &str, is: &str) -> Self {
        let (was, is) = (json(was), json(is));
        let own = self
            .documents
            .iter_mut()
            .find(|(command, text)| command.contains(document) && text.contains(&was));
        let (_, text) = own.unwrap_or_else(|| panic!("no {document} says {was}"));
        *text = text.replacen(&was, &is, 1);
        self
    }

    /// The same with a document more.
    pub fn with(mut self, command: &str, text: &str) -> Self {
        self.documents.push((command.to_owned(), json(text)));
        self
    }

    /// The same without a document.
    pub fn without(mut self, command: &str) -> Self {
        let before = self.documents.len();
        self.documents.retain(|(own, _)| own != command);
        assert_eq!(self.documents.len() + 1, before, "{command}");
        self
    }

    /// The same with the pods' labels.
    pub fn labelled(mut self) -> Self {
        for (command, text) in &mut self.documents {
            if command.starts_with("kubectl get pods") {
                command.push_str(" --show-labels");
                *text = text
                    .replace("READINESS GATES", "READINESS GATES   LABELS")
                    .lines()
                    .map(|line| {
                        if line.starts_with("NAME") {
                            format!("{line}\n")
                        } else {
                            format!("{line}            app=api\n")
                        }
                    })
                    .collect();
            }
        }
        self
    }

    pub fn analysis(&self) -> Analysis {
        let mut text = String::new();
        for (command, answer) in &self.documents {
            text.extend(["$ ", command, "\n", answer, "\n"]);
        }
        let input = Input {
            name: "paste 1".to_owned(),
            bytes: text.into_bytes(),
        };
        read(vec![input], &mut |_| {})
    }

    pub fn ask(&self, from: &str, to: &str) -> Flow {
        let query = Query {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            protocol: Protocol::Tcp,
            at: None,
        };
        compute(&self.analysis().model(), &query)
    }
}

/// What is said of each step of all ways.
pub fn said(flow: &Flow) -> Vec<String> {
    let of = |step: &Step| format!("{} {}: {}", step.verdict.word(), step.actor.name, step.action);
    let mut all = Vec::new();
    for outcome in &flow.outcomes {
        all.push(format!(
            "-- {} {} {:?}",
            outcome.label,
            outcome.verdict.word(),
            outcome.reason
        ));
        all.extend(outcome.steps.iter().map(of));
        if let Some(back) = &outcome.back {
            all.push("back".to_owned());
            all.extend(back.steps.iter().map(of));
        }
    }
    all.extend(flow.next.iter().map(|next| next.command.clone()));
    all
}

/// That the worst way of a flow is stopped by somebody for a reason, there (`false`) or back, and that a line proves it.
pub fn stopped(flow: &Flow, reason: Reason, actor: &str, back: bool) {
    let said = said(flow);
    let outcome = &flow.outcomes[0];
    assert_eq!(
        (flow.verdict, outcome.reason),
        (Verdict::Blocked, Some(reason)),
        "{said:#?}"
    );
    let steps: Vec<&Step> = match &outcome.back {
        Some(way) if back => way.steps.iter().collect(),
        _ => outcome.steps.iter().collect(),
    };
    let stop = steps.iter().find(|step| step.verdict == Verdict::Blocked);
    let stop = stop.unwrap_or_else(|| panic!("{said:#?}"));
    assert_eq!(stop.actor.name, actor, "{said:#?}");
    assert!(!stop.evidence.is_empty(), "no line proves it: {said:#?}");
}

/// Without each of the documents in turn the verdict stays, or is unknown with something to run. How many are needed.
pub fn stays_honest(lab: &Lab, from: &str, to: &str) -> usize {
    let whole = lab.ask(from, to);
    let mut needed = 0;
    for (command, _) in &lab.documents {
        let less = lab.clone().without(command).ask(from, to);
        let said = said(&less);
        if less.verdict == Verdict::Unknown && whole.verdict != Verdict::Unknown {
            needed += 1;
            assert!(!less.next.is_empty(), "without {command}: {said:#?}");
        } else {
            assert_eq!(less.verdict, whole.verdict, "without {command}: {said:#?}");
        }
        for step in less.steps() {
            if matches!(step.verdict, Verdict::Passes | Verdict::Blocked) {
                assert!(!step.evidence.is_empty(), "without {command}: {}", step.action);
            }
        }
    }
    needed
}
