//! Listeners and their rules, as `describe-listeners` and `describe-rules` print them.

use super::rule::{
    Action, Authenticate, Condition, Does, Field, FixedResponse, Forward, GroupRef, Redirect, Rule, Weighted,
};
use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::model::Model;
use crate::model::aws::listing::{Limits, roots};
use crate::model::decided::By;

/// A listener.
#[derive(Debug, Clone)]
pub struct Listener<'a> {
    /// Its element of `Listeners`.
    pub node: Node<'a>,
    /// `ListenerArn`; empty where it was not printed.
    pub arn: &'a str,
    /// `Port`
    pub port: u16,
    /// `Protocol`
    pub protocol: &'a str,
}

impl Listener<'_> {
    /// `DefaultActions`
    pub fn default_actions(&self) -> Vec<Action> {
        actions(&self.node.list("DefaultActions"))
    }
}

/// What was printed of a load balancer's listeners.
#[derive(Debug, Clone, Default)]
pub struct Listeners<'a> {
    /// By port.
    pub all: Vec<Listener<'a>>,
    /// Where they were printed.
    pub evidence: Vec<Evidence>,
    /// Whether these are all: nothing was cut off, picked by `--query` or asked for one by one.
    pub complete: bool,
}

/// What was printed of a listener's rules.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// By priority, without the default one.
    pub all: Vec<Rule>,
    /// Where they were printed; empty where they were not.
    pub evidence: Vec<Evidence>,
    /// Whether these are all.
    pub complete: bool,
}

/// The part of a load balancer's, a listener's or a rule's ARN that is the load balancer's own: `app/NAME/ID`.
pub fn path_of(arn: &str) -> Option<String> {
    let (_, resource) = arn.rsplit_once(':')?;
    let mut parts = resource.split('/');
    let kind = parts.next()?;
    if !matches!(kind, "loadbalancer" | "listener" | "listener-rule") {
        return None;
    }
    let (of, name, id) = (parts.next()?, parts.next()?, parts.next()?);
    Some(format!("{of}/{name}/{id}"))
}

/// Whether an answer has all that belongs to one load balancer, or to one listener: its command asked for that one by its ARN, in a shell's
/// variable where `has_own` says that the answer is about it, and for nothing more special.
pub fn tells_all(limits: &Limits, is_own: impl Fn(&str) -> bool, has_own: bool) -> bool {
    !limits.partial
        && limits.filters.iter().all(|(option, arns)| {
            let by_owner = matches!(option.as_str(), "load-balancer-arn" | "listener-arn");
            by_owner && arns.iter().all(|arn| is_own(arn) || has_own && arn.starts_with('$'))
        })
}

impl<'a> Model<'a> {
    /// The listeners of the load balancer whose ARN has that path. One that is not named by its ARN is of the load balancer that its command
    /// names.
    pub fn listeners_of(&self, path: &str) -> Listeners<'a> {
        let mut found = Listeners {
            complete: true,
            ..Listeners::default()
        };
        for from in roots(self) {
            let (command, root, limits) = (from.command, &from.node, from.limits());
            let Some(list) = root.get("Listeners") else { continue };
            let named = command.and_then(|command| command.option("--load-balancer-arn"));
            let by_command = named.as_deref().and_then(path_of);
            let mut own = Vec::new();
            for node in list.items() {
                let arn = node.str_of("ListenerArn").unwrap_or_default();
                let of = node
                    .str_of("LoadBalancerArn")
                    .and_then(path_of)
                    .or_else(|| path_of(arn))
                    .or_else(|| by_command.clone());
                let port = node.get("Port").and_then(|port| u16::try_from(port.number()?).ok());
                if let (Some(of), Some(port)) = (of, port)
                    && of == path
                {
                    own.push(Listener {
                        arn,
                        port,
                        protocol: node.str_of("Protocol").unwrap_or_default(),
                        node,
                    });
                }
            }
            if own.is_empty() && by_command.as_deref() != Some(path) {
                continue;
            }
            found.evidence.push(list.evidence());
            // What one command prints in full is all there is.
            found.complete = tells_all(&limits, |arn| path_of(arn).as_deref() == Some(path), !own.is_empty());
            for listener in own {
                match found.all.iter_mut().find(|other| other.port == listener.port) {
                    Some(other) => *other = listener,
                    None => found.all.push(listener),
                }
            }
        }
        found.all.sort_by_key(|listener| listener.port);
        found.complete &= !found.evidence.is_empty();
        found
    }

    /// The rules of a listener.
    pub fn rules_of(&self, listener: &str) -> Rules {
        let mut found = Rules::default();
        let prefix = format!("{}/", listener.replacen(":listener/", ":listener-rule/", 1));
        for from in roots(self) {
            let (command, root, limits) = (from.command, &from.node, from.limits());
            let Some(list) = root.get("Rules") else { continue };
            let named = command.and_then(|command| command.option("--listener-arn"));
            let is_own = |node: &Node<'_>| match node.str_of("RuleArn") {
                Some(arn) => arn.starts_with(&prefix),
                None => named.as_deref() == Some(listener) && node.get("Actions").is_some(),
            };
            let own: Vec<Node<'a>> = list.items().into_iter().filter(|node| is_own(node)).collect();
            if own.is_empty() && named.as_deref() != Some(listener) {
                continue;
            }
            found.evidence.push(list.evidence());
            found.complete = tells_all(&limits, |arn| arn == listener, !own.is_empty());
            for node in &own {
                let is_default = node.get("IsDefault").and_then(|node| node.bool()) == Some(true)
                    || node.str_of("Priority") == Some("default");
                if !is_default {
                    found.all.push(rule(node));
                }
            }
        }
        // A rule without a priority cannot be put in its place: last, and then the rules are not all known.
        found.complete &= found.all.iter().all(|rule| rule.priority.is_some());
        found.all.sort_by_key(|rule| rule.priority.unwrap_or(u32::MAX));
        found
            .all
            .dedup_by(|a, b| a.priority.is_some() && a.priority == b.priority);
        found
    }
}

fn rule(node: &Node<'_>) -> Rule {
    let priority = node.get("Priority").and_then(|node| u32::try_from(node.number()?).ok());
    Rule {
        priority,
        conditions: node.list("Conditions").iter().map(condition).collect(),
        actions: actions(&node.list("Actions")),
        transforms: node
            .list("Transforms")
            .iter()
            .filter_map(|transform| transform.str_of("Type").map(str::to_owned))
            .collect(),
        by: By::Read(node.evidence()),
    }
}

fn strings(node: &Node<'_>, name: &str) -> Vec<String> {
    node.list(name)
        .iter()
        .filter_map(|value| value.str().map(str::to_owned))
        .collect()
}

fn condition(node: &Node<'_>) -> Condition {
    let field = node.str_of("Field").unwrap_or_default();
    let (field, config) = match field {
        "host-header" => (Field::HostHeader, "HostHeaderConfig"),
        "path-pattern" => (Field::PathPattern, "PathPatternConfig"),
        "http-header" => {
            let name = node
                .get("HttpHeaderConfig")
                .and_then(|config| config.str_of("HttpHeaderName"));
            (
                Field::HttpHeader(name.unwrap_or_default().to_owned()),
                "HttpHeaderConfig",
            )
        }
        "http-request-method" => (Field::HttpRequestMethod, "HttpRequestMethodConfig"),
        "query-string" => (Field::QueryString, "QueryStringConfig"),
        "source-ip" => (Field::SourceIp, "SourceIpConfig"),
        other => (Field::Other(other.to_owned()), ""),
    };
    let settings = node.get(config);
    // The older form has the values of hosts and paths at the top, and both are printed.
    let mut values = settings
        .as_ref()
        .map(|settings| strings(settings, "Values"))
        .unwrap_or_default();
    if values.is_empty() {
        values = strings(node, "Values");
    }
    if field == Field::QueryString {
        let pairs = settings
            .as_ref()
            .map(|settings| settings.list("Values"))
            .unwrap_or_default();
        values = pairs
            .iter()
            .filter_map(|pair| {
                let value = pair.str_of("Value")?;
                Some(match pair.str_of("Key") {
                    Some(key) => format!("{key}={value}"),
                    None => value.to_owned(),
                })
            })
            .collect();
    }
    let regex = settings
        .as_ref()
        .map(|settings| strings(settings, "RegexValues"))
        .unwrap_or_default();
    Condition {
        field,
        values,
        regex: if regex.is_empty() {
            strings(node, "RegexValues")
        } else {
            regex
        },
        by: By::Read(node.evidence()),
    }
}

/// Actions in their order.
fn actions(nodes: &[Node<'_>]) -> Vec<Action> {
    let mut nodes: Vec<&Node<'_>> = nodes.iter().collect();
    nodes.sort_by_key(|node| node.get("Order").and_then(|order| order.number()).unwrap_or(i64::MAX));
    nodes.into_iter().map(action).collect()
}

fn action(node: &Node<'_>) -> Action {
    let text = |config: &Node<'_>, name: &str| config.str_of(name).map(str::to_owned);
    let does = match node.str_of("Type").unwrap_or_default() {
        "forward" => Does::Forward(forward(node)),
        "redirect" => match node.get("RedirectConfig") {
            Some(config) => Does::Redirect(Redirect {
                protocol: text(&config, "Protocol"),
                port: text(&config, "Port"),
                host: text(&config, "Host"),
                path: text(&config, "Path"),
                query: text(&config, "Query"),
                status_code: text(&config, "StatusCode").unwrap_or_default(),
            }),
            None => Does::Redirect(Redirect::default()),
        },
        "fixed-response" => match node.get("FixedResponseConfig") {
            Some(config) => Does::FixedResponse(FixedResponse {
                status_code: text(&config, "StatusCode").unwrap_or_default(),
                content_type: text(&config, "ContentType"),
                message_body: text(&config, "MessageBody"),
            }),
            None => Does::FixedResponse(FixedResponse::default()),
        },
        kind @ ("authenticate-oidc" | "authenticate-cognito") => {
            let config = node
                .get("AuthenticateOidcConfig")
                .or_else(|| node.get("AuthenticateCognitoConfig"));
            let on = config.and_then(|config| text(&config, "OnUnauthenticatedRequest"));
            Does::Authenticate(Authenticate {
                with: kind.trim_start_matches("authenticate-").to_owned(),
                on_unauthenticated_request: on.unwrap_or_else(|| "authenticate".to_owned()),
            })
        }
        "jwt-validation" => Does::JwtValidation,
        other => Does::Other(other.to_owned()),
    };
    Action {
        does,
        by: By::Read(node.evidence()),
    }
}

fn forward(node: &Node<'_>) -> Forward {
    let config = node.get("ForwardConfig");
    let weighted = |group: &Node<'_>| {
        Some(Weighted {
            group: GroupRef::Arn(group.str_of("TargetGroupArn")?.to_owned()),
            weight: group
                .get("Weight")
                .and_then(|weight| u32::try_from(weight.number()?).ok()),
        })
    };
    let mut groups: Vec<Weighted> = config
        .as_ref()
        .map(|config| config.list("TargetGroups"))
        .unwrap_or_default()
        .iter()
        .filter_map(weighted)
        .collect();
    if groups.is_empty() {
        groups.extend(weighted(node));
    }
    let sticky = config.and_then(|config| config.get("TargetGroupStickinessConfig"));
    Forward {
        groups,
        sticky: sticky.as_ref().and_then(|sticky| sticky.get("Enabled")?.bool()),
        sticky_seconds: sticky
            .as_ref()
            .and_then(|sticky| sticky.get("DurationSeconds")?.number()),
    }
}

#[cfg(test)]
mod tests {
    use super::path_of;
    use crate::model::aws::elbv2::rule::{Does, Field};
    use crate::{Analysis, Input, analysis};

    const LISTENER: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/k8s-shop-1a2b3c4d5e/50dc6c495c0c9188/f2f7dc8efc522ab2";

    fn read(text: &str) -> Analysis {
        let input = Input {
            name: "paste".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        analysis::read(vec![input], &mut |_| {})
    }

    #[test]
    fn the_load_balancer_of_an_arn_is_told() {
        assert_eq!(
            path_of(LISTENER).as_deref(),
            Some("app/k8s-shop-1a2b3c4d5e/50dc6c495c0c9188")
        );
        assert_eq!(
            path_of("arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/api/0123456789abcdef")
                .as_deref(),
            Some("net/api/0123456789abcdef")
        );
        assert_eq!(
            path_of("arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/a/0123456789abcdef"),
            None
        );
    }

    #[test]
    fn rules_come_by_priority_and_the_default_one_is_left_out() {
        let text = format!(
            r#"$ aws elbv2 describe-rules --listener-arn {LISTENER}
{{"Rules": [
  {{"RuleArn": "{rule}/0b", "Priority": "20", "IsDefault": false,
    "Conditions": [{{"Field": "path-pattern", "Values": ["/api/*"], "PathPatternConfig": {{"Values": ["/api/*"]}}}}],
    "Actions": [
      {{"Type": "forward", "Order": 2, "ForwardConfig": {{"TargetGroups": [
        {{"TargetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/blue/1", "Weight": 80}},
        {{"TargetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/green/2", "Weight": 20}}]}}}},
      {{"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": {{"Issuer": "https://id.example.com"}}}}]}},
  {{"RuleArn": "{rule}/0a", "Priority": "3", "IsDefault": false,
    "Conditions": [{{"Field": "http-header", "HttpHeaderConfig": {{"HttpHeaderName": "X-Canary", "Values": ["1"]}}}}],
    "Actions": [{{"Type": "fixed-response", "FixedResponseConfig": {{"StatusCode": "403", "ContentType": "text/plain"}}}}]}},
  {{"RuleArn": "{rule}/0c", "Priority": "default", "IsDefault": true, "Conditions": [],
    "Actions": [{{"Type": "fixed-response", "FixedResponseConfig": {{"StatusCode": "404"}}}}]}}
]}}
"#,
            rule = LISTENER.replacen(":listener/", ":listener-rule/", 1)
        );
        let analysis = read(&text);
        let model = analysis.model();
        let rules = model.rules_of(LISTENER);
        assert!(rules.complete);
        let priorities: Vec<_> = rules.all.iter().map(|rule| rule.priority).collect();
        assert_eq!(priorities, vec![Some(3), Some(20)]);
        assert_eq!(
            rules.all[0].conditions[0].field,
            Field::HttpHeader("X-Canary".to_owned())
        );
        assert!(matches!(rules.all[1].actions[0].does, Does::Authenticate(_)));
        let Does::Forward(forward) = &rules.all[1].actions[1].does else {
            panic!("a forward action");
        };
        let weights: Vec<_> = forward.groups.iter().map(|group| group.weight).collect();
        assert_eq!(weights, vec![Some(80), Some(20)]);
        let other = LISTENER.replace("f2f7dc8efc522ab2", "0000000000000000");
        assert!(model.rules_of(&other).evidence.is_empty());
    }

    #[test]
    fn listeners_are_known_by_their_load_balancer() {
        let text = format!(
            r#"$ aws elbv2 describe-listeners --load-balancer-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/k8s-shop-1a2b3c4d5e/50dc6c495c0c9188
{{"Listeners": [
  {{"ListenerArn": "{LISTENER}", "LoadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/k8s-shop-1a2b3c4d5e/50dc6c495c0c9188",
    "Port": 443, "Protocol": "HTTPS", "DefaultActions": [{{"Type": "fixed-response", "FixedResponseConfig": {{"StatusCode": "404"}}}}]}}
]}}
"#
        );
        let analysis = read(&text);
        let listeners = analysis
            .model()
            .listeners_of("app/k8s-shop-1a2b3c4d5e/50dc6c495c0c9188");
        assert!(listeners.complete);
        let ports: Vec<_> = listeners.all.iter().map(|listener| listener.port).collect();
        assert_eq!(ports, vec![443]);
        assert!(analysis.model().listeners_of("app/other/0").evidence.is_empty());
    }
}
