//! Whether a printed word can be the value of a member, by the member's type and by what its name says of it: `VpcId` begins with `vpc-`.
//!
//! A word is only ever refused for what the APIs never print there.

use std::net::{IpAddr, Ipv4Addr};

use super::align::Fit;
use crate::artifact::aws::expected::Expected;
use crate::artifact::aws::shapes::{Kind, Shape};

/// What the ids of EC2 and its neighbours begin with (EC2 user guide, "Resource IDs"; EFS and ELB API references). The member's name ends
/// with the first.
const IDS: [(&str, &[&str]); 55] = [
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
    ("securityGroupId", &["sg-"]),
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
    ("CapacityBlockId", &["cb-"]),
    ("CarrierGatewayId", &["cagw-"]),
    ("LocalGatewayId", &["lgw-"]),
    ("PublicIpv4Pool", &["amazon", "ipv4pool-"]),
    ("CustomerOwnedIpv4Pool", &["ipv4pool-coip-"]),
    ("RoleId", &["AROA"]),
    ("InstanceProfileId", &["AIPA"]),
    ("IpId", &["rni-"]),
    ("HostVPCId", &["vpc-"]),
    ("registryId", &[]),
    ("SpotInstanceRequestId", &["sir-"]),
    ("AvailabilityZoneId", &[]),
    ("OwnerId", &[]),
    ("ownerId", &[]),
];

/// What the values of a member begin with, by its service and its whole name (the API references' examples and patterns).
const BEGINNINGS: [(&str, &str, &[&str]); 20] = [
    ("ec2", "GatewayId", &["igw-", "vgw-", "vpce-", "local"]),
    ("ec2", "GroupId", &["sg-", "pg-"]),
    (
        "ec2",
        "AssociationId",
        &[
            "eipassoc-",
            "subnet-cidr-assoc-",
            "vpc-cidr-assoc-",
            "rtbassoc-",
            "iip-assoc-",
        ],
    ),
    ("ec2", "AddressFamily", &["IPv"]),
    ("ec2", "ServiceId", &["vpce-svc-"]),
    ("autoscaling", "VPCZoneIdentifier", &["subnet-"]),
    ("autoscaling", "LifecycleTransition", &["autoscaling:"]),
    ("eks", "endpoint", &["https://"]),
    ("eks", "platformVersion", &["eks."]),
    (
        "acm",
        "CertificateAuthorityArn",
        &["arn:aws:acm-pca:", "arn:aws-cn:acm-pca:", "arn:aws-us-gov:acm-pca:"],
    ),
    (
        "acm",
        "CertificateArn",
        &["arn:aws:acm:", "arn:aws-cn:acm:", "arn:aws-us-gov:acm:"],
    ),
    (
        "cloudtrail",
        "TrailARN",
        &[
            "arn:aws:cloudtrail:",
            "arn:aws-cn:cloudtrail:",
            "arn:aws-us-gov:cloudtrail:",
        ],
    ),
    (
        "cloudtrail",
        "SnsTopicARN",
        &["arn:aws:sns:", "arn:aws-cn:sns:", "arn:aws-us-gov:sns:"],
    ),
    (
        "cloudtrail",
        "CloudWatchLogsLogGroupArn",
        &["arn:aws:logs:", "arn:aws-cn:logs:", "arn:aws-us-gov:logs:"],
    ),
    (
        "cloudwatch",
        "ExtendedStatistic",
        &["p", "tm", "tc", "ts", "wm", "PR", "TM", "TC", "TS", "WM", "IQM"],
    ),
    ("elb", "SSLCertificateId", &["arn:"]),
    ("iam", "Path", &["/"]),
    ("iam", "DefaultVersionId", &["v"]),
    ("iam", "PolicyDocument", &["{", "%7B"]),
    ("route53resolver", "ResolverEndpointId", &["rslvr-"]),
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
            || text(shape.service(), name, word),
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
    // Longer ones are serial numbers, which are texts; and no number begins with a zero.
    !digits.is_empty()
        && (!digits.starts_with('0') || digits.len() == 1 || digits.starts_with("0."))
        && digits.split(['.', 'e', 'E']).all(|part| part.len() < 20)
        && digits.starts_with(|c: char| c.is_ascii_digit())
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (fraction && matches!(byte, b'.' | b'e' | b'E' | b'-' | b'+')))
}

/// ISO 8601, as all services but some print a time, or seconds or milliseconds since 1970 (from 1973 on).
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
    date && matches!(bytes.get(10), None | Some(b'T' | b' ')) && !word.get(11..).unwrap_or_default().contains(' ')
        || (is_number(word, true)
            && word
                .split('.')
                .next()
                .is_some_and(|seconds| matches!(seconds.len(), 9 | 10 | 13)))
}

fn text(service: &str, name: &str, word: &str) -> Fit {
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
    if word.contains('\n') && !may_have_lines(name) {
        return Fit::Not;
    }
    if let Some((.., beginnings)) = BEGINNINGS
        .iter()
        .find(|(of, known, _)| *of == service && *known == name)
    {
        return only(beginnings.iter().any(|beginning| word.starts_with(beginning)));
    }
    match (service, name) {
        // The other side's account in a rule; IAM and STS have ids of their own under that name.
        ("ec2", "UserId") => return only(is_owner(word)),
        // A security group's name cannot begin so (EC2 API reference, CreateSecurityGroup).
        ("ec2", "GroupName") if word.starts_with("sg-") => return Fit::Not,
        // `ec2-203-0-113-7.compute-1.amazonaws.com`; private names end as the VPC's DHCP options say.
        ("ec2", "PublicDnsName") if !word.contains("amazonaws.com") && word.contains('.') => return Fit::Plain,
        ("ec2", "PrivateDnsName") if word.contains("compute.amazonaws.com") => return Fit::Not,
        // A VPC may use any range of addresses; the internet knows none of the private ones.
        ("ec2", "PublicIp" | "PublicIpAddress") if is_private(word) => return Fit::Not,
        ("ecr", "repositoryUri") => return only(word.contains(".dkr") && word.contains('/')),
        ("elbv2", "GrpcCode") if word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_digit()) => return Fit::Not,
        ("route53resolver", "CreationTime" | "ModificationTime") => return only(is_time(word)),
        _ => {}
    }
    if let Some((name, beginnings)) = IDS.iter().find(|(ending, _)| name.ends_with(ending)) {
        if word.contains(' ') {
            return Fit::Not;
        }
        return only(match *name {
            "OwnerId" | "ownerId" | "registryId" => is_owner(word),
            // Services have ids of their own: `vpce-svc-`.
            "VpcEndpointId" => word.starts_with("vpce-") && !word.starts_with("vpce-svc-"),
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
        only(is_range(word) && version_agrees(name, word))
    } else if ends(&["IpAddress", "PublicIp", "PrivateIp", "CarrierIp", "Ipv6Address"]) || name == "Ip" {
        only(word.parse::<IpAddr>().is_ok() && version_agrees(name, word))
    } else if ends(&["DnsName", "DNSName"]) {
        only(word.contains('.') && !word.contains([' ', ':', '/']) && word.parse::<IpAddr>().is_err())
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

/// Members that say the version in their names have that one; where the API has a member of its own for version 6, the other one has
/// version 4. A range without a word of it (`Cidr`, `RemoteIpv4NetworkCidr` is one with it) may have either.
fn version_agrees(name: &str, word: &str) -> bool {
    let six = word.contains(':');
    let name = name.to_ascii_lowercase();
    if name.contains("ipv6") {
        return six;
    }
    let four = name.contains("ipv4")
        || [
            "cidrip",
            "privateipaddress",
            "publicip",
            "privateip",
            "carrierip",
            "destinationcidrblock",
        ]
        .iter()
        .any(|known| name.ends_with(known));
    !six || !four
}

/// Whether an address is of a range that is not routed on the internet (RFC 1918; RFC 6598 for carriers).
fn is_private(word: &str) -> bool {
    word.parse::<Ipv4Addr>().is_ok_and(|address| {
        let [first, second, ..] = address.octets();
        address.is_private() || (first == 100 && (64..128).contains(&second))
    })
}

/// Whether a member's text is one that somebody wrote or a program printed, so that it may have several lines.
fn may_have_lines(name: &str) -> bool {
    const ENDINGS: [&str; 21] = [
        "policy",
        "policytext",
        "document",
        "manifest",
        "body",
        "description",
        "value",
        "output",
        "message",
        "content",
        "comment",
        "reason",
        "reasondata",
        "configuration",
        "certificate",
        "certificatechain",
        "string",
        "userdata",
        "event",
        "cause",
        "schema",
    ];
    let name = name.to_ascii_lowercase();
    ENDINGS.iter().any(|ending| name.ends_with(ending))
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
    fn a_services_own_names_refuse_what_it_never_prints_there() {
        let of = |service: &str, operation: &str, way: &[&str], word: &str| {
            let answer = crate::artifact::aws::shapes::operation(service, operation).unwrap();
            let mut shape = answer.shape().unwrap();
            for name in way {
                shape = shape.member(name).unwrap();
                shape = shape.element().unwrap_or(shape);
            }
            fit(way.last().unwrap(), &Expected::Api(shape), word, false)
        };
        let route = |name: &str, word: &str| of("ec2", "describe-route-tables", &["RouteTables", "Routes", name], word);
        for (name, word, wanted) in [
            ("GatewayId", "local", Fit::Telling),
            ("GatewayId", "igw-0a1b2c3d4e5f60718", Fit::Telling),
            ("GatewayId", "0.0.0.0/0", Fit::Not),
            ("CarrierGatewayId", "local", Fit::Not),
            ("DestinationCidrBlock", "10.0.0.0/8", Fit::Telling),
            ("DestinationCidrBlock", "2001:db8::/32", Fit::Not),
            ("DestinationIpv6CidrBlock", "10.0.0.0/8", Fit::Not),
            ("DestinationIpv6CidrBlock", "::/0", Fit::Telling),
        ] {
            assert_eq!(route(name, word), wanted, "{name} {word}");
        }
        let image = |name: &str, word: &str| of("ecr", "describe-images", &["imageDetails", name], word);
        assert_eq!(image("imagePushedAt", "1790000000.0"), Fit::Telling);
        assert_eq!(image("imagePushedAt", "123456789012"), Fit::Not);
        assert_eq!(image("registryId", "012345678910"), Fit::Telling);
        let endpoint = |word: &str| {
            of(
                "ec2",
                "describe-vpc-endpoints",
                &["VpcEndpoints", "VpcEndpointId"],
                word,
            )
        };
        assert_eq!(endpoint("vpce-0a1b2c3d4e5f60718"), Fit::Telling);
        assert_eq!(endpoint("vpce-svc-0a1b2c3d4e5f60718"), Fit::Not);
    }

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
            ("AvailableIpAddressCount", "0", true),
            ("AvailableIpAddressCount", "012345678910", false),
        ] {
            assert_eq!(can(name, word), wanted, "{name} {word}");
        }
    }
}
