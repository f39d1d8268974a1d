//! ARNs of IAM: `arn:PARTITION:iam::ACCOUNT:RESOURCE`.

use super::obscured;
use super::truth::Truth;

/// An ARN of IAM, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IamArn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov` …
    pub partition: &'a str,
    /// Twelve digits, or what was left of them.
    pub account: &'a str,
    /// `role/path/name`, `oidc-provider/host/path`.
    pub resource: &'a str,
}

impl<'a> IamArn<'a> {
    /// Takes an ARN apart.
    pub fn parse(arn: &'a str) -> Option<Self> {
        let mut parts = arn.trim().splitn(6, ':');
        let (scheme, partition, service, _region, account, resource) = (
            parts.next()?,
            parts.next()?,
            parts.next()?,
            parts.next()?,
            parts.next()?,
            parts.next()?,
        );
        (scheme == "arn" && service == "iam").then_some(Self {
            partition,
            account,
            resource,
        })
    }

    /// A role's name, without its path: names are unique in an account, whatever the path.
    pub fn role_name(&self) -> Option<&'a str> {
        self.resource.strip_prefix("role/")?.rsplit('/').next()
    }

    /// An OIDC provider's issuer, as host and path.
    pub fn oidc_issuer(&self) -> Option<&'a str> {
        self.resource.strip_prefix("oidc-provider/")
    }
}

/// An issuer's URL as IAM writes it in provider ARNs and condition keys: host and path alone.
pub fn bare_issuer(url: &str) -> &str {
    let url = url.trim();
    let bare = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .unwrap_or(url);
    bare.trim_end_matches('/')
}

/// Whether two names are the same. What was blacked out, or differs only in case, is not decided.
pub fn same(a: &str, b: &str) -> Truth {
    if obscured(a) || obscured(b) {
        Truth::Unknown
    } else if a == b {
        Truth::True
    } else if a.eq_ignore_ascii_case(b) {
        Truth::Unknown
    } else {
        Truth::False
    }
}

#[cfg(test)]
mod tests {
    use super::{IamArn, Truth, bare_issuer, same};

    #[test]
    fn an_arn_is_taken_apart() {
        let role = IamArn::parse("arn:aws-cn:iam::111122223333:role/team/a/uploader").expect("an ARN");
        assert_eq!((role.partition, role.account), ("aws-cn", "111122223333"));
        assert_eq!(role.role_name(), Some("uploader"));
        let provider = IamArn::parse("arn:aws:iam::1:oidc-provider/host:8443/id/A").expect("an ARN");
        assert_eq!(provider.oidc_issuer(), Some("host:8443/id/A"));
        assert_eq!(provider.role_name(), None);
        assert_eq!(IamArn::parse("arn:aws:s3:::bucket"), None);
    }

    #[test]
    fn issuers_are_compared_without_their_scheme() {
        assert_eq!(
            bare_issuer("https://oidc.eks.x.amazonaws.com/id/A/"),
            "oidc.eks.x.amazonaws.com/id/A"
        );
        assert_eq!(same("a", "A"), Truth::Unknown);
        assert_eq!(same("a", "<b>"), Truth::Unknown);
        assert_eq!(same("a", "b"), Truth::False);
    }
}
