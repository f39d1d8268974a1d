//! Errors as aws-cli prints them, and what others print.

use super::{error, is_error};
use crate::artifact::testing;
use crate::text::Piece;
use serde_json::json;

fn read(line: &str) -> serde_json::Value {
    error(super::bare(Piece::new(line))).unwrap().finish().0.to_json()
}

#[test]
fn an_error_of_an_api_is_taken_apart() {
    assert_eq!(
        read(
            "An error occurred (AccessDenied) when calling the AssumeRoleWithWebIdentity operation: Not authorized to perform sts:AssumeRoleWithWebIdentity"
        ),
        json!({"code": "AccessDenied", "operation": "AssumeRoleWithWebIdentity",
            "message": "Not authorized to perform sts:AssumeRoleWithWebIdentity"})
    );
    let read = read(
        "aws: [ERROR]: An error occurred (AccessDeniedException) when calling the DescribeCluster operation (reached max retries: 2): User: arn:aws:iam::111122223333:user/mia is not authorized to perform: eks:DescribeCluster on resource: arn:aws:eks:eu-west-1:111122223333:cluster/shop because no identity-based policy allows the eks:DescribeCluster action",
    );
    assert_eq!(read["maxRetries"], 2);
    assert_eq!(read["principal"], "arn:aws:iam::111122223333:user/mia");
    assert_eq!(read["action"], "eks:DescribeCluster");
    assert_eq!(read["resource"], "arn:aws:eks:eu-west-1:111122223333:cluster/shop");
    assert_eq!(
        read["reason"],
        "no identity-based policy allows the eks:DescribeCluster action"
    );
}

#[test]
fn denials_tell_whether_they_are_explicit_and_keep_the_encoded_message() {
    let denied = read(
        "An error occurred (AccessDenied) when calling the ListRoles operation: User: arn:aws:sts::111122223333:assumed-role/dev/mia is not authorized to perform: iam:ListRoles on resource: arn:aws:iam::111122223333:role/ with an explicit deny in a service control policy",
    );
    assert_eq!(denied["explicitDeny"], true);
    assert_eq!(denied["reason"], "in a service control policy");
    assert_eq!(denied["resource"], "arn:aws:iam::111122223333:role/");
    let encoded = read(
        "An error occurred (UnauthorizedOperation) when calling the RunInstances operation: You are not authorized to perform this operation. Encoded authorization failure message: Zm9vYmFy",
    );
    assert_eq!(encoded["encodedMessage"], "Zm9vYmFy");
    assert!(encoded.get("explicitDeny").is_none());
}

#[test]
fn errors_of_the_client_have_a_name_and_their_parts() {
    let read_one = |line: &str| (read(line)["code"].clone(), read(line));
    let (code, error) = read_one("Could not connect to the endpoint URL: \"https://sts.eu-west-1.amazonaws.com/\"");
    assert_eq!(
        (code, &error["endpoint"]),
        (
            json!("EndpointConnection"),
            &json!("https://sts.eu-west-1.amazonaws.com/")
        )
    );
    let (code, error) = read_one("The config profile (prod) could not be found");
    assert_eq!((code, &error["profile"]), (json!("ProfileNotFound"), &json!("prod")));
    let (code, _) =
        read_one("Unable to locate credentials. You can configure credentials by running \"aws configure\".");
    assert_eq!(code, json!("NoCredentials"));
    let (code, error) = read_one("aws: error: argument operation: Invalid choice, valid choices are:");
    assert_eq!(code, json!("Usage"));
    assert_eq!(
        error["message"],
        "argument operation: Invalid choice, valid choices are:"
    );
}

const SAMPLES: [&str; 5] = [
    include_str!("../../../../../tests/samples/aws-error/usage.txt"),
    include_str!("../../../../../tests/samples/aws-error/choices.txt"),
    include_str!("../../../../../tests/samples/aws-error/validation.txt"),
    include_str!("../../../../../tests/samples/aws-error/shorthand.txt"),
    include_str!("../../../../../tests/samples/aws-error/query.txt"),
];

#[test]
fn the_usage_and_the_choices_belong_to_their_error() {
    let [usage, choices, ..] = SAMPLES.map(testing::read);
    usage.is("aws-error");
    assert_eq!(usage.documents(), 1);
    assert_eq!(usage.at("/missing"), r#"["--cluster-name","--nodegroup-name"]"#);
    assert_eq!(usage.at("/code"), "Usage");
    assert_eq!(usage.problems.len(), 0);
    choices.is("aws-error");
    assert_eq!(choices.documents(), 1);
    assert_eq!(choices.at("/choice"), "describe-clusters");
    assert_eq!(
        choices.at("/choices"),
        r#"["describe-cluster","describe-nodegroup","list-clusters","wait","help"]"#
    );
    assert_eq!(choices.at("/suggestions"), r#"["describe-cluster"]"#);
    assert_eq!(choices.problems.len(), 0);
    let newer = testing::read(
        "$ aws eks describe-clusters\n\naws: [ERROR]: argument operation: Found invalid choice 'describe-clusters'\n\nusage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]\nTo see help text, you can run:\n\n  aws help\n  aws <command> help\n",
    );
    newer.is("aws-error");
    assert_eq!(newer.at("/choice"), "describe-clusters");
    assert_eq!(newer.problems.len(), 0);
}

#[test]
fn what_the_validator_and_the_parsers_say_is_kept_together() {
    let [_, _, validation, shorthand, query] = SAMPLES.map(testing::read);
    validation.is("aws-error");
    assert_eq!(validation.documents(), 1);
    assert_eq!(validation.at("/code"), "ParamValidation");
    assert_eq!(validation.count("/parameters"), 3);
    assert_eq!(validation.at("/parameters/0/parameter"), "name");
    assert_eq!(validation.at("/parameters/0/in"), "input");
    assert_eq!(validation.at("/parameters/1/parameter"), "clusterName");
    assert_eq!(validation.at("/parameters/2/parameter"), "Filters[0].Values");
    shorthand.is("aws-error");
    assert_eq!(shorthand.at("/parameter"), "--filters");
    assert_eq!(shorthand.count("/input"), 2);
    query.is("aws-error");
    assert_eq!(query.at("/code"), "Query");
    assert_eq!(query.problems.len(), 0);
    // What follows is not of it.
    let followed = testing::read(
        "$ aws eks describe-cluster\nParameter validation failed:\nMissing required parameter in input: \"name\"\n$ aws sts get-caller-identity --output text\n1\n",
    );
    assert_eq!(followed.formats().first(), Some(&"aws-error"));
    assert_eq!(followed.formats().len(), 2);
}

#[test]
fn a_note_below_an_error_is_not_lost() {
    for error in [
        "aws: error: argument operation: Invalid choice, valid choices are:\n\ndescribe-cluster                         | describe-nodegroup\n",
        "usage: aws [options] <command> <subcommand> [parameters]\naws: error: argument operation: Invalid choice\n",
        "usage: aws [options] <command> <subcommand> [parameters]\nTo see help text, you can run:\n\n  aws help\n",
    ] {
        let note = "aws v2 on my laptop knows it";
        let noted = testing::read(&format!("$ aws eks describe-access-entry\n{error}{note}\n"));
        assert_eq!(noted.formats().len(), 2, "{error}");
        assert_eq!(noted.formats().first(), Some(&"aws-error"));
        assert_ne!(noted.formats().last(), Some(&"aws-error"));
    }
}

#[test]
fn unknown_options_are_an_error_of_aws_where_aws_says_so() {
    for text in [
        "$ aws eks list-clusters --colour\nUnknown options: --colour\n",
        "$ aws eks list-clusters --colour --output text\nUnknown options: --colour\n",
        "aws: [ERROR]: Unknown options: --colour\n",
        "usage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]\nTo see help text, you can run:\n\n  aws help\n  aws <command> help\n  aws <command> <subcommand> help\n\nUnknown options: --colour\n",
    ] {
        let unknown = testing::read(text);
        unknown.is("aws-error");
        assert_eq!(unknown.formats().len(), 1, "{text}");
        assert_eq!(unknown.at("/code"), "Usage", "{text}");
        assert_eq!(unknown.at("/message"), "Unknown options: --colour", "{text}");
    }
    for text in [
        "Unknown options: --colour\n",
        "$ ./deploy.sh --colour\nUnknown options: --colour\n",
    ] {
        assert!(!testing::read(text).formats().contains(&"aws-error"), "{text}");
    }
}

#[test]
fn other_errors_are_not_taken() {
    for line in [
        "Unable to connect to the server: dial tcp: lookup x: no such host",
        "Could not resolve host",
        "error: unknown",
        "An error occurred",
        "usage: awslocal [options]",
        "argument operation: Invalid choice",
        "Parameter validation failed: retrying",
        "Unknown options: --colour",
    ] {
        assert!(!is_error(line), "{line}");
    }
}
