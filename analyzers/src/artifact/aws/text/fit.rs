//! Whether a printed word can be the value of a member, by the member's type and by what its name says of it: `VpcId` begins with `vpc-`.
//!
//! A word is only ever refused for what the APIs never print there.

use std::net::IpAddr;

use super::align::Fit;
use crate::artifact::aws::expected::Expected;
use crate::artifact::aws::shapes::{Kind, Shape};

/// What the ids of EC2 and its neighbours begin with (EC2 user guide, "Resource IDs"; EFS and ELB API references). The member's name ends
/// with the first.
const IDS: [(&str, &[&str]); 44] = [
    ("TransitGatewayAttachmentId", &["tgw-attach-"]),
    ("TransitGatewayRouteTableId", &["tgw-rtb-"]),
    ("TransitGatewayId", &["tgw-"]),
    ("AssociationRouteTableId", &["tgw-rtb-"]),
    ("RouteTableAssociationId", &["rtbassoc-"]),
    ("NetworkAclAssociationId", &["aclassoc-"]),
    ("VpcPeeringConnectionId", &["pcx-"]),
    ("EgressOnlyInternetGatewayId", &["eigw-"]),
    ("InternetGatewayId", &["igw-"]),
    ("CustomerGatewayId", &["cgw-"]),
    ("VpnGatewayId", &["vgw-"]),
    ("VpnConnectionId", &["vpn-"]),
    ("NatGatewayId", &["nat-"]),
    ("NetworkInterfaceId", &["eni-"]),
    ("NetworkAclId", &["acl-"]),
    ("RouteTableId", &["rtb-"]),
    ("SubnetId", &["subnet-"]),
    ("subnetId", &["subnet-"]),
    ("VpcEndpointId", &["vpce-"]),
    ("VpcId", &["vpc-"]),
    ("VPCId", &["vpc-"]),
    ("vpcId", &["vpc-"]),
    ("InstanceId", &["i-", "mi-"]),
    ("ReservationId", &["r-"]),
    ("SecurityGroupRuleId", &["sgr-"]),
    ("SecurityGroupId", &["sg-"]),
    ("VolumeId", &["vol-"]),
    ("SnapshotId", &["snap-"]),
    ("ImageId", &["ami-"]),
    ("AllocationId", &["eipalloc-"]),
    ("DhcpOptionsId", &["dopt-", "default"]),
    ("LaunchTemplateId", &["lt-"]),
    ("FlowLogId", &["fl-"]),
    ("PrefixListId", &["pl-"]),
    ("FileSystemId", &["fs-"]),
    ("MountTargetId", &["fsmt-"]),
    ("AccessPointId", &["fsap-"]),
    ("KernelId", &["aki-"]),
    ("RamdiskId", &["ari-"]),
    ("CapacityReservationId", &["cr-"]),
    ("SpotInstanceRequestId", &["sir-"]),
    ("AvailabilityZoneId", &[]),
    ("OwnerId", &[]),
    ("ownerId", &[]),
];

/// How a word fits the member `name`. A query makes a `None` of whatever is absent.
pub fn fit(name: &str, expected: &Expected, word: &str, queried: bool) -> Fit {
    // An element of a list that does not have the member; or an empty text.
    if word.is_empty() || (queried && word == "None") {
        return Fit::Plain;
    }
    match expected {
        Expected::Api(shape) => value(name, *shape, word),
        Expected::Unknown => Fit::Plain,
        _ => Fit::Not,
    }
}

/// `Telling` or not at all.
fn only(is: bool) -> Fit {
    if is { Fit::Telling } else { Fit::Not }
}

fn value(name: &str, shape: Shape, word: &str) -> Fit {
    match shape.kind() {
        Kind::Bool => only(matches!(word, "True" | "False")),
        Kind::Whole => only(is_number(word, false)),
        Kind::Number => only(is_number(word, true)),
        Kind::Time => only(is_time(word)),
        Kind::Text => shape.values().map_or_else(
            || text(name, word),
            |values| {
                // EC2 prints `windows` where its model says `Windows`.
                only(values.split(' ').any(|value| value.eq_ignore_ascii_case(word)))
            },
        ),
        _ => Fit::Not,
    }
}

fn is_number(word: &str, fraction: bool) -> bool {
    let digits = word.strip_prefix('-').unwrap_or(word);
    // Longer ones are serial numbers, which are texts.
    !digits.is_empty()
        && digits.split(['.', 'e', 'E']).all(|part| part.len() < 20)
        && digits.starts_with(|c: char| c.is_ascii_digit())
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (fraction && matches!(byte, b'.' | b'e' | b'E' | b'-' | b'+')))
}

/// ISO 8601, as all services but some print a time, or seconds since 1970.
fn is_time(word: &str) -> bool {
    let bytes = word.as_bytes();
    let date = bytes.len() >= 10
        && bytes.iter().take(10).enumerate().all(|(at, byte)| {
            if at == 4 || at == 7 {
                *byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        });
    date && matches!(bytes.get(10), None | Some(b'T' | b' '))
        || (is_number(word, true) && word.split('.').next().is_some_and(|seconds| seconds.len() < 14))
}

fn text(name: &str, word: &str) -> Fit {
    if matches!(word, "True" | "False") {
        // Python's words: the APIs' own texts say `true`.
        return Fit::Not;
    }
    if word.starts_with('{')
        && ["Name", "Id", "Type", "Status", "State", "Version"]
            .iter()
            .any(|end| name.ends_with(end))
    {
        // No name, id or value of a list of values may have a brace (the patterns in the API references).
        return Fit::Not;
    }
    if let Some((name, beginnings)) = IDS.iter().find(|(ending, _)| name.ends_with(ending)) {
        return only(match *name {
            "OwnerId" | "ownerId" => is_owner(word),
            "AvailabilityZoneId" => word.contains("-az") && word.ends_with(|c: char| c.is_ascii_digit()),
            _ => beginnings.iter().any(|beginning| word.starts_with(beginning)),
        });
    }
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if ends(&["RoleArn", "RoleARN", "roleArn"]) {
        only(word.starts_with("arn:") && word.contains("role"))
    } else if ends(&["Arn", "ARN", "StackId", "ChangeSetId"]) || name == "arn" {
        only(word.starts_with("arn:"))
    } else if ends(&["AvailabilityZone"]) || name == "ZoneName" {
        // eu-west-1a, us-west-2-lax-1a, us-east-1-wl1-bos-wlz-1
        let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        only(word.matches('-').count() > 1 && word.bytes().all(letters))
    } else if ends(&["CidrBlock", "CidrIp", "CidrIpv6", "CidrIpv4", "Cidr"]) {
        only(is_range(word))
    } else if ends(&["IpAddress", "PublicIp", "PrivateIp", "CarrierIp", "Ipv6Address"]) || name == "Ip" {
        only(word.parse::<IpAddr>().is_ok())
    } else if ends(&["DnsName", "DNSName"]) {
        only(word.contains('.') && !word.contains([' ', ':', '/']))
    } else if ends(&["Digest"]) {
        only(word.starts_with("sha256:"))
    } else if ends(&["MacAddress"]) {
        only(word.len() == 17 && word.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':'))
    } else if name == "InstanceType" {
        // t3.large, u-6tb1.56xlarge
        let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
        only(word.matches('.').count() == 1 && word.bytes().all(letters))
    } else {
        Fit::Plain
    }
}

fn is_range(word: &str) -> bool {
    word.split_once('/')
        .is_some_and(|(address, length)| address.parse::<IpAddr>().is_ok() && length.parse::<u8>().is_ok())
}

/// An account, or an alias as images of Amazon have it: `amazon`, `aws-marketplace`, `amazon-elb`.
fn is_owner(word: &str) -> bool {
    (word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_digit()))
        || word.starts_with("amazon")
        || word.starts_with("aws")
        || word == "AWS"
        || word == "self"
}

#[cfg(test)]
mod tests {
    use super::{Fit, fit};
    use crate::artifact::aws::expected::Expected;
    use crate::artifact::aws::shapes::operation;

    #[test]
    fn a_name_and_a_type_refuse_what_the_api_never_prints_there() {
        let answer = operation("ec2", "describe-subnets").unwrap().shape().unwrap();
        let subnet = answer.member("Subnets").unwrap().element().unwrap();
        let can = |name: &str, word: &str| {
            fit(name, &Expected::Api(subnet.member(name).unwrap()), word, false) == Fit::Telling
        };
        for (name, word, wanted) in [
            ("SubnetId", "subnet-0a1b2c3d4e5f60718", true),
            ("SubnetId", "vpc-0a1b2c3d4e5f60718", false),
            (
                "SubnetArn",
                "arn:aws:ec2:eu-west-1:123456789012:subnet/subnet-0a1b",
                true,
            ),
            ("SubnetArn", "subnet-0a1b", false),
            ("CidrBlock", "10.20.0.0/16", true),
            ("CidrBlock", "10.20.0.0", false),
            ("AvailabilityZone", "us-west-2-lax-1a", true),
            ("AvailabilityZone", "available", false),
            ("AvailabilityZoneId", "euw1-az3", true),
            ("AvailabilityZoneId", "eu-west-1a", false),
            ("OwnerId", "123456789012", true),
            ("OwnerId", "12345", false),
            ("MapPublicIpOnLaunch", "True", true),
            ("MapPublicIpOnLaunch", "true", false),
            ("AvailableIpAddressCount", "251", true),
            ("AvailableIpAddressCount", "a", false),
            ("State", "available", true),
            ("State", "True", false),
            ("State", "subnet-1", false),
        ] {
            assert_eq!(can(name, word), wanted, "{name} {word}");
        }
    }
}
