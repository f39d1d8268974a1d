//! Origins of queries as people write them, and answers that are put back.

use super::{Origin, origin, put_back};
use crate::artifact::aws::shapes::{Shape, operation};
use crate::artifact::testing::read;
use crate::artifact::{Placed, aws::query::Step};
use crate::text::Piece;
use serde_json::{Value, json};

fn shape(service: &str, name: &str) -> Option<Shape> {
    operation(service, name).unwrap().shape()
}

/// What of a printed value is put where.
fn restored(of: (&str, &str), query: &str, printed: Value) -> Value {
    let body = Piece::new("the output");
    let origin = origin(query, shape(of.0, of.1));
    let restored = put_back(&origin, Placed::tree(printed, body), &[], body);
    restored.values.finish().0.to_json()
}

const INSTANCES: (&str, &str) = ("ec2", "describe-instances");
const SUBNETS: (&str, &str) = ("ec2", "describe-subnets");

#[test]
fn queries_that_only_walk_down_are_whole() {
    let whole = |query: &str| {
        origin(query, None).whole().map(|steps| {
            steps
                .iter()
                .map(|step| match step {
                    Step::Member(name) | Step::Element(name) => name.clone(),
                })
                .collect::<Vec<_>>()
                .join(".")
        })
    };
    assert_eq!(whole("Role.Arn").as_deref(), Some("Role.Arn"));
    assert_eq!(
        whole("TargetGroups[0].TargetGroupArn").as_deref(),
        Some("TargetGroups.0.TargetGroupArn")
    );
    assert_eq!(whole("Subnets[]").as_deref(), Some("Subnets"));
    assert_eq!(whole("Subnets[?State=='available']").as_deref(), Some("Subnets"));
    assert_eq!(whole("sort_by(Images, &CreationDate)").as_deref(), Some("Images"));
    assert_eq!(whole("Subnets[].SubnetId"), None);
    assert_eq!(whole("Subnets[*].{id:SubnetId}"), None);
    assert_eq!(whole("length(Subnets)"), None);
}

#[test]
fn projections_are_put_back_element_by_element() {
    assert_eq!(
        restored(SUBNETS, "Subnets[].SubnetId", json!(["subnet-1", "subnet-2"])),
        json!({"Subnets": [{"SubnetId": "subnet-1"}, {"SubnetId": "subnet-2"}]})
    );
    assert_eq!(
        restored(
            SUBNETS,
            "Subnets[*].[SubnetId, CidrBlock]",
            json!([["subnet-1", "10.0.0.0/24"], ["subnet-2", null]])
        ),
        json!({"Subnets": [{"SubnetId": "subnet-1", "CidrBlock": "10.0.0.0/24"}, {"SubnetId": "subnet-2"}]})
    );
    assert_eq!(
        restored(
            INSTANCES,
            "Reservations[].Instances[].{Id: InstanceId, State: State.Name, Groups: SecurityGroups[].GroupId}",
            json!([{"Id": "i-1", "State": "running", "Groups": ["sg-1", "sg-2"]}])
        ),
        json!({"Reservations": [{"Instances": [
            {"InstanceId": "i-1", "State": {"Name": "running"}, "SecurityGroups": [{"GroupId": "sg-1"}, {"GroupId": "sg-2"}]}
        ]}]})
    );
}

#[test]
fn what_a_filter_says_is_known_of_the_element() {
    assert_eq!(
        restored(
            INSTANCES,
            "Reservations[*].Instances[*].[InstanceId, Tags[?Key=='Name'].Value | [0], Tags[?Key=='env']|[0].Value]",
            json!([[["i-1", "node", "prod"]], [["i-2", null, null]]])
        ),
        json!({"Reservations": [
            {"Instances": [{"InstanceId": "i-1", "Tags": [{"Key": "Name", "Value": "node"}, {"Key": "env", "Value": "prod"}]}]},
            {"Instances": [{"InstanceId": "i-2"}]}
        ]})
    );
}

#[test]
fn what_is_computed_stays_apart_from_the_answer() {
    assert_eq!(restored(SUBNETS, "length(Subnets)", json!(3)), json!({"--query": 3}));
    assert_eq!(
        restored(
            SUBNETS,
            "Subnets[].{Id: SubnetId, Name: join(',', Tags[].Value)}",
            json!([{"Id": "subnet-1", "Name": "a,b"}])
        ),
        json!({"Subnets": [{"SubnetId": "subnet-1", "--query": {"Name": "a,b"}}]})
    );
    // A name that the API has for something else is not taken for that.
    assert_eq!(
        restored(SUBNETS, "{Subnets: length(Subnets)}", json!({"Subnets": 3})),
        json!({"--query": {"Subnets": 3}})
    );
    assert!(matches!(
        origin("Subnets[", shape("ec2", "describe-subnets")),
        Origin::Lost
    ));
}

#[test]
fn one_element_that_two_columns_show_is_one() {
    assert_eq!(
        restored(
            ("elbv2", "describe-listeners"),
            "{port: Listeners[0].Port, protocol: Listeners[0].Protocol, other: Listeners[1].Port}",
            json!({"port": 80, "protocol": "HTTP", "other": 443})
        ),
        json!({"Listeners": [{"Port": 80, "Protocol": "HTTP"}, {"Port": 443}]})
    );
}

#[test]
fn an_output_is_put_back_with_its_places() {
    let text = r#"$ aws ec2 describe-instances --query 'Reservations[].Instances[].{Id:InstanceId,Ip:PrivateIpAddress}'
[
    {
        "Id": "i-0a1b2c3d4e5f60718",
        "Ip": "10.20.1.10"
    },
    {
        "Id": "i-0a1b2c3d4e5f60719",
        "Ip": null
    }
]
"#;
    let read = read(text);
    read.is("aws-json");
    let instance = "/Reservations/0/Instances/0";
    assert_eq!(read.at(&format!("{instance}/PrivateIpAddress")), "10.20.1.10");
    assert_eq!(
        read.shown(&format!("{instance}/PrivateIpAddress")),
        "\"Ip\": \"10.20.1.10\""
    );
    assert_eq!(
        read.at("/Reservations/1/Instances/0"),
        r#"{"InstanceId":"i-0a1b2c3d4e5f60719"}"#
    );
    assert_eq!(read.kind(), "aws/ec2/describe-instances");
    assert!(!read.complete());
}

#[test]
fn what_the_filter_says_cites_the_command() {
    let text = "$ aws ec2 describe-instances --query 'Reservations[].Instances[].[InstanceId,Tags[?Key==`Name`]|[0].Value]' --output text\ni-0a1b2c3d4e5f60718\tnode-1\n";
    let read = read(text);
    read.is("aws-text");
    let tag = "/Reservations/0/Instances/0/Tags/0";
    assert_eq!(read.at(tag), r#"{"Key":"Name","Value":"node-1"}"#);
    assert_eq!(read.shown(&format!("{tag}/Value")), "node-1");
    assert!(read.shown(&format!("{tag}/Key")).contains("Key==`Name`"));
}

#[test]
fn tables_and_texts_of_queries_are_put_back() {
    let table = "\
$ aws ec2 describe-subnets --query 'Subnets[].{Id:SubnetId,Free:AvailableIpAddressCount}' --output table
---------------------
|  DescribeSubnets  |
+------+------------+
| Free |     Id     |
+------+------------+
|  251 |  subnet-1  |
|  3   |  subnet-2  |
+------+------------+
";
    let read = read(table);
    assert_eq!(
        read.at("/Subnets/1"),
        r#"{"AvailableIpAddressCount":3,"SubnetId":"subnet-2"}"#
    );
    let text = "$ aws ec2 describe-subnets --query 'Subnets[].{Id:SubnetId,Free:AvailableIpAddressCount}' --output text\n251\tsubnet-1\n3\tsubnet-2\n";
    let read = self::read(text);
    assert_eq!(
        read.at("/Subnets/1"),
        r#"{"AvailableIpAddressCount":3,"SubnetId":"subnet-2"}"#
    );
    let text = "$ aws ec2 describe-subnets --query 'Subnets[].SubnetId' --output text\nsubnet-1\tsubnet-2\n";
    let read = self::read(text);
    assert_eq!(read.at("/Subnets/1/SubnetId"), "subnet-2");
    assert_eq!(read.shown("/Subnets/1/SubnetId"), "subnet-2");
}

#[test]
fn a_value_alone_is_put_back_and_its_object_has_the_commands_name() {
    let text = "$ aws iam get-role --role-name shop-cart --query Role.Arn --output text\narn:aws:iam::123456789012:role/shop-cart\n";
    let read = read(text);
    assert_eq!(read.at("/Role/Arn"), "arn:aws:iam::123456789012:role/shop-cart");
    assert_eq!(read.at("/Role/RoleName"), "shop-cart");
    assert!(read.shown("/Role/RoleName").contains("--role-name shop-cart"));
    let text = "$ aws eks describe-cluster --name shop --query cluster.version\n\"1.31\"\n";
    let read = self::read(text);
    assert_eq!(read.at("/cluster/version"), "1.31");
    assert_eq!(read.at("/cluster/name"), "shop");
    assert_eq!(read.shown("/cluster/version"), "\"1.31\"");
}

#[test]
fn lists_in_the_lists_that_a_query_makes_are_put_back_from_text() {
    let groups = read(
        "$ aws ec2 describe-security-groups --query 'SecurityGroups[].[GroupId,IpPermissions[].FromPort]' --output text\n\
         sg-0a1b2c3d4e5f60718\n443\t10250\nsg-0a1b2c3d4e5f60719\nsg-0a1b2c3d4e5f6071a\n5432\n",
    );
    groups.is("aws-text");
    assert_eq!(
        groups.at("/SecurityGroups"),
        r#"[{"GroupId":"sg-0a1b2c3d4e5f60718","IpPermissions":[{"FromPort":443},{"FromPort":10250}]},{"GroupId":"sg-0a1b2c3d4e5f60719"},{"GroupId":"sg-0a1b2c3d4e5f6071a","IpPermissions":[{"FromPort":5432}]}]"#
    );
    let subnets = read(
        "$ aws ec2 describe-subnets --query 'Subnets[].[SubnetId,Tags]' --output text\n\
         subnet-0a1b2c3d4e5f60718\nName\tshop-a\nkubernetes.io/role/elb\t1\nsubnet-0a1b2c3d4e5f60719\tNone\n",
    );
    assert_eq!(subnets.count("/Subnets"), 2);
    assert_eq!(subnets.at("/Subnets/1/SubnetId"), "subnet-0a1b2c3d4e5f60719");
    assert_eq!(
        subnets.at("/Subnets/0/Tags/1"),
        r#"{"Key":"kubernetes.io/role/elb","Value":"1"}"#
    );
    assert_eq!(subnets.shown("/Subnets/0/Tags/0/Value"), "shop-a");
    let cluster = read(
        "$ aws eks describe-cluster --name shop --query 'cluster.resourcesVpcConfig.[subnetIds,securityGroupIds]' --output text\n\
         subnet-0a1b2c3d4e5f60718\tsubnet-0a1b2c3d4e5f60719\nsg-0a1b2c3d4e5f60718\n",
    );
    let config = "/cluster/resourcesVpcConfig";
    assert_eq!(cluster.at(&format!("{config}/subnetIds/1")), "subnet-0a1b2c3d4e5f60719");
    assert_eq!(
        cluster.at(&format!("{config}/securityGroupIds/0")),
        "sg-0a1b2c3d4e5f60718"
    );
}

#[test]
fn a_line_that_could_begin_the_next_list_is_not_guessed() {
    // A name of a group, or of the next repository.
    let text = "$ aws ecr describe-repositories --query 'repositories[].[repositoryName,imageTagMutabilityExclusionFilters[].filter]' --output text\nshop\nv1\n";
    let read = read(text);
    assert_eq!(read.at("/repositories"), "");
    assert_eq!(read.at("/--query/1/0"), "v1");
}

#[test]
fn a_query_may_pick_from_lists_inside() {
    for whole in [
        "SecurityGroups",
        "SecurityGroups[]",
        "SecurityGroups[0].IpPermissions",
        "SecurityGroups[?GroupId=='sg-[0]a']",
        "SecurityGroups[?contains(GroupName, `web`)].{GroupId:GroupId,IpPermissions:IpPermissions}",
        "SecurityGroups[*].[GroupId,IpPermissions[].[FromPort,IpRanges[*].CidrIp]]",
    ] {
        assert!(!super::picks_inside(whole), "{whole}");
    }
    for part in [
        "SecurityGroups[].{GroupId:GroupId,IpPermissions:IpPermissions[?FromPort==`22`]}",
        "SecurityGroups[].IpPermissions[0]",
        "SecurityGroups[].IpPermissions[:2]",
        "SecurityGroups[].IpPermissions[] | [0]",
    ] {
        assert!(super::picks_inside(part), "{part}");
    }
}
