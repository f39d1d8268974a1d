//! Which members of a structure are always there: the service models say it of some (botocore's `required`), the API references and every
//! published answer of others.

use super::align::Presence;
use crate::artifact::aws::shapes::Shape;

/// Structures that have no other members than these, and the one of these that is always there: a range is its addresses, with or without a
/// description (EC2 API reference, `IpRange`, `Ipv6Range`, `PrefixListId`).
const PAIRS: [(&str, [&str; 2]); 5] = [
    ("CidrIp", ["CidrIp", "Description"]),
    ("CidrIpv6", ["CidrIpv6", "Description"]),
    ("PrefixListId", ["Description", "PrefixListId"]),
    ("Key", ["Key", "Value"]),
    ("Value", ["Key", "Value"]),
];

/// What tells a structure, and which of its members are always there.
struct Always {
    service: &'static str,
    told_by: &'static [&'static str],
    members: &'static [&'static str],
}

const fn always(service: &'static str, told_by: &'static [&'static str], members: &'static [&'static str]) -> Always {
    Always {
        service,
        told_by,
        members,
    }
}

/// By the API references of EC2, CloudFormation, IAM, EKS, ELB, ECR, SSM, CloudTrail, CloudWatch and CloudWatch Logs: what was made has the
/// name and the time that it was made with, and a default is shown, too.
const STRUCTURES: [Always; 27] = [
    always(
        "ec2",
        &["FromPort", "IpProtocol", "IpRanges", "ToPort"],
        &["IpProtocol"],
    ),
    always("ec2", &["CreateTime", "NatGatewayId"], &["CreateTime", "State"]),
    always(
        "ec2",
        &["MapPublicIpOnLaunch", "SubnetId"],
        &["DefaultForAz", "MapPublicIpOnLaunch", "State"],
    ),
    always(
        "ec2",
        &["AmiLaunchIndex", "EbsOptimized", "LaunchTime"],
        &["EbsOptimized", "LaunchTime"],
    ),
    always(
        "ec2",
        &["AttachTime", "DeleteOnTermination", "DeviceIndex"],
        &["DeviceIndex", "Status"],
    ),
    always(
        "ec2",
        &["Encrypted", "MultiAttachEnabled", "VolumeId"],
        &["CreateTime", "Encrypted", "Size", "VolumeType"],
    ),
    always("ec2", &["PrivateDnsEnabled", "VpcEndpointId"], &["ServiceName"]),
    always("ec2", &["OptInStatus", "ZoneName"], &["RegionName", "ZoneName"]),
    always(
        "ec2",
        &["LaunchTemplateName", "VersionNumber"],
        &["LaunchTemplateName", "VersionNumber"],
    ),
    always("ec2", &["FlowLogId", "FlowLogStatus"], &["FlowLogStatus"]),
    always(
        "cloudformation",
        &["ParameterKey", "ParameterValue", "ResolvedValue"],
        &["ParameterKey", "ParameterValue"],
    ),
    always(
        "cloudformation",
        &["ExportName", "OutputKey", "OutputValue"],
        &["OutputKey", "OutputValue"],
    ),
    always(
        "cloudformation",
        &["CreationTime", "StackId", "StackStatus"],
        &["CreationTime", "DisableRollback"],
    ),
    always("iam", &["Arn", "CreateDate", "Path"], &["Arn", "CreateDate", "Path"]),
    always("eks", &["arn", "createdAt", "status"], &["createdAt"]),
    always("eks", &["arn", "endpoint", "platformVersion"], &["name"]),
    always(
        "eks",
        &["nodegroupArn", "nodegroupName"],
        &["clusterName", "createdAt", "nodegroupName"],
    ),
    always(
        "eks",
        &["associationArn", "serviceAccount"],
        &[
            "associationArn",
            "associationId",
            "clusterName",
            "namespace",
            "serviceAccount",
        ],
    ),
    always("eks", &["associationArn", "roleArn", "serviceAccount"], &["roleArn"]),
    always(
        "ecr",
        &["registryId", "repositoryArn", "repositoryUri"],
        &["repositoryArn", "repositoryName"],
    ),
    always("elbv2", &["CreatedTime", "DNSName"], &["CreatedTime"]),
    always(
        "ecr",
        &["imageDigest", "imagePushedAt", "imageSizeInBytes"],
        &["imageDigest", "imagePushedAt", "registryId", "repositoryName"],
    ),
    always(
        "ssm",
        &["LastModifiedDate", "Selector", "Value"],
        &["Name", "Type", "Value", "Version"],
    ),
    always(
        "cloudtrail",
        &["S3BucketName", "TrailARN"],
        &["Name", "S3BucketName", "TrailARN"],
    ),
    always(
        "cloudwatch",
        &["AlarmName", "EvaluationPeriods", "StateUpdatedTimestamp"],
        &["AlarmArn", "AlarmName", "StateUpdatedTimestamp", "StateValue"],
    ),
    always(
        "logs",
        &["logGroupName", "metricFilterCount", "storedBytes"],
        &["creationTime", "logGroupName", "metricFilterCount", "storedBytes"],
    ),
    always(
        "logs",
        &["logStreamName", "uploadSequenceToken"],
        &["creationTime", "logStreamName"],
    ),
];

/// Whether a member of a structure can be absent.
pub fn presence(shape: Shape, name: &str, member: Shape) -> Presence {
    let has = |members: &[&str]| members.iter().all(|member| shape.member(member).is_some());
    let always = member.required()
        || PAIRS
            .iter()
            .any(|(always, members)| *always == name && has(members) && shape.members().count() == 2)
        || STRUCTURES.iter().any(|structure| {
            structure.service == shape.service() && structure.members.contains(&name) && has(structure.told_by)
        });
    if always { Presence::Always } else { Presence::Optional }
}

#[cfg(test)]
mod tests {
    use crate::artifact::aws::shapes::{Shape, operation};
    use crate::artifact::aws::text::align::Presence::{Always, Optional};

    fn element(service: &str, name: &str, member: &str) -> Shape {
        let answer = operation(service, name).unwrap().shape().unwrap();
        answer.member(member).unwrap().element().unwrap()
    }

    #[test]
    fn defaults_are_shown_and_descriptions_may_be_absent() {
        let presence = |shape: Shape, name: &str| super::presence(shape, name, shape.member(name).unwrap());
        let subnet = element("ec2", "describe-subnets", "Subnets");
        assert_eq!(presence(subnet, "MapPublicIpOnLaunch"), Always);
        assert_eq!(presence(subnet, "EnableDns64"), Optional);
        let group = element("ec2", "describe-security-groups", "SecurityGroups");
        let range = group.member("IpPermissions").unwrap().element().unwrap();
        let range = range.member("IpRanges").unwrap().element().unwrap();
        assert_eq!(presence(range, "CidrIp"), Always);
        assert_eq!(presence(range, "Description"), Optional);
        // By the service's model.
        let scaling = element("autoscaling", "describe-auto-scaling-groups", "AutoScalingGroups");
        assert_eq!(presence(scaling, "DesiredCapacity"), Always);
        assert_eq!(presence(scaling, "PlacementGroup"), Optional);
    }

    #[test]
    fn every_rule_names_members_that_there_are() {
        for structure in &super::STRUCTURES {
            assert!(!structure.members.is_empty() && !structure.told_by.is_empty());
            assert!(structure.told_by.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
