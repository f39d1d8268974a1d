//! How long silent connections are kept.

use super::Walk;
use crate::model::load_balancer_controller::stack::Kind;

/// How long a silent connection is kept (User Guides: "Connection idle timeout"; of TCP through a Network Load Balancer 350 seconds).
pub(super) fn idle_timeout(walk: &Walk<'_, '_, '_>, arn: &str) -> Option<String> {
    let of = |command: Option<&crate::segment::Command>| {
        command
            .and_then(|command| command.option("--load-balancer-arn"))
            .as_deref()
            == Some(arn)
    };
    let own = walk
        .model
        .aws_roots()
        .into_iter()
        .filter(|(command, _)| of(*command))
        .flat_map(|(_, root)| root.list("Attributes"))
        .find(|attribute| attribute.str_of("Key") == Some("idle_timeout.timeout_seconds"))
        .and_then(|attribute| attribute.str_of("Value").map(str::to_owned));
    timeout_words(walk.front.kind, own.or_else(|| tcp_timeout(walk, arn)).as_deref())
}

/// The timeout of a Network Load Balancer's listener (`describe-listener-attributes`), where only one was printed.
fn tcp_timeout(walk: &Walk<'_, '_, '_>, arn: &str) -> Option<String> {
    let path = crate::model::aws::elbv2::listener::path_of(arn)?;
    let mut values = walk
        .model
        .aws_roots()
        .into_iter()
        .filter(|(command, _)| {
            let of = command.and_then(|command| command.option("--listener-arn"));
            of.is_some_and(|of| of.contains(&path))
        })
        .flat_map(|(_, root)| root.list("Attributes"))
        .filter(|attribute| attribute.str_of("Key") == Some("tcp.idle_timeout.seconds"))
        .filter_map(|attribute| attribute.str_of("Value").map(str::to_owned));
    let first = values.next()?;
    values.all(|other| other == first).then_some(first)
}

pub(super) fn timeout_words(kind: Option<Kind>, own: Option<&str>) -> Option<String> {
    let (seconds, default) = match (kind?, own) {
        (_, Some(own)) => (own, ""),
        (Kind::Application, None) => ("60", ", which is the default,"),
        (Kind::Network, None) => ("350", ", the default for TCP,"),
    };
    Some(format!(
        "A connection that is silent for {seconds} seconds{default} is closed."
    ))
}
