//! Texts as aws-cli 1.45 prints them (of a local moto_server).

use crate::artifact::testing::read;

const VPCS: &str = include_str!("../../../../../tests/samples/aws-text/vpcs.txt");
const INSTANCES: &str = include_str!("../../../../../tests/samples/aws-text/instances.txt");
const GROUPS: &str = include_str!("../../../../../tests/samples/aws-text/security-groups.txt");
const CLUSTER: &str = include_str!("../../../../../tests/samples/aws-text/cluster.txt");
const CALLER: &str = include_str!("../../../../../tests/samples/aws-text/caller.txt");
const ROLE: &str = include_str!("../../../../../tests/samples/aws-text/role.txt");

#[test]
fn words_that_can_be_one_member_only_get_its_name() {
    let read = read(VPCS);
    read.is("aws-text");
    assert_eq!(read.count("/Vpcs"), 3);
    assert_eq!(read.at("/Vpcs/1/CidrBlock"), "10.20.0.0/16");
    assert_eq!(read.at("/Vpcs/1/IsDefault"), "false");
    assert_eq!(
        read.at("/Vpcs/1/CidrBlockAssociationSet/0/CidrBlockState/State"),
        "associated"
    );
    assert_eq!(read.at("/Vpcs/1/Tags/0"), r#"{"Key":"Name","Value":"shop"}"#);
    assert_eq!(read.shown("/Vpcs/1/Tags/0/Value"), "shop");
    assert!(!read.complete());
}

#[test]
fn members_with_one_name_in_two_places_are_put_where_they_belong() {
    let read = read(INSTANCES);
    let at = |pointer: &str| read.at(&format!("/Reservations/0/Instances/0{pointer}"));
    assert_eq!(read.count("/Reservations/0/Instances"), 2);
    assert_eq!(at("/InstanceType"), "t3.large");
    assert_eq!(at("/NetworkInterfaces/0/Association/PublicIp"), "54.214.233.28");
    assert_eq!(
        at("/NetworkInterfaces/0/PrivateIpAddresses/0/Association/PublicIp"),
        "54.214.233.28"
    );
    assert_eq!(at("/SecurityGroups/1/GroupId"), "sg-cd00711267f90eb67");
    assert_eq!(at("/State"), r#"{"Code":16,"Name":"running"}"#);
    assert_eq!(at("/Tags/1/Key"), "eks:cluster-name");
}

#[test]
fn a_range_is_never_taken_for_its_description() {
    let read = read(GROUPS);
    let ranges = "/SecurityGroups/2/IpPermissions/0/IpRanges";
    assert_eq!(
        read.at(ranges),
        r#"[{"CidrIp":"10.0.0.0/8","Description":"inside"},{"CidrIp":"192.168.0.0/16"}]"#
    );
    assert_eq!(read.at("/SecurityGroups/2/IpPermissions/1/FromPort"), "10250");
    assert_eq!(
        read.at("/SecurityGroups/3/IpPermissions/1"),
        r#"{"IpProtocol":"-1","Ipv6Ranges":[{"CidrIpv6":"2001:db8::/32"}]}"#
    );
    assert_eq!(read.at("/SecurityGroups/2/IpPermissionsEgress/0/IpProtocol"), "-1");
}

#[test]
fn structures_without_scalars_have_no_line() {
    let read = read(CLUSTER);
    assert_eq!(read.count("/cluster/logging/clusterLogging"), 1);
    assert_eq!(read.at("/cluster/logging/clusterLogging/0/types/1"), "audit");
    assert_eq!(read.count("/cluster/resourcesVpcConfig/subnetIds"), 2);
    assert_eq!(read.at("/cluster/resourcesVpcConfig/vpcId"), "vpc-0a1b2c3d4e5f60718");
    assert_eq!(
        read.at("/cluster/identity/oidc/issuer"),
        "https://oidc.eks.eu-west-1.amazonaws.com/id/lJJrTVJK5k"
    );
}

#[test]
fn the_roots_words_have_no_name_in_front() {
    let read = read(CALLER);
    assert_eq!(read.at("/Account"), "123456789012");
    assert_eq!(read.at("/Arn"), "arn:aws:sts::123456789012:user/moto");
    assert_eq!(read.at("/UserId"), "AKIAIOSFODNN7EXAMPLE");
    assert_eq!(read.kind(), "aws/sts/get-caller-identity");
}

#[test]
fn a_decoded_policy_keeps_its_words_and_what_follows_its_place() {
    let text = "$ aws iam get-role --role-name r --output text\n\
        ROLE\tarn:aws:iam::123456789012:role/r\t2026-01-02T03:04:05Z\t3600\t/\tAROARZPUZDIKMHZ6MIDT5\tr\n\
        ASSUMEROLEPOLICYDOCUMENT\t2012-10-17\n\
        STATEMENT\tsts:AssumeRole\tAllow\n\
        PRINCIPAL\tec2.amazonaws.com\n\
        TAGS\tteam\tshop\n";
    let read = read(text);
    assert_eq!(read.at("/Role/Arn"), "arn:aws:iam::123456789012:role/r");
    assert_eq!(read.at("/Role/Tags/0/Value"), "shop");
    assert_eq!(
        read.at("/Role/AssumeRolePolicyDocument/--text/1"),
        r#"["STATEMENT","sts:AssumeRole","Allow"]"#
    );
    assert!(
        self::read(ROLE)
            .problems
            .iter()
            .any(|problem| problem.contains("--output json"))
    );
}

#[test]
fn what_could_be_several_fields_has_no_name() {
    // Platform or PlatformDetails, KernelId or KeyName: the text does not tell.
    let text = "$ aws ec2 describe-key-pairs --output text\nKEYPAIRS\tblue\n";
    let read = read(text);
    read.is("aws-text");
    assert_eq!(read.at("/KeyPairs/0/KeyName"), "");
    assert_eq!(read.at("/KeyPairs/0/--text"), r#"["blue"]"#);
    assert_eq!(read.problems.len(), 1);
}

#[test]
fn a_line_that_can_belong_to_two_places_belongs_to_none() {
    // The launch template of the last instance, or of the group.
    let text = "$ aws autoscaling describe-auto-scaling-groups --output text\n\
        AUTOSCALINGGROUPS\tarn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:1:autoScalingGroupName/blue\tblue\t2026-01-02T03:04:05Z\t300\t2\t0\tEC2\t3\t1\tFalse\tarn:aws:iam::123456789012:role/x\tsubnet-1,subnet-2\n\
        AVAILABILITYZONES\teu-west-1a\n\
        INSTANCES\teu-west-1a\tHealthy\ti-0123456789abcdef0\tInService\tFalse\n\
        LAUNCHTEMPLATE\tlt-0123456789abcdef0\tblue\t1\n\
        TAGS\tk8s.io/cluster-autoscaler/enabled\tTrue\tblue\tauto-scaling-group\ttrue\n";
    let read = read(text);
    assert_eq!(
        read.at("/AutoScalingGroups/0/Instances/0/InstanceId"),
        "i-0123456789abcdef0"
    );
    assert_eq!(read.at("/AutoScalingGroups/0/Instances/0/LaunchTemplate"), "");
    assert_eq!(read.at("/AutoScalingGroups/0/LaunchTemplate"), "");
    assert_eq!(read.at("/AutoScalingGroups/0/Tags/0/PropagateAtLaunch"), "true");
    assert!(read.problems.iter().any(|problem| problem.contains("LAUNCHTEMPLATE")));
}

#[test]
fn what_follows_an_unknown_structure_is_not_taken_for_its_owners() {
    let text = "$ aws ec2 describe-vpcs --output text\n\
        VPCS\t10.20.0.0/16\tdefault\tdefault\tFalse\t123456789012\tavailable\tvpc-0123456789abcdef0\n\
        QUANTUMSETTINGS\tx\n\
        TAGS\tinner\t1\n\
        VPCS\t10.30.0.0/16\tdefault\tdefault\tFalse\t123456789012\tavailable\tvpc-0123456789abcdef1\n\
        TAGS\tName\tb\n";
    let read = read(text);
    assert_eq!(read.at("/Vpcs/0/Tags"), "");
    assert_eq!(read.at("/Vpcs/1/Tags/0/Value"), "b");
    assert_eq!(
        read.problems
            .iter()
            .filter(|problem| problem.contains("belongs"))
            .count(),
        2
    );
}

#[test]
fn parts_of_an_answer_and_the_token_are_read() {
    let text =
        "$ aws eks list-clusters --max-items 2 --output text\nCLUSTERS\tshop\nCLUSTERS\tpay\nNEXTTOKEN\teyJuZXh0\n";
    let read = read(text);
    assert_eq!(read.at("/clusters"), r#"["shop","pay"]"#);
    assert_eq!(read.at("/NextToken"), "eyJuZXh0");
}

#[test]
fn without_the_command_the_first_line_tells() {
    let text = VPCS.split_once('\n').unwrap().1;
    let vpcs = read(text);
    vpcs.is("aws-text");
    assert_eq!(vpcs.kind(), "aws/ec2/describe-vpcs");
    assert_eq!(vpcs.at("/Vpcs/0/OwnerId"), "123456789012");
    for text in [
        "NAME\tREADY\tSTATUS\nweb\t1/1\tRunning\n",
        "a\tb\n",
        "ERROR\tsomething failed\n",
    ] {
        assert_ne!(read(text).format, "aws-text", "{text}");
    }
}

#[test]
fn without_the_command_a_name_of_an_answer_tells_though_not_every_word_has_one() {
    for (text, kind, pointer, value) in [
        // Three truth values of which none can be named.
        (
            "SUBNETS\tFalse\teu-west-1b\teuw1-az1\t87\t10.9.1.0/24\tFalse\tFalse\tFalse\t444455556666\tavailable\tsubnet-0c1b2c3d4e5f60718\tvpc-0c1b2c3d4e5f60718\n\
             PRIVATEDNSNAMEOPTIONSONLAUNCH\tTrue\tip-name\nTAGS\tName\tblue\n",
            "aws/ec2/describe-subnets",
            "/Subnets/0/Tags/0/Value",
            "blue",
        ),
        (
            "TARGETHEALTHDESCRIPTIONS\t8443\nTARGET\teu-west-1b\t10.9.1.17\t8443\nTARGETHEALTH\thealthy\n",
            "aws/elbv2/describe-target-health",
            "/TargetHealthDescriptions/0/Target/Id",
            "10.9.1.17",
        ),
        (
            "444455556666\tarn:aws:sts::444455556666:assumed-role/ops/mia\tAROAEXAMPLEEXAMPLE1:mia\n",
            "aws/sts/get-caller-identity",
            "/UserId",
            "AROAEXAMPLEEXAMPLE1:mia",
        ),
        (
            "CLUSTERS\tblue\nCLUSTERS\tgreen\n",
            "aws/eks/list-clusters",
            "/clusters/1",
            "green",
        ),
        (
            "STACKEVENTS\tblue-1\tNodeRole\tblue-NodeRole-1\tCREATE_FAILED\tNo rights.  Ask\tAWS::IAM::Role\tarn:aws:cloudformation:eu-west-1:444455556666:stack/blue/1\tblue\t2026-02-03T04:05:06.007000+00:00\n",
            "aws/cloudformation/describe-stack-events",
            "/StackEvents/0/ResourceStatus",
            "CREATE_FAILED",
        ),
    ] {
        let read = read(text);
        read.is("aws-text");
        assert_eq!(read.kind(), kind);
        assert_eq!(read.at(pointer), value);
        assert_eq!(read.things(), 1 + usize::from(value == "green"));
    }
}

#[test]
fn an_answer_does_not_begin_inside_of_one_that_is_not_known() {
    for text in [
        "WIDGETS\t12\tblue\nTAGS\tName\tblue\n",
        "WIDGETS\t12\tblue\nSUBNETS\teu-west-1b\tsubnet-0c1b2c3d4e5f60718\nTAGS\tName\tblue\n",
        "TAGS\tName\tblue\n",
        "CLUSTERS\tNODES\nblue\t3\n",
        "EVENTS\tTODAY\tTOMORROW\n",
    ] {
        let read = read(text);
        assert!(!read.formats().contains(&"aws-text"), "{text}");
    }
}

#[test]
fn blanks_that_a_terminal_showed_for_tabs() {
    // `VPCS` and the CIDR block reach to the stops 8 and 24; an empty word is a stop more.
    let text = "$ aws ec2 describe-security-groups --output text\n\
        SECURITYGROUPS  nodes of shop   sg-0123456789abcdef0    shop    123456789012    vpc-0123456789abcdef0\n\
        IPPERMISSIONS   443     tcp     443\n\
        IPRANGES        10.0.0.0/8      inside\n\
        IPPERMISSIONS           -1\n";
    let read = read(text);
    read.is("aws-text");
    assert_eq!(read.at("/SecurityGroups/0/VpcId"), "vpc-0123456789abcdef0");
    assert_eq!(read.at("/SecurityGroups/0/GroupName"), "shop");
    assert_eq!(read.at("/SecurityGroups/0/Description"), "nodes of shop");
    assert_eq!(read.at("/SecurityGroups/0/IpPermissions/0/ToPort"), "443");
    assert_eq!(
        read.at("/SecurityGroups/0/IpPermissions/0/IpRanges/0"),
        r#"{"CidrIp":"10.0.0.0/8","Description":"inside"}"#
    );
}

/// As a terminal shows it: blanks up to the next of the stops that are eight columns apart.
fn shown(text: &str) -> String {
    let mut found = String::new();
    for line in text.lines() {
        let mut column = 0;
        for c in line.chars() {
            let to = if c == '\t' { (column / 8 + 1) * 8 } else { column + 1 };
            found.push_str(
                &(if c == '\t' {
                    " ".repeat(to - column)
                } else {
                    c.to_string()
                }),
            );
            column = to;
        }
        found.truncate(found.trim_end().len());
        found.push('\n');
    }
    found
}

#[test]
fn a_single_blank_before_a_tab_stop_is_a_tab_where_the_shape_says_so() {
    // Names of 7 and 15 letters, an id of 15, an account after a word of 23 letters.
    let text = shown(
        "$ aws ec2 describe-volumes --output text\n\
        VOLUMES\teu-west-1b\t2026-02-03T04:05:06.007000+00:00\tTrue\tarn:aws:kms:eu-west-1:444455556666:key/1\tFalse\t30\tin-use\tvol-0c1b2c3d4e5f60718\tgp3\n\
        ATTACHMENTS\t2026-02-03T04:05:07+00:00\tTrue\t/dev/xvda\ti-0c1b2c3d4e5f60718\tattached\tvol-0c1b2c3d4e5f60718\n\
        VOLUMES\teu-west-1c\t2026-02-03T04:05:06.007000+00:00\tTrue\tarn:aws:kms:eu-west-1:444455556666:key/1\tFalse\t31\tavailable\tvol-0c1b2c3d4e5f60719\tgp3\n",
    );
    assert!(text.contains("\nVOLUMES eu-west-1b"));
    let volumes = read(&text);
    volumes.is("aws-text");
    assert_eq!(volumes.count("/Volumes"), 2);
    assert_eq!(volumes.things(), 2);
    assert_eq!(volumes.at("/Volumes/0/Size"), "30");
    assert_eq!(volumes.at("/Volumes/1/AvailabilityZone"), "eu-west-1c");
    assert_eq!(volumes.at("/Volumes/0/Attachments/0/InstanceId"), "i-0c1b2c3d4e5f60718");
    let records = read(&shown(
        "$ aws route53 list-resource-record-sets --hosted-zone-id Z1 --output text\n\
        RESOURCERECORDSETS\tshop.internal.\t300\tA\n\
        RESOURCERECORDS\t10.9.8.7\nRESOURCERECORDS\t10.9.8.8\n",
    ));
    assert_eq!(records.at("/ResourceRecordSets/0/ResourceRecords/1/Value"), "10.9.8.8");
    assert_eq!(records.things(), 1);
    let group = read(&shown(
        "$ aws ec2 describe-security-groups --output text\n\
        SECURITYGROUPS\tallows all from pods to the nodes of blue\tsg-0c23456789abcdef0\tnodes-of-blue-eu-west-1\t444455556666\tvpc-0c23456789abcdef0\n",
    ));
    assert_eq!(group.things(), 1);
    assert_eq!(group.at("/SecurityGroups/0/GroupName"), "nodes-of-blue-eu-west-1");
    assert_eq!(group.at("/SecurityGroups/0/OwnerId"), "444455556666");
    assert_eq!(
        group.at("/SecurityGroups/0/Description"),
        "allows all from pods to the nodes of blue"
    );
}

#[test]
fn an_answer_that_a_terminal_showed_reads_as_it_was_printed() {
    let cluster = read(&shown(CLUSTER));
    cluster.is("aws-text");
    assert_eq!(cluster.things(), 1);
    assert_eq!(cluster.at("/cluster/logging/clusterLogging/0/types/1"), "audit");
    assert_eq!(cluster.at("/cluster/resourcesVpcConfig/vpcId"), "vpc-0a1b2c3d4e5f60718");
    let instances = read(&shown(INSTANCES));
    let at = |pointer: &str| instances.at(&format!("/Reservations/0/Instances/0{pointer}"));
    assert_eq!(at("/NetworkInterfaces/0/Association/PublicIp"), "54.214.233.28");
    assert_eq!(at("/Tags/1/Key"), "eks:cluster-name");
    // The words at the end that are empty went with the blanks.
    let groups = read(&shown(
        "$ aws ec2 describe-security-groups --output text\n\
        SECURITYGROUPS\tx\tsg-0c23456789abcdef0\tblue\t444455556666\tvpc-0c23456789abcdef0\n\
        IPPERMISSIONS\t\t-1\t\nUSERIDGROUPPAIRS\tsg-0c23456789abcdef0\t444455556666\n\
        IPPERMISSIONS\t8443\ttcp\t8443\nIPRANGES\t10.9.0.0/16\tvpn\n",
    ));
    let permissions = "/SecurityGroups/0/IpPermissions";
    assert_eq!(groups.count(permissions), 2);
    assert_eq!(groups.at(&format!("{permissions}/0/IpProtocol")), "-1");
    assert_eq!(groups.at(&format!("{permissions}/1/ToPort")), "8443");
    assert_eq!(groups.at(&format!("{permissions}/1/IpRanges/0/Description")), "vpn");
}

#[test]
fn what_lost_its_blanks_is_of_a_list_where_it_fits_with_them() {
    let interface = "$ aws ec2 describe-network-interfaces --output text\n\
        NETWORKINTERFACES\teu-west-1a\taws-K8S-i-0c1b2c3d4e5f60718\tinterface\t0a:1b:2c:3d:4e:5f\teni-0c1b2c3d4e5f60718\t444455556666\n\
        PRIVATEIPADDRESSES\tTrue\tip-10-9-0-5.eu-west-1.compute.internal\t10.9.0.5\n";
    let addresses = "/NetworkInterfaces/0/PrivateIpAddresses";
    // The other columns do not come before an address, and the elements of a list all have the same ones: so it is not of this list, as
    // with tabs.
    for other in [
        format!("{interface}PRIVATEIPADDRESSES\t10.9.0.6\n"),
        shown(&format!("{interface}PRIVATEIPADDRESSES\t10.9.0.6\n")),
    ] {
        let other = read(&other);
        other.is("aws-text");
        assert_eq!(other.count(addresses), 1);
        assert_eq!(other.at(&format!("{addresses}/0/PrivateIpAddress")), "10.9.0.5");
    }
    // The words of an element at the end may be empty ones, before the longer elements and after them.
    let short = "PRIVATEIPADDRESSES\tFalse\tip-10-9-0-6.eu-west-1.compute.internal\n";
    let long = "PRIVATEIPADDRESSES\tFalse\tip-10-9-0-7.eu-west-1.compute.internal\t10.9.0.7\n";
    for [first, second, address] in [[short, long, "1"], [long, short, "0"]] {
        let interface = interface.split_inclusive('\n').take(2).collect::<String>();
        let read = read(&shown(&format!("{interface}{first}{second}")));
        assert_eq!(read.count(addresses), 2);
        assert_eq!(read.at(&format!("{addresses}/{address}/PrivateIpAddress")), "10.9.0.7");
        assert_eq!(
            read.problems.len(),
            read.problems
                .iter()
                .filter(|text| text.contains("without a name"))
                .count()
        );
    }
}

#[test]
fn many_rows_that_can_and_cannot_be_cut_in_two_ways_take_no_time_for_each_other() {
    const PAIRS: usize = 25_000;
    let above = shown(
        "STACKS\t2026-01-02T03:04:05.678Z\tFalse\tFalse\tarn:aws:cloudformation:eu-west-1:123456789012:stack/eksctl-shop/1\teksctl-shop\tCREATE_COMPLETE\n",
    );
    // What stands before a single blank may be a word of its own; not all ways to cut so many rows are tried.
    let rows =
        "OUTPUTS blue-web        Url     http://blue\nOUTPUTS url-of-blue-web Url     http://blue\n".repeat(PAIRS);
    let read = read(&format!(
        "$ aws cloudformation describe-stacks --output text\n{above}{rows}"
    ));
    read.is("aws-text");
    assert_eq!(read.count("/Stacks/0/Outputs"), 2 * PAIRS);
    assert_eq!(
        read.problems
            .iter()
            .filter(|problem| problem.contains("belong"))
            .count(),
        0
    );
}

const KEY_POLICY: &str = include_str!("../../../../../tests/samples/aws-text/key-policy.txt");
const FILE_SYSTEM_POLICY: &str = include_str!("../../../../../tests/samples/aws-text/file-system-policy.txt");
const CONSOLE: &str = include_str!("../../../../../tests/samples/aws-text/console-output.txt");
const PARAMETER: &str = include_str!("../../../../../tests/samples/aws-text/parameter-json.txt");

#[test]
fn a_policy_that_is_printed_bare_is_a_member_and_not_the_answer() {
    let policy = read(KEY_POLICY);
    policy.is("aws-text");
    assert_eq!(policy.kind(), "aws/kms/get-key-policy");
    assert!(policy.at("/Policy").starts_with("{\n  \"Version\" : \"2012-10-17\""));
    assert!(policy.at("/Policy").ends_with("\n}"));
    assert!(policy.shown("/Policy").contains("\"Action\" : \"kms:*\""));
    assert_eq!(policy.at("/PolicyName"), "default");
    assert_eq!(policy.at("/Statement"), "");
    // Before 2024 the answer had no name of the policy; a compact policy; one that a query picks.
    for (command, text) in [
        (
            "kms get-key-policy --key-id k --policy-name default",
            "{\"Version\": \"2012-10-17\", \"Statement\": []}",
        ),
        (
            "kms get-key-policy --key-id k --policy-name default --query Policy",
            "{\n  \"Version\" : \"2012-10-17\",\n  \"Statement\" : [ ]\n}",
        ),
    ] {
        let read = read(&format!("$ aws {command} --output text\n{text}\n"));
        read.is("aws-text");
        assert_eq!(read.at("/Policy"), text);
        assert_eq!(read.problems.len(), 0);
    }
}

#[test]
fn a_policy_between_other_words_keeps_its_lines() {
    let policy = read(FILE_SYSTEM_POLICY);
    policy.is("aws-text");
    assert_eq!(policy.at("/FileSystemId"), "fs-0123456789abcdef0");
    assert!(policy.at("/Policy").contains("aws:SecureTransport"));
    let text = "$ aws ecr get-repository-policy --repository-name shop/web --output text\n\
        {\"Version\":\"2008-10-17\",\"Statement\":[]}\t123456789012\tshop/web\n";
    let policy = read(text);
    assert_eq!(
        policy.at("/policyText"),
        "{\"Version\":\"2008-10-17\",\"Statement\":[]}"
    );
    assert_eq!(policy.at("/registryId"), "123456789012");
    assert_eq!(policy.shown("/repositoryName"), "shop/web");
}

#[test]
fn a_text_that_ends_an_operations_line_goes_on_below() {
    let text = "$ aws cloudformation describe-stacks --output text\n\
        STACKS\t2026-01-02T03:04:05.678Z\tNodes of shop,\n  by eksctl\tFalse\tFalse\tarn:aws:cloudformation:eu-west-1:123456789012:stack/eksctl-shop/1\teksctl-shop\tCREATE_COMPLETE\n\
        TAGS\towner\tshop\n";
    let stacks = read(text);
    stacks.is("aws-text");
    assert_eq!(stacks.at("/Stacks/0/Description"), "Nodes of shop,\n  by eksctl");
    assert_eq!(stacks.at("/Stacks/0/StackName"), "eksctl-shop");
    assert_eq!(stacks.at("/Stacks/0/Tags/0/Value"), "shop");
    // Only what has such texts: half of an id is not completed by what stands below it.
    let broken = read("$ aws ec2 describe-volumes --output text\nVOLUMES\teu-west-1a\tFalse\tvol-0a1b\nsome words\n");
    assert_eq!(broken.at("/Volumes/0/VolumeId"), "");
    assert!(broken.problems.iter().any(|problem| problem.contains("belongs")));
}

#[test]
fn an_empty_word_at_the_end_of_the_last_line_may_be_cut_off() {
    let text = "$ aws ec2 describe-vpn-connections --output text\n\
        VPNCONNECTIONS\tVPN\tcgw-0a1b2c3d4e5f60718\tavailable\tipsec.1\tvpn-0a1b2c3d4e5f60718\n\
        VGWTELEMETRY\t0\t2026-01-02T03:04:05.000Z\t203.0.113.3\tDOWN\tIPSEC IS DOWN\n\
        VGWTELEMETRY\t2\t2026-01-02T03:04:05.000Z\t203.0.113.5\tUP\n";
    let tunnels = "/VpnConnections/0/VgwTelemetry";
    let read = read(text);
    assert_eq!(read.count(tunnels), 2);
    assert_eq!(read.at(&format!("{tunnels}/0/StatusMessage")), "IPSEC IS DOWN");
    assert_eq!(read.at(&format!("{tunnels}/1/Status")), "UP");
}

#[test]
fn an_answer_in_json_is_one_whatever_the_option_says() {
    let text = "$ aws kms get-key-policy --key-id k --policy-name default --output text\n{\n    \"Policy\": \"x\",\n    \"PolicyName\": \"default\"\n}\n";
    let read = read(text);
    read.is("aws-json");
    assert_eq!(read.at("/Policy"), "x");
}

#[test]
fn a_console_prints_lines_between_two_words() {
    let console = read(CONSOLE);
    console.is("aws-text");
    assert_eq!(console.at("/InstanceId"), "i-0a1b2c3d4e5f60718");
    assert_eq!(console.at("/Timestamp"), "2026-03-04T05:06:07+00:00");
    assert!(console.at("/Output").starts_with("[    0.000000] Linux version"));
    assert!(console.at("/Output").contains("\n\n[   12.345678] cloud-init"));
    assert!(console.shown("/Output").contains("Command line"));
}

#[test]
fn a_value_that_is_json_is_that_value() {
    let parameter = read(PARAMETER);
    parameter.is("aws-text");
    assert_eq!(
        parameter.at("/Parameter/Value"),
        "{\"host\":\"db.shop.internal\",\"port\":5432}"
    );
    // Also of a service whose shapes are not kept.
    let text = "$ aws secretsmanager get-secret-value --secret-id shop --query SecretString --output text\n{\"user\":\"shop\"}\n";
    let secret = read(text);
    assert_eq!(secret.kind(), "aws/secretsmanager/get-secret-value");
    assert_eq!(secret.at("/SecretString"), "{\"user\":\"shop\"}");
    // jq was given the whole policy, or a part of it.
    let whole = "$ aws kms get-key-policy --key-id k --policy-name default --query Policy --output text | jq .\n{\n  \"Statement\": []\n}\n";
    assert_eq!(read(whole).at("/Policy"), "{\n  \"Statement\": []\n}");
}

#[test]
fn what_another_program_printed_is_read_as_its_own() {
    let command =
        "aws ssm get-command-invocation --command-id c --instance-id i-1 --query StandardOutputContent --output text";
    let routes = read(&format!(
        "$ {command}\ndefault via 10.0.0.1 dev eth0 proto dhcp src 10.0.0.12 metric 512\n10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.12 metric 512\n"
    ));
    routes.is("ip-route");
    let lines = read(&format!("$ {command}\nfirst of ours\n\nsecond of ours\n"));
    lines.is("aws-text");
    assert_eq!(lines.at("/StandardOutputContent"), "first of ours\n\nsecond of ours");
}

#[test]
fn commands_that_are_no_operations_say_lines() {
    let token = read("$ aws ecr get-login-password --region eu-west-1\neyJwYXlsb2FkIjoi********\n");
    token.is("aws-text");
    assert_eq!(token.kind(), "aws/ecr/get-login-password");
    assert_eq!(token.at("/--text/0/0"), "eyJwYXlsb2FkIjoi********");
    assert_eq!(token.problems.len(), 0);
    let login = read(
        "$ aws ecr get-login-password | docker login --username AWS --password-stdin 1.dkr.ecr\nLogin Succeeded\n",
    );
    assert_ne!(login.format, "aws-text");
}

#[test]
fn nothing_is_a_none_and_gives_nothing() {
    let text = "$ aws eks describe-cluster --name shop --query cluster.encryptionConfig --output text\nNone\n";
    let read = read(text);
    read.is("aws-text");
    assert_eq!(read.at("/cluster/encryptionConfig"), "");
    assert_eq!(read.problems.len(), 0);
}

#[test]
fn values_whose_query_was_left_out_have_no_names_and_are_kept() {
    let ids = read("$ aws ec2 describe-subnets\nsubnet-0a1b2c3d4e5f60718\nsubnet-0a1b2c3d4e5f60719\n");
    ids.is("aws-text");
    assert_eq!(ids.kind(), "aws/ec2/describe-subnets");
    assert_eq!(ids.at("/--text/1/0"), "subnet-0a1b2c3d4e5f60719");
    assert!(ids.problems.iter().any(|problem| problem.contains("without a name")));
    assert_ne!(read("$ aws ec2 describe-subnets\nKilled\n").format, "aws-text");
}

#[test]
fn what_an_unknown_shape_leaves_open_is_not_put_anywhere() {
    let text = "$ aws secretsmanager list-secrets --query 'SecretList[].[Name,ARN]' --output text\n\
        shop/db\tarn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/db-AbCdEf\n";
    let read = read(text);
    read.is("aws-text");
    assert_eq!(read.at("/SecretList"), "");
    assert_eq!(read.at("/--query/0/0"), "shop/db");
}
