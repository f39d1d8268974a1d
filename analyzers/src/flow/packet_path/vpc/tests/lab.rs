//! A small account as its documents say: two VPCs at a transit gateway, a third one behind a peering connection, an Internet gateway, a NAT
//! gateway, an endpoint for S3. `edit` changes a fact of it.

use crate::analysis::{Analysis, Input, read};
use crate::flow::packet_path::vpc::between;
use crate::flow::packet_path::{Protocol, Query};
use crate::flow::{Flow, Reason, Verdict};

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
 {'NetworkInterfaceId': 'eni-0web', 'VpcId': 'vpc-0aaa', 'SubnetId': 'subnet-0pub', 'AvailabilityZone': 'eu-west-1a', 'Status': 'in-use',
  'InterfaceType': 'interface', 'SourceDestCheck': true, 'Attachment': {'InstanceId': 'i-0web', 'DeviceIndex': 0},
  'Groups': [{'GroupId': 'sg-0web'}], 'PrivateIpAddress': '10.20.0.10',
  'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.20.0.10', 'Association': {'PublicIp': '198.51.100.10'}}],
  'Ipv6Addresses': [{'Ipv6Address': '2600:1f14:abc:de00::10'}]},
 {'NetworkInterfaceId': 'eni-0app', 'VpcId': 'vpc-0aaa', 'SubnetId': 'subnet-0pra', 'AvailabilityZone': 'eu-west-1a', 'Status': 'in-use',
  'InterfaceType': 'interface', 'SourceDestCheck': true, 'Attachment': {'InstanceId': 'i-0app', 'DeviceIndex': 0},
  'Groups': [{'GroupId': 'sg-0app'}], 'PrivateIpAddress': '10.20.1.20',
  'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.20.1.20'}],
  'Ipv6Addresses': [{'Ipv6Address': '2600:1f14:abc:de01::20'}], 'Ipv4Prefixes': [{'Ipv4Prefix': '10.20.1.64/28'}]},
 {'NetworkInterfaceId': 'eni-0dbs', 'VpcId': 'vpc-0aaa', 'SubnetId': 'subnet-0prb', 'AvailabilityZone': 'eu-west-1b', 'Status': 'in-use',
  'InterfaceType': 'interface', 'SourceDestCheck': true, 'Attachment': {'InstanceId': 'i-0dbs', 'DeviceIndex': 0},
  'Groups': [{'GroupId': 'sg-0dbs'}], 'PrivateIpAddress': '10.20.2.30',
  'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.20.2.30'}], 'Ipv6Addresses': []},
 {'NetworkInterfaceId': 'eni-0nat', 'VpcId': 'vpc-0aaa', 'SubnetId': 'subnet-0pub', 'AvailabilityZone': 'eu-west-1a', 'Status': 'in-use',
  'InterfaceType': 'nat_gateway', 'SourceDestCheck': false, 'Description': 'Interface for NAT Gateway nat-0aaa', 'Groups': [],
  'PrivateIpAddress': '10.20.0.5',
  'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.20.0.5', 'Association': {'PublicIp': '198.51.100.5'}}], 'Ipv6Addresses': []},
 {'NetworkInterfaceId': 'eni-0rep', 'VpcId': 'vpc-0bbb', 'SubnetId': 'subnet-0bba', 'AvailabilityZone': 'eu-west-1a', 'Status': 'in-use',
  'InterfaceType': 'interface', 'SourceDestCheck': true, 'Attachment': {'InstanceId': 'i-0rep', 'DeviceIndex': 0},
  'Groups': [{'GroupId': 'sg-0rep'}], 'PrivateIpAddress': '10.30.1.40',
  'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.30.1.40'}], 'Ipv6Addresses': []},
 {'NetworkInterfaceId': 'eni-0prm', 'VpcId': 'vpc-0ccc', 'SubnetId': 'subnet-0cca', 'AvailabilityZone': 'eu-west-1a', 'Status': 'in-use',
  'InterfaceType': 'interface', 'SourceDestCheck': true, 'Attachment': {'InstanceId': 'i-0prm', 'DeviceIndex': 0},
  'Groups': [{'GroupId': 'sg-0prm'}], 'PrivateIpAddress': '10.40.1.50',
  'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.40.1.50'}], 'Ipv6Addresses': []},
 {'NetworkInterfaceId': 'eni-0ecr', 'VpcId': 'vpc-0aaa', 'SubnetId': 'subnet-0pra', 'AvailabilityZone': 'eu-west-1a', 'Status': 'in-use',
  'InterfaceType': 'vpc_endpoint', 'SourceDestCheck': true, 'Groups': [{'GroupId': 'sg-0ecr'}], 'PrivateIpAddress': '10.20.1.90',
  'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.20.1.90'}], 'Ipv6Addresses': []}]}";

const INSTANCES: &str = "{'Reservations': [{'Instances': [
 {'InstanceId': 'i-0web', 'State': {'Code': 16, 'Name': 'running'}}, {'InstanceId': 'i-0app', 'State': {'Code': 16, 'Name': 'running'}},
 {'InstanceId': 'i-0dbs', 'State': {'Code': 16, 'Name': 'running'}}, {'InstanceId': 'i-0rep', 'State': {'Code': 16, 'Name': 'running'}},
 {'InstanceId': 'i-0prm', 'State': {'Code': 16, 'Name': 'running'}}]}]}";

const GROUPS: &str = "{'SecurityGroups': [
 {'GroupId': 'sg-0web', 'VpcId': 'vpc-0aaa',
  'IpPermissions': [{'IpProtocol': 'tcp', 'FromPort': 443, 'ToPort': 443, 'IpRanges': [{'CidrIp': '0.0.0.0/0'}], 'Ipv6Ranges': [{'CidrIpv6': '::/0'}]}],
  'IpPermissionsEgress': [{'IpProtocol': '-1', 'IpRanges': [{'CidrIp': '0.0.0.0/0'}], 'Ipv6Ranges': [{'CidrIpv6': '::/0'}]}]},
 {'GroupId': 'sg-0app', 'VpcId': 'vpc-0aaa',
  'IpPermissions': [{'IpProtocol': 'tcp', 'FromPort': 8080, 'ToPort': 8090, 'UserIdGroupPairs': [{'GroupId': 'sg-0web'}]},
                    {'IpProtocol': 'icmp', 'FromPort': 8, 'ToPort': -1, 'IpRanges': [{'CidrIp': '10.0.0.0/8'}]}],
  'IpPermissionsEgress': [{'IpProtocol': '-1', 'IpRanges': [{'CidrIp': '0.0.0.0/0'}], 'Ipv6Ranges': [{'CidrIpv6': '::/0'}]}]},
 {'GroupId': 'sg-0dbs', 'VpcId': 'vpc-0aaa',
  'IpPermissions': [{'IpProtocol': 'tcp', 'FromPort': 5432, 'ToPort': 5432, 'UserIdGroupPairs': [{'GroupId': 'sg-0app'}]}],
  'IpPermissionsEgress': [{'IpProtocol': 'tcp', 'FromPort': 443, 'ToPort': 443, 'PrefixListIds': [{'PrefixListId': 'pl-0s3'}]}]},
 {'GroupId': 'sg-0rep', 'VpcId': 'vpc-0bbb',
  'IpPermissions': [{'IpProtocol': 'tcp', 'FromPort': 5432, 'ToPort': 5432, 'IpRanges': [{'CidrIp': '10.20.0.0/16'}]}],
  'IpPermissionsEgress': []},
 {'GroupId': 'sg-0prm', 'VpcId': 'vpc-0ccc',
  'IpPermissions': [{'IpProtocol': 'tcp', 'FromPort': 9090, 'ToPort': 9090, 'UserIdGroupPairs': [{'GroupId': 'sg-0app'}]}],
  'IpPermissionsEgress': []},
 {'GroupId': 'sg-0ecr', 'VpcId': 'vpc-0aaa',
  'IpPermissions': [{'IpProtocol': 'tcp', 'FromPort': 443, 'ToPort': 443, 'IpRanges': [{'CidrIp': '10.20.0.0/16'}]}],
  'IpPermissionsEgress': []}]}";

const SUBNETS: &str = "{'Subnets': [
 {'SubnetId': 'subnet-0pub', 'VpcId': 'vpc-0aaa', 'CidrBlock': '10.20.0.0/24', 'AvailabilityZone': 'eu-west-1a'},
 {'SubnetId': 'subnet-0pra', 'VpcId': 'vpc-0aaa', 'CidrBlock': '10.20.1.0/24', 'AvailabilityZone': 'eu-west-1a'},
 {'SubnetId': 'subnet-0prb', 'VpcId': 'vpc-0aaa', 'CidrBlock': '10.20.2.0/24', 'AvailabilityZone': 'eu-west-1b'},
 {'SubnetId': 'subnet-0bba', 'VpcId': 'vpc-0bbb', 'CidrBlock': '10.30.1.0/24', 'AvailabilityZone': 'eu-west-1a'},
 {'SubnetId': 'subnet-0cca', 'VpcId': 'vpc-0ccc', 'CidrBlock': '10.40.1.0/24', 'AvailabilityZone': 'eu-west-1a'}]}";

const VPCS: &str = "{'Vpcs': [
 {'VpcId': 'vpc-0aaa', 'CidrBlock': '10.20.0.0/16', 'CidrBlockAssociationSet': [{'CidrBlock': '10.20.0.0/16'}]},
 {'VpcId': 'vpc-0bbb', 'CidrBlock': '10.30.0.0/16', 'CidrBlockAssociationSet': [{'CidrBlock': '10.30.0.0/16'}]},
 {'VpcId': 'vpc-0ccc', 'CidrBlock': '10.40.0.0/16', 'CidrBlockAssociationSet': [{'CidrBlock': '10.40.0.0/16'}]}]}";

const ROUTES: &str = "{'RouteTables': [
 {'RouteTableId': 'rtb-0pub', 'VpcId': 'vpc-0aaa', 'Associations': [{'Main': false, 'SubnetId': 'subnet-0pub'}], 'Routes': [
  {'DestinationCidrBlock': '10.20.0.0/16', 'GatewayId': 'local', 'State': 'active'},
  {'DestinationIpv6CidrBlock': '2600:1f14:abc:de00::/56', 'GatewayId': 'local', 'State': 'active'},
  {'DestinationCidrBlock': '0.0.0.0/0', 'GatewayId': 'igw-0aaa', 'State': 'active'},
  {'DestinationIpv6CidrBlock': '::/0', 'GatewayId': 'igw-0aaa', 'State': 'active'}]},
 {'RouteTableId': 'rtb-0prv', 'VpcId': 'vpc-0aaa', 'Associations': [{'Main': true}], 'Routes': [
  {'DestinationCidrBlock': '10.20.0.0/16', 'GatewayId': 'local', 'State': 'active'},
  {'DestinationIpv6CidrBlock': '2600:1f14:abc:de00::/56', 'GatewayId': 'local', 'State': 'active'},
  {'DestinationCidrBlock': '10.30.0.0/16', 'TransitGatewayId': 'tgw-0aaa', 'State': 'active'},
  {'DestinationCidrBlock': '10.40.0.0/16', 'VpcPeeringConnectionId': 'pcx-0aaa', 'State': 'active'},
  {'DestinationPrefixListId': 'pl-0s3', 'GatewayId': 'vpce-0s3', 'State': 'active'},
  {'DestinationIpv6CidrBlock': '::/0', 'EgressOnlyInternetGatewayId': 'eigw-0aaa', 'State': 'active'},
  {'DestinationCidrBlock': '0.0.0.0/0', 'NatGatewayId': 'nat-0aaa', 'State': 'active'}]},
 {'RouteTableId': 'rtb-0bbb', 'VpcId': 'vpc-0bbb', 'Associations': [{'Main': true}], 'Routes': [
  {'DestinationCidrBlock': '10.30.0.0/16', 'GatewayId': 'local', 'State': 'active'},
  {'DestinationCidrBlock': '10.20.0.0/16', 'TransitGatewayId': 'tgw-0aaa', 'State': 'active'}]},
 {'RouteTableId': 'rtb-0ccc', 'VpcId': 'vpc-0ccc', 'Associations': [{'Main': true}], 'Routes': [
  {'DestinationCidrBlock': '10.40.0.0/16', 'GatewayId': 'local', 'State': 'active'},
  {'DestinationCidrBlock': '10.20.0.0/16', 'VpcPeeringConnectionId': 'pcx-0aaa', 'State': 'active'}]}]}";

const ACLS: &str = "{'NetworkAcls': [
 {'NetworkAclId': 'acl-0pub', 'VpcId': 'vpc-0aaa', 'Associations': [{'SubnetId': 'subnet-0pub'}], 'Entries': [
  {'Egress': false, 'RuleNumber': 100, 'Protocol': '6', 'PortRange': {'From': 443, 'To': 443}, 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'},
  {'Egress': false, 'RuleNumber': 110, 'Protocol': '-1', 'RuleAction': 'allow', 'CidrBlock': '10.20.0.0/16'},
  {'Egress': false, 'RuleNumber': 120, 'Protocol': '6', 'PortRange': {'From': 1024, 'To': 65535}, 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'},
  {'Egress': false, 'RuleNumber': 130, 'Protocol': '-1', 'RuleAction': 'allow', 'Ipv6CidrBlock': '::/0'},
  {'Egress': false, 'RuleNumber': 32767, 'Protocol': '-1', 'RuleAction': 'deny', 'CidrBlock': '0.0.0.0/0'},
  {'Egress': true, 'RuleNumber': 100, 'Protocol': '-1', 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'},
  {'Egress': true, 'RuleNumber': 130, 'Protocol': '-1', 'RuleAction': 'allow', 'Ipv6CidrBlock': '::/0'},
  {'Egress': true, 'RuleNumber': 32767, 'Protocol': '-1', 'RuleAction': 'deny', 'CidrBlock': '0.0.0.0/0'}]},
 {'NetworkAclId': 'acl-0prv', 'VpcId': 'vpc-0aaa', 'Associations': [{'SubnetId': 'subnet-0pra'}, {'SubnetId': 'subnet-0prb'}], 'Entries': [
  {'Egress': false, 'RuleNumber': 100, 'Protocol': '-1', 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'},
  {'Egress': false, 'RuleNumber': 101, 'Protocol': '-1', 'RuleAction': 'allow', 'Ipv6CidrBlock': '::/0'},
  {'Egress': false, 'RuleNumber': 32767, 'Protocol': '-1', 'RuleAction': 'deny', 'CidrBlock': '0.0.0.0/0'},
  {'Egress': true, 'RuleNumber': 100, 'Protocol': '-1', 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'},
  {'Egress': true, 'RuleNumber': 101, 'Protocol': '-1', 'RuleAction': 'allow', 'Ipv6CidrBlock': '::/0'},
  {'Egress': true, 'RuleNumber': 32767, 'Protocol': '-1', 'RuleAction': 'deny', 'CidrBlock': '0.0.0.0/0'}]},
 {'NetworkAclId': 'acl-0bbb', 'VpcId': 'vpc-0bbb', 'Associations': [{'SubnetId': 'subnet-0bba'}], 'Entries': [
  {'Egress': false, 'RuleNumber': 100, 'Protocol': '-1', 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'},
  {'Egress': true, 'RuleNumber': 100, 'Protocol': '-1', 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'}]},
 {'NetworkAclId': 'acl-0ccc', 'VpcId': 'vpc-0ccc', 'Associations': [{'SubnetId': 'subnet-0cca'}], 'Entries': [
  {'Egress': false, 'RuleNumber': 100, 'Protocol': '-1', 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'},
  {'Egress': true, 'RuleNumber': 100, 'Protocol': '-1', 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'}]}]}";

const TRANSIT_ATTACHMENTS: &str = "{'TransitGatewayAttachments': [
 {'TransitGatewayAttachmentId': 'tgw-attach-0aaa', 'TransitGatewayId': 'tgw-0aaa', 'ResourceType': 'vpc', 'ResourceId': 'vpc-0aaa',
  'State': 'available', 'Association': {'TransitGatewayRouteTableId': 'tgw-rtb-0aaa', 'State': 'associated'}},
 {'TransitGatewayAttachmentId': 'tgw-attach-0bbb', 'TransitGatewayId': 'tgw-0aaa', 'ResourceType': 'vpc', 'ResourceId': 'vpc-0bbb',
  'State': 'available', 'Association': {'TransitGatewayRouteTableId': 'tgw-rtb-0aaa', 'State': 'associated'}}]}";

const VPC_ATTACHMENTS: &str = "{'TransitGatewayVpcAttachments': [
 {'TransitGatewayAttachmentId': 'tgw-attach-0aaa', 'TransitGatewayId': 'tgw-0aaa', 'VpcId': 'vpc-0aaa', 'State': 'available',
  'SubnetIds': ['subnet-0pra', 'subnet-0prb']},
 {'TransitGatewayAttachmentId': 'tgw-attach-0bbb', 'TransitGatewayId': 'tgw-0aaa', 'VpcId': 'vpc-0bbb', 'State': 'available',
  'SubnetIds': ['subnet-0bba']}]}";

const TRANSIT_ROUTES: &str = "{'Routes': [
 {'DestinationCidrBlock': '10.20.0.0/16', 'Type': 'propagated', 'State': 'active',
  'TransitGatewayAttachments': [{'ResourceId': 'vpc-0aaa', 'TransitGatewayAttachmentId': 'tgw-attach-0aaa', 'ResourceType': 'vpc'}]},
 {'DestinationCidrBlock': '10.30.0.0/16', 'Type': 'propagated', 'State': 'active',
  'TransitGatewayAttachments': [{'ResourceId': 'vpc-0bbb', 'TransitGatewayAttachmentId': 'tgw-attach-0bbb', 'ResourceType': 'vpc'}]},
 {'DestinationCidrBlock': '10.30.9.0/24', 'Type': 'static', 'State': 'blackhole'}], 'AdditionalRoutesAvailable': false}";

const PEERINGS: &str = "{'VpcPeeringConnections': [
 {'VpcPeeringConnectionId': 'pcx-0aaa', 'Status': {'Code': 'active'},
  'RequesterVpcInfo': {'VpcId': 'vpc-0aaa', 'CidrBlock': '10.20.0.0/16'}, 'AccepterVpcInfo': {'VpcId': 'vpc-0ccc', 'CidrBlock': '10.40.0.0/16'}}]}";

const NATS: &str = "{'NatGateways': [
 {'NatGatewayId': 'nat-0aaa', 'VpcId': 'vpc-0aaa', 'SubnetId': 'subnet-0pub', 'State': 'available', 'ConnectivityType': 'public',
  'NatGatewayAddresses': [{'NetworkInterfaceId': 'eni-0nat', 'PrivateIp': '10.20.0.5', 'PublicIp': '198.51.100.5', 'IsPrimary': true}]}]}";

const GATEWAYS: &str = "{'InternetGateways': [
 {'InternetGatewayId': 'igw-0aaa', 'Attachments': [{'VpcId': 'vpc-0aaa', 'State': 'available'}]}]}";

const ENDPOINTS: &str = "{'VpcEndpoints': [
 {'VpcEndpointId': 'vpce-0s3', 'VpcEndpointType': 'Gateway', 'VpcId': 'vpc-0aaa', 'State': 'available',
  'ServiceName': 'com.amazonaws.eu-west-1.s3',
  'PolicyDocument': '{\\'Statement\\':[{\\'Effect\\':\\'Allow\\',\\'Principal\\':\\'*\\',\\'Action\\':\\'*\\',\\'Resource\\':\\'*\\'}]}'},
 {'VpcEndpointId': 'vpce-0ecr', 'VpcEndpointType': 'Interface', 'VpcId': 'vpc-0aaa', 'State': 'available',
  'ServiceName': 'com.amazonaws.eu-west-1.ecr.dkr', 'NetworkInterfaceIds': ['eni-0ecr'],
  'PolicyDocument': '{\\'Statement\\':[{\\'Effect\\':\\'Allow\\',\\'Principal\\':\\'*\\',\\'Action\\':\\'ecr:Get*\\',\\'Resource\\':\\'*\\'}]}'}]}";

const PREFIX_LISTS: &str = "{'PrefixLists': [
 {'PrefixListId': 'pl-0s3', 'PrefixListName': 'com.amazonaws.eu-west-1.s3', 'Cidrs': ['192.0.2.0/25', '203.0.113.0/24']}]}";

impl Lab {
    pub fn new() -> Self {
        let documents = [
            ("aws ec2 describe-network-interfaces", INTERFACES),
            ("aws ec2 describe-instances", INSTANCES),
            ("aws ec2 describe-security-groups", GROUPS),
            ("aws ec2 describe-subnets", SUBNETS),
            ("aws ec2 describe-vpcs", VPCS),
            ("aws ec2 describe-route-tables", ROUTES),
            ("aws ec2 describe-network-acls", ACLS),
            ("aws ec2 describe-transit-gateway-attachments", TRANSIT_ATTACHMENTS),
            ("aws ec2 describe-transit-gateway-vpc-attachments", VPC_ATTACHMENTS),
            (
                "aws ec2 search-transit-gateway-routes --transit-gateway-route-table-id tgw-rtb-0aaa --filters Name=state,Values=active,blackhole",
                TRANSIT_ROUTES,
            ),
            ("aws ec2 describe-vpc-peering-connections", PEERINGS),
            ("aws ec2 describe-nat-gateways", NATS),
            ("aws ec2 describe-internet-gateways", GATEWAYS),
            ("aws ec2 describe-vpc-endpoints", ENDPOINTS),
            ("aws ec2 describe-prefix-lists", PREFIX_LISTS),
        ]
        .map(|(command, text)| (command.to_owned(), json(text)));
        Self {
            documents: documents.to_vec(),
        }
    }

    /// The same with a fact changed: `was` stands once or more in the documents.
    pub fn edit(mut self, was: &str, is: &str) -> Self {
        let (was, is) = (json(was), json(is));
        let mut found = false;
        for (_, text) in &mut self.documents {
            if text.contains(&was) {
                *text = text.replacen(&was, &is, 1);
                found = true;
                break;
            }
        }
        assert!(found, "nothing says {was}");
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

    pub fn ask_by(&self, from: &str, to: &str, protocol: Protocol) -> Flow {
        let query = Query {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            protocol,
            at: None,
        };
        let analysis = self.analysis();
        between(&analysis.model(), &query).expect("a flow")
    }

    pub fn ask(&self, from: &str, to: &str) -> Flow {
        self.ask_by(from, to, Protocol::Tcp)
    }
}

/// The lines that a step cites, by the actor's name: what decided.
pub fn deciding(flow: &Flow) -> Option<(String, Vec<String>)> {
    let step = flow.steps().find(|step| step.verdict == Verdict::Blocked)?;
    Some((step.actor.name.clone(), vec![step.action.clone()]))
}

/// That a flow is stopped for a reason by somebody, on the way there (`false`) or back.
pub fn stopped(flow: &Flow, reason: Reason, actor: &str, back: bool) {
    let words: Vec<String> = flow
        .steps()
        .map(|step| format!("{} {}: {}", step.verdict.word(), step.actor.name, step.action))
        .collect();
    assert_eq!(flow.verdict, Verdict::Blocked, "{words:#?}");
    let outcome = &flow.outcomes[0];
    assert_eq!(outcome.reason, Some(reason), "{words:#?}");
    assert_eq!(
        deciding(flow).map(|(name, _)| name).as_deref(),
        Some(actor),
        "{words:#?}"
    );
    let on_the_way_back = outcome.back.as_ref().is_some_and(|way| way.reason == Some(reason));
    assert_eq!(on_the_way_back, back, "{words:#?}");
    let step = flow.steps().find(|step| step.verdict == Verdict::Blocked).unwrap();
    assert!(!step.evidence.is_empty(), "no line proves it: {words:#?}");
}

/// That a flow arrives.
pub fn arrives(flow: &Flow, verdict: Verdict, end: &str) {
    let words: Vec<String> = flow
        .steps()
        .map(|step| format!("{} {}: {}", step.verdict.word(), step.actor.name, step.action))
        .collect();
    assert_eq!(flow.verdict, verdict, "{words:#?}");
    assert_eq!(flow.outcomes[0].ends_at.as_deref(), Some(end), "{words:#?}");
    assert_eq!(flow.outcomes[0].reason, None, "{words:#?}");
}
