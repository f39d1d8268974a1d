//! Which rules the controller leaves out: those that would redirect to themselves, and those that a redirect before them never lets be met
//! (`pkg/ingress/rule_optimizer.go`).

use std::collections::BTreeSet;

use crate::model::aws::elbv2::rule::{Action, Condition, Does, Field, Redirect, Rule};

/// Hosts and paths of a rule's conditions.
struct Asks<'r> {
    hosts: BTreeSet<&'r str>,
    paths: BTreeSet<&'r str>,
    /// Whether a path is a regular expression.
    regex: bool,
    /// Whether nothing else is asked.
    only: bool,
}

impl<'r> Asks<'r> {
    fn of(conditions: &'r [Condition]) -> Self {
        let mut asks = Self {
            hosts: BTreeSet::new(),
            paths: BTreeSet::new(),
            regex: false,
            only: true,
        };
        for condition in conditions {
            let values = || condition.values.iter().map(String::as_str);
            match condition.field {
                Field::HostHeader => asks.hosts.extend(values()),
                Field::PathPattern if condition.regex.is_empty() => asks.paths.extend(values()),
                Field::PathPattern => {
                    asks.regex = true;
                    asks.paths.extend(condition.regex.iter().map(String::as_str));
                }
                _ => asks.only = false,
            }
        }
        asks
    }

    /// Whether all that the others ask is asked here too.
    fn covers(&self, others: &Self) -> bool {
        let hosts = self.hosts.is_empty() || (!others.hosts.is_empty() && self.hosts.is_superset(&others.hosts));
        let paths = self.paths.is_empty()
            || self.paths.contains("/*")
            || (!others.paths.is_empty() && self.paths.is_superset(&others.paths));
        self.only && hosts && paths
    }
}

fn redirect(actions: &[Action]) -> Option<&Redirect> {
    actions.iter().find_map(|action| match &action.does {
        Does::Redirect(redirect) => Some(redirect),
        _ => None,
    })
}

/// Whether a rule of a listener redirects to what it was asked.
fn leads_back(port: u16, protocol: &str, rule: &Rule) -> bool {
    let Some(to) = redirect(&rule.actions) else {
        return false;
    };
    let asks = Asks::of(&rule.conditions);
    if asks.regex {
        return false;
    }
    let stays = |value: &Option<String>, same: &str, or: &dyn Fn(&str) -> bool| match value.as_deref() {
        Some(value) => value == same || or(value),
        None => true,
    };
    stays(&to.host, "#{host}", &|host| asks.hosts.contains(host))
        && stays(&to.path, "/#{path}", &|path| asks.paths.contains(path))
        && stays(&to.port, "#{port}", &|to| to == port.to_string())
        && stays(&to.protocol, "#{protocol}", &|to| to == protocol)
        && stays(&to.query, "#{query}", &|_| false)
}

/// A load balancer has room for some hundred rules: behind more redirects than this nothing is looked for.
const REDIRECTS: usize = 500;

/// The rules that are left, in their order.
pub fn optimized<T>(port: u16, protocol: &str, rules: Vec<(Rule, T)>) -> Vec<(Rule, T)> {
    let mut left: Vec<(Rule, T)> = Vec::new();
    let mut redirects: Vec<usize> = Vec::new();
    for (rule, with) in rules {
        if leads_back(port, protocol, &rule) {
            continue;
        }
        let asks = Asks::of(&rule.conditions);
        let hidden = redirects
            .iter()
            .filter_map(|at| left.get(*at))
            .any(|(before, _)| Asks::of(&before.conditions).covers(&asks));
        if hidden {
            continue;
        }
        if redirects.len() < REDIRECTS && redirect(&rule.actions).is_some() {
            redirects.push(left.len());
        }
        left.push((rule, with));
    }
    left
}

#[cfg(test)]
mod tests {
    use super::optimized;
    use crate::model::aws::elbv2::rule::{Action, Condition, Does, Field, FixedResponse, Redirect, Rule};
    use crate::model::decided::By;

    fn rule(conditions: &[(Field, &str)], does: Does) -> (Rule, ()) {
        let conditions = conditions
            .iter()
            .map(|(field, value)| Condition {
                field: field.clone(),
                values: vec![(*value).to_owned()],
                regex: Vec::new(),
                by: By::Default("a test"),
            })
            .collect();
        let rule = Rule {
            priority: None,
            conditions,
            actions: vec![Action {
                does,
                by: By::Default("a test"),
            }],
            transforms: Vec::new(),
            by: By::Default("a test"),
        };
        (rule, ())
    }

    fn to_https() -> Does {
        Does::Redirect(Redirect {
            protocol: Some("HTTPS".to_owned()),
            port: Some("443".to_owned()),
            status_code: "HTTP_301".to_owned(),
            ..Redirect::default()
        })
    }

    fn answer() -> Does {
        Does::FixedResponse(FixedResponse {
            status_code: "200".to_owned(),
            ..FixedResponse::default()
        })
    }

    #[test]
    fn a_redirect_to_https_stays_on_http_and_goes_on_https() {
        let rules = || vec![rule(&[(Field::PathPattern, "/*")], to_https())];
        assert_eq!(optimized(80, "HTTP", rules()).len(), 1);
        assert_eq!(optimized(443, "HTTPS", rules()).len(), 0);
    }

    #[test]
    fn what_stands_behind_a_redirect_of_the_same_requests_goes() {
        let host = || (Field::HostHeader, "shop.example.com");
        let path = || (Field::PathPattern, "/cart");
        let left = optimized(
            80,
            "HTTP",
            vec![
                rule(&[host()], to_https()),
                rule(&[host(), path()], answer()),
                rule(&[path()], answer()),
            ],
        );
        assert_eq!(left.len(), 2, "the path alone is also asked of other hosts");
        let method = (Field::HttpRequestMethod, "GET");
        let left = optimized(
            80,
            "HTTP",
            vec![rule(&[host(), method], to_https()), rule(&[host()], answer())],
        );
        assert_eq!(left.len(), 2, "other methods are not redirected");
    }
}
