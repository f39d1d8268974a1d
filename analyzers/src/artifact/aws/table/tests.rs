//! Tables as aws-cli 1.45 prints them (of a local moto_server), and such as no program prints.

use crate::artifact::testing::read;

const SUBNETS: &str = include_str!("../../../../../tests/samples/aws-table/subnets.txt");
const GROUPS: &str = include_str!("../../../../../tests/samples/aws-table/security-groups.txt");
const ROLE: &str = include_str!("../../../../../tests/samples/aws-table/role.txt");
const RECORDS: &str = include_str!("../../../../../tests/samples/aws-table/record-sets.txt");
const CALLER: &str = include_str!("../../../../../tests/samples/aws-table/caller.txt");

fn without_command(text: &str) -> &str {
    text.split_once('\n').unwrap().1
}

#[test]
fn a_turned_table_is_an_object_with_the_types_of_the_api() {
    let read = read(SUBNETS);
    read.is("aws-table");
    assert_eq!(read.problems, [""; 0]);
    assert_eq!(read.count("/Subnets"), 1);
    assert_eq!(read.at("/Subnets/0/AvailabilityZone"), "eu-west-1a");
    assert_eq!(read.at("/Subnets/0/AvailableIpAddressCount"), "244");
    assert_eq!(read.at("/Subnets/0/MapPublicIpOnLaunch"), "true");
    assert_eq!(read.at("/Subnets/0/OwnerId"), "123456789012");
    assert_eq!(
        read.at("/Subnets/0/PrivateDnsNameOptionsOnLaunch/HostnameType"),
        "ip-name"
    );
    assert_eq!(read.at("/Subnets/0/Tags/0/Key"), "kubernetes.io/role/elb");
    assert_eq!(read.at("/Subnets/0/Tags/1/Value"), "shop-public-a");
    assert_eq!(read.shown("/Subnets/0/CidrBlock"), "10.20.1.0/24");
    assert_eq!(read.shown("/Subnets/0/Tags/0/Value"), "1");
    assert!(!read.complete());
}

#[test]
fn every_section_of_a_list_is_an_element_and_an_empty_cell_is_absent() {
    let read = read(GROUPS);
    read.is("aws-table");
    assert_eq!(read.count("/SecurityGroups"), 5);
    assert_eq!(read.count("/SecurityGroups/2/IpPermissions"), 2);
    let ranges = "/SecurityGroups/2/IpPermissions/0/IpRanges";
    assert_eq!(read.count(ranges), 2);
    assert_eq!(read.at(&format!("{ranges}/0/Description")), "inside");
    assert_eq!(read.at(&format!("{ranges}/1")), r#"{"CidrIp":"192.168.0.0/16"}"#);
    assert_eq!(read.at("/SecurityGroups/2/IpPermissions/1/FromPort"), "10250");
    // The list's other permission has ports, so the header has them: this one has none.
    assert_eq!(
        read.at("/SecurityGroups/3/IpPermissions/1"),
        r#"{"IpProtocol":"-1","Ipv6Ranges":[{"CidrIpv6":"2001:db8::/32"}]}"#
    );
    assert_eq!(
        read.shown("/SecurityGroups/3/IpPermissions/0/UserIdGroupPairs/0/GroupId"),
        "sg-de86ace1542fde281"
    );
}

#[test]
fn a_policy_and_a_column_alone_are_read() {
    let role = read(ROLE);
    assert_eq!(
        role.at("/Role/AssumeRolePolicyDocument/Statement/Condition/StringEquals"),
        r#"{"oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF:sub":"system:serviceaccount:shop:cart"}"#
    );
    assert_eq!(role.at("/Role/MaxSessionDuration"), "3600");
    let records = read(RECORDS);
    assert_eq!(records.count("/ResourceRecordSets"), 4);
    assert_eq!(records.count("/ResourceRecordSets/0/ResourceRecords"), 4);
    assert_eq!(
        records.at("/ResourceRecordSets/2/ResourceRecords"),
        r#"[{"Value":"192.0.2.7"},{"Value":"192.0.2.8"}]"#
    );
    assert_eq!(
        records.at("/ResourceRecordSets/3/AliasTarget/EvaluateTargetHealth"),
        "false"
    );
}

#[test]
fn without_the_command_the_title_tells_the_operation() {
    for (text, kind) in [
        (SUBNETS, "aws/ec2/describe-subnets"),
        (ROLE, "aws/iam/get-role"),
        (RECORDS, "aws/route53/list-resource-record-sets"),
        (CALLER, "aws/sts/get-caller-identity"),
    ] {
        let read = read(without_command(text));
        read.is("aws-table");
        assert_eq!(read.kind(), kind);
    }
}

#[test]
fn load_balancers_are_told_by_their_sections() {
    let table = "\
-----------------------------------------------------
|               DescribeLoadBalancers               |
+---------------------------------------------------+
||                  LoadBalancers                  ||
|+-----------------------+------------+------------+|
||   LoadBalancerName    |   Scheme   |    Type    ||
|+-----------------------+------------+------------+|
||  shop                 |  internal  |  network   ||
||  web                  |  internal  |  network   ||
|+-----------------------+------------+------------+|
";
    let read = read(table);
    assert_eq!(read.kind(), "aws/elbv2/describe-load-balancers");
    assert_eq!(read.count("/LoadBalancers"), 2);
    assert_eq!(read.at("/LoadBalancers/1/LoadBalancerName"), "web");
}

#[test]
fn names_that_a_query_made_are_not_taken_for_the_apis() {
    let table = "\
---------------------------
|     DescribeSubnets     |
+-----------+-------------+
|    Id     |    Name     |
+-----------+-------------+
|  subnet-1 |  a          |
|  subnet-2 |  b          |
+-----------+-------------+
";
    let read = read(table);
    read.is("aws-table");
    assert_eq!(read.at("/Subnets"), "");
    assert_eq!(read.at("/--query/1/Id"), "subnet-2");
    assert_eq!(read.kind(), "aws/ec2/describe-subnets");
}

#[test]
fn a_list_of_scalars_and_a_cell_of_several_lines() {
    let table = "\
$ aws eks list-clusters --output table
------------------
|  ListClusters  |
+----------------+
||   clusters   ||
|+--------------+|
||  shop        ||
||  payments    ||
|+--------------+|
$ aws ssm get-parameter --name /shop/motd --output table
-------------------------------------------------------------------
|                          GetParameter                           |
+-----------------------------------------------------------------+
||                           Parameter                           ||
|+------------+---------+----------------------------+-----------+|
||    Name    |  Type   |           Value            |  Version  ||
|+------------+---------+----------------------------+-----------+|
||  /shop/motd|  String |  first line
second | line  |  2        ||
|+------------+---------+----------------------------+-----------+|
";
    let read = read(table);
    assert_eq!(read.at("/clusters"), r#"["shop","payments"]"#);
    assert_eq!(read.documents(), 2);
    let at = table.find("$ aws ssm").unwrap();
    let parameter = self::read(table.get(at..).unwrap());
    assert_eq!(parameter.at("/Parameter/Value"), "first line\nsecond | line");
    assert_eq!(parameter.at("/Parameter/Version"), "2");
}

#[test]
fn a_cut_table_is_kept_and_said() {
    let text: String = SUBNETS.split_inclusive('\n').take(12).collect();
    let read = read(&text);
    read.is("aws-table");
    assert_eq!(read.at("/Subnets/0/CidrBlock"), "10.20.1.0/24");
    assert_eq!(read.problems.len(), 1);
    assert!(read.problems[0].contains("breaks off"), "{:?}", read.problems);
}

#[test]
fn other_tables_are_not_taken() {
    for text in [
        "-----------\n| my note |\n-----------\n",
        "+----+------+\n| id | name |\n+----+------+\n| 1  | a    |\n+----+------+\n",
        "----------------------\n|     MyOwnReport    |\n+----------+---------+\n|  a       |  b      |\n",
    ] {
        assert_ne!(read(text).format, "aws-table", "{text}");
    }
}

#[test]
fn nonsense_and_depth_do_no_harm() {
    let mut deep = String::from("--------------------\n| DescribeSubnets  |\n");
    for level in 1..300 {
        deep.push_str(&"|".repeat(level + 1));
        deep.push_str("  a  ");
        deep.push_str(&"|".repeat(level + 1));
        deep.push('\n');
    }
    for text in [
        deep.as_str(),
        "$ aws ec2 describe-subnets --output table\n|DescribeSubnets|\n+--+\n|x|y|\n+--+--+\n|||\n++\n|\n",
        "$ aws ec2 describe-subnets --output table\n-----\n|  Größe | DescribeX |\n+--+--+\n|  é|è  |  |\n",
    ] {
        read(text);
    }
}

#[test]
fn a_table_that_the_terminals_edge_broke_is_joined() {
    let mut wrapped = "$ aws ec2 describe-subnets --output table\n".to_owned();
    for line in without_command(SUBNETS).lines() {
        // The terminal's blanks at the end of a line are not copied.
        let (first, second) = line.split_at(60);
        for piece in [first.trim_end(), "\n", second, "\n"] {
            wrapped.push_str(piece);
        }
    }
    let read = read(&wrapped);
    read.is("aws-table");
    assert_eq!(read.at("/Subnets/0/AvailabilityZone"), "eu-west-1a");
    assert_eq!(
        read.at("/Subnets/0/SubnetArn"),
        "arn:aws:ec2:eu-west-1:123456789012:subnet/subnet-5e0a8cd7a3ff51d84"
    );
    assert_eq!(read.at("/Subnets/0/Tags/1/Value"), "shop-public-a");
}

#[test]
fn a_table_whose_query_was_left_out_keeps_its_names_apart() {
    let text = "\
$ aws eks describe-addon-versions --output table
----------------------------
|   DescribeAddonVersions  |
+-------------+------------+
|  addonName  |   owner    |
+-------------+------------+
|  vpc-cni    |  aws       |
|  coredns    |  aws       |
+-------------+------------+
";
    let read = read(text);
    read.is("aws-table");
    assert_eq!(read.kind(), "aws/eks/describe-addon-versions");
    assert_eq!(read.at("/--query/1"), r#"{"addonName":"coredns","owner":"aws"}"#);
}

#[test]
fn a_part_of_a_policy_is_an_object_where_others_are_inside_of_it() {
    let text = "\
$ aws iam get-role --role-name r --query Role.AssumeRolePolicyDocument.Statement --output table
---------------------------------------
|               GetRole               |
+-------------+-----------------------+
|  Action     |  sts:AssumeRole       |
|  Effect     |  Allow                |
+-------------+-----------------------+
||             Principal             ||
|+----------+------------------------+|
||  Service |  ec2.amazonaws.com     ||
|+----------+------------------------+|
";
    let read = read(text);
    let statement = "/Role/AssumeRolePolicyDocument/Statement";
    assert_eq!(read.at(&format!("{statement}/Effect")), "Allow");
    assert_eq!(read.at(&format!("{statement}/Principal/Service")), "ec2.amazonaws.com");
}

/// As a terminal shows a text that is too narrow for it; blanks at the ends of lines are lost.
fn broken_at(width: usize, text: &str) -> String {
    let mut found = String::new();
    for line in text.lines() {
        let mut rest = line;
        while rest.len() > width {
            found.push_str(rest[..width].trim_end());
            found.push('\n');
            rest = &rest[width..];
        }
        found.push_str(rest.trim_end());
        found.push('\n');
    }
    found
}

const WIDE: &str = "\
----------------------------------------------------------------------------------------------------\n\
|                                           DescribeVpcs                                           |\n\
+--------------------------------------------------------------------------------------------------+\n\
||                                              Vpcs                                              ||\n\
|+---------------------------------------------------------------------------+--------------------+|\n\
||  CidrBlock                                                                |  10.9.0.0/16       ||\n\
||  IsDefault                                                                |  False             ||\n\
|+---------------------------------------------------------------------------+--------------------+|\n";

#[test]
fn a_table_that_a_terminal_broke_is_joined_also_where_a_bar_ends_a_piece() {
    let command = "$ aws ec2 describe-vpcs --output table\n";
    let read = read(&format!("{command}{}", broken_at(80, WIDE)));
    read.is("aws-table");
    assert_eq!(read.at("/Vpcs/0/CidrBlock"), "10.9.0.0/16");
    assert_eq!(read.at("/Vpcs/0/IsDefault"), "false");
    assert_eq!(read.problems.len(), 0);
}

#[test]
fn a_broken_table_that_cannot_be_joined_is_named_with_what_to_do() {
    // A longer line: the terminal's width does not tell itself.
    let text = broken_at(80, WIDE);
    let long = format!(
        "$ aws ec2 describe-vpcs --output table --region eu-west-1 --profile {}\n{text}",
        "x".repeat(60)
    );
    let read = read(&long);
    read.is("aws-table");
    assert!(
        read.problems.iter().any(|problem| problem.contains("80 columns")),
        "{:?}",
        read.problems
    );
    assert!(read.problems.iter().any(|problem| problem.contains("--output json")));
    let alone = self::read(&format!(
        "a note that is longer than the terminal is wide, which somebody wrote above what is pasted here\n\n{text}"
    ));
    assert!(alone.formats().contains(&"aws-table"));
}
