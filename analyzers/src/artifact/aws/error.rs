//! The errors that aws-cli prints (botocore's `exceptions.py` has their words: `ClientError.MSG_TEMPLATE`, `NoCredentialsError`,
//! `ProfileNotFound`, `EndpointConnectionError`, …), and what IAM says in an `AccessDenied` (IAM user guide, "Troubleshoot access denied
//! error messages").

use crate::artifact::Placed;
use crate::problem::Problem;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// An error of aws-cli.
pub const FORMAT: Format = Format::new(&Spec {
    name: "aws-error",
    title: "an error of aws-cli",
    command: formats::no_command,
    sniff: take,
    read,
});

/// What an API's error begins with.
const API: &str = "An error occurred (";

/// Errors of the client itself: beginning, what the message has further on, the name of botocore's (or aws-cli's) exception.
const CLIENT: [(&str, &str, &str); 12] = [
    ("Unable to locate credentials", "", "NoCredentials"),
    ("Partial credentials found in ", "", "PartialCredentials"),
    ("The config profile (", ") could not be found", "ProfileNotFound"),
    ("Could not connect to the endpoint URL: ", "", "EndpointConnection"),
    ("Connect timeout on endpoint URL: ", "", "ConnectTimeout"),
    ("Read timeout on endpoint URL: ", "", "ReadTimeout"),
    ("SSL validation failed for ", "", "SSL"),
    ("Error loading SSO Token: ", "", "SSOTokenLoad"),
    (
        "The SSO session associated with this profile has expired",
        "",
        "UnauthorizedSSOToken",
    ),
    ("Error when retrieving token from sso: ", "", "TokenRetrieval"),
    ("Unable to parse config file: ", "", "ConfigParse"),
    ("You must specify a region.", "", "NoRegion"),
];

/// Without the marks that newer versions of aws-cli put before an error.
fn bare(line: Piece<'_>) -> Piece<'_> {
    let line = line.trim();
    line.strip_prefix("aws: [ERROR]: ").unwrap_or(line)
}

fn client(line: &str) -> Option<&'static str> {
    CLIENT
        .iter()
        .find(|(beginning, inside, _)| line.starts_with(beginning) && line.contains(inside))
        .map(|(.., name)| *name)
}

/// Whether a line is an error of aws-cli.
pub(crate) fn is_error(line: &str) -> bool {
    let line = bare(Piece::new(line)).str();
    (line.starts_with(API) && line.contains(") when calling the "))
        || client(line).is_some()
        || line.starts_with("aws: error: ")
}

/// Takes one error, which is one line.
fn take(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    is_error(line).then(|| Taken {
        len: ends(rest).next().map_or(rest.len(), |(_, end)| end),
        format: FORMAT,
        confidence: 0.95,
    })
}

fn read(part: &Part<'_>, artifacts: &mut crate::artifact::Artifacts, problems: &mut Vec<Problem>) {
    for line in Piece::new(part.text()).lines().filter(|line| !line.trim().is_empty()) {
        let Some(error) = error(bare(line)) else {
            problems.push(Problem::new(
                part.span().slice(line.range()),
                "This line is no error of aws-cli that is known here.",
            ));
            continue;
        };
        formats::add_document(part, FORMAT.name(), error, true, artifacts);
    }
}

/// The parts of an error.
fn error(line: Piece<'_>) -> Option<Placed> {
    let mut error = Placed::object(line);
    if let Some(rest) = line.strip_prefix(API) {
        let (code, rest) = rest.split_once(") when calling the ")?;
        let (operation, message) = rest.split_once(" operation")?;
        error.put_text("code", code);
        error.put_text("operation", operation);
        // `(reached max retries: 4)` stands between the operation and its message (botocore, `ClientError._get_retry_info`).
        let mut message = message;
        if let Some((retries, rest)) = message
            .strip_prefix(" (reached max retries: ")
            .and_then(|rest| rest.split_once(")"))
        {
            error.put_number("maxRetries", retries);
            message = rest;
        }
        let message = message.strip_prefix(":").unwrap_or(message).trim();
        error.put_text("message", message);
        denied(&mut error, message);
        if let Some((_, encoded)) = message.split_once("Encoded authorization failure message: ") {
            error.put_text("encodedMessage", encoded);
        }
    } else if let Some(message) = line.strip_prefix("aws: error: ") {
        error.put("code", Placed::value("Usage", line));
        error.put_text("message", message.trim());
    } else {
        error.put("code", Placed::value(client(line.str())?, line));
        error.put_text("message", line);
        if let Some((_, url)) = line.split_once("endpoint URL: ") {
            error.put_text("endpoint", unquoted(url));
        }
        if let Some((profile, _)) = line
            .strip_prefix("The config profile (")
            .and_then(|rest| rest.split_once(") could not be found"))
        {
            error.put_text("profile", profile);
        }
    }
    Some(error)
}

/// What stands in quotes at the beginning.
fn unquoted(piece: Piece<'_>) -> Piece<'_> {
    piece
        .strip_prefix("\"")
        .and_then(|rest| rest.split_once("\""))
        .map_or(piece, |(inside, _)| inside)
}

/// `User: ARN is not authorized to perform: ACTION on resource: ARN because …`.
fn denied(error: &mut Placed, message: Piece<'_>) {
    let Some((who, rest)) = message.split_once(" is not authorized to perform: ") else {
        return;
    };
    error.put_text("principal", who.strip_prefix("User: ").unwrap_or(who).trim());
    let (rest, because) = match rest
        .split_once(" because ")
        .or_else(|| rest.split_once(" with an explicit deny"))
    {
        Some((rest, because)) => (rest, Some(because)),
        None => (rest, None),
    };
    let (action, resource) = match rest.split_once(" on resource: ") {
        Some((action, resource)) => (action, Some(resource)),
        None => (rest.words().next().unwrap_or(rest), None),
    };
    error.put_text("action", action.trim());
    if let Some(resource) = resource {
        // Before the reasons were told, a service could add a sentence after the resource.
        let resource = resource.words().next().unwrap_or(resource);
        error.put_text("resource", resource);
    }
    if let Some(because) = because {
        error.put_text("reason", because.trim());
    }
    if message.contains("with an explicit deny") {
        error.put("explicitDeny", Placed::value(true, message));
    }
}

#[cfg(test)]
mod tests {
    use super::{error, is_error};
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

    #[test]
    fn other_errors_are_not_taken() {
        for line in [
            "Unable to connect to the server: dial tcp: lookup x: no such host",
            "Could not resolve host",
            "error: unknown",
            "An error occurred",
        ] {
            assert!(!is_error(line), "{line}");
        }
    }
}
