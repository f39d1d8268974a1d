//! A listener's rules: conditions and actions, as `describe-rules` prints them and as controllers write them (API reference of Elastic Load
//! Balancing v2, `Rule`, `RuleCondition`, `Action`).

use crate::model::decided::By;

/// A rule of a listener. The one that a request meets first by priority decides; the default rule comes last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// `Priority`; `None` for the default rule.
    pub priority: Option<u32>,
    /// All have to be met.
    pub conditions: Vec<Condition>,
    /// What is done, in order; the last one ends the request.
    pub actions: Vec<Action>,
    /// The kinds of rewriting that are done before (`Transforms`).
    pub transforms: Vec<String>,
    /// Where it stands.
    pub by: By,
}

/// What a condition looks at (`Field`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// `host-header`
    HostHeader,
    /// `path-pattern`
    PathPattern,
    /// `http-header`, with the header's name.
    HttpHeader(String),
    /// `http-request-method`
    HttpRequestMethod,
    /// `query-string`
    QueryString,
    /// `source-ip`
    SourceIp,
    /// Another one, by its name.
    Other(String),
}

impl Field {
    /// The name that the API gives it.
    pub fn name(&self) -> &str {
        match self {
            Self::HostHeader => "host-header",
            Self::PathPattern => "path-pattern",
            Self::HttpHeader(_) => "http-header",
            Self::HttpRequestMethod => "http-request-method",
            Self::QueryString => "query-string",
            Self::SourceIp => "source-ip",
            Self::Other(name) => name,
        }
    }
}

/// One condition: met where one of its values is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// What it looks at.
    pub field: Field,
    /// Values, with `*` and `?` in those fields that take them; of a query string `KEY=VALUE` or a value alone.
    pub values: Vec<String>,
    /// Regular expressions (`RegexValues`).
    pub regex: Vec<String>,
    /// Where it stands.
    pub by: By,
}

/// What is done with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// What.
    pub does: Does,
    /// Where it stands.
    pub by: By,
}

/// The kinds of actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Does {
    /// `forward`
    Forward(Forward),
    /// `redirect`
    Redirect(Redirect),
    /// `fixed-response`
    FixedResponse(FixedResponse),
    /// `authenticate-oidc`, `authenticate-cognito`: somebody who is not signed in is sent away to sign in.
    Authenticate(Authenticate),
    /// `jwt-validation`: a request without a valid token is refused.
    JwtValidation,
    /// Another one, by its name.
    Other(String),
}

/// To which target groups a request goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Forward {
    /// They share the requests by their weights.
    pub groups: Vec<Weighted>,
    /// `TargetGroupStickinessConfig.Enabled`
    pub sticky: Option<bool>,
    /// `TargetGroupStickinessConfig.DurationSeconds`
    pub sticky_seconds: Option<i64>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighted {
    /// Which.
    pub group: GroupRef,
    /// `Weight`; a single group needs none.
    pub weight: Option<u32>,
}

/// How a target group is named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupRef {
    /// By its ARN.
    Arn(String),
    /// By its name.
    Name(String),
    /// By what it is made for, in a controller's model of what it will make.
    Made(String),
}

/// `RedirectConfig`: what is not given stays as it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Redirect {
    /// `HTTP`, `HTTPS` or `#{protocol}`
    pub protocol: Option<String>,
    /// A port or `#{port}`
    pub port: Option<String>,
    /// A host or `#{host}`
    pub host: Option<String>,
    /// A path, with `/#{path}` for the one that was asked.
    pub path: Option<String>,
    /// A query string, with `#{query}` for the one that was asked.
    pub query: Option<String>,
    /// `HTTP_301` or `HTTP_302`
    pub status_code: String,
}

/// `FixedResponseConfig`
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FixedResponse {
    /// `2XX`, `4XX` or `5XX`, as a number.
    pub status_code: String,
    /// `text/plain` …
    pub content_type: Option<String>,
    /// What it says.
    pub message_body: Option<String>,
}

/// How somebody is made to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticate {
    /// `oidc` or `cognito`
    pub with: String,
    /// `deny`, `allow` or `authenticate`, which is the default.
    pub on_unauthenticated_request: String,
}
