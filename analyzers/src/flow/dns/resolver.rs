//! Which names a C library's stub resolver asks for, and what makes it go on to the next.
//!
//! Sources: glibc `resolv/res_query.c` (`__res_context_search`) and `resolv/res_init.c`; musl `src/network/lookup_name.c`
//! (`name_from_dns_search`, `name_from_dns`) and `src/network/resolvconf.c`; resolv.conf(5).

/// Whose rules apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Resolver {
    /// The GNU C library: Debian, Ubuntu, Amazon Linux, Red Hat images.
    #[default]
    Glibc,
    /// musl: Alpine images.
    Musl,
}

impl Resolver {
    /// The library's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Glibc => "glibc",
            Self::Musl => "musl",
        }
    }
}

/// `ndots` where no option sets it (both libraries).
pub const DEFAULT_NDOTS: u32 = 1;

/// Larger values of `ndots` are cut to this (`RES_MAXNDOTS` in glibc's `resolv.h`; the same number in musl's `resolvconf.c`).
pub const MAX_NDOTS: u32 = 15;

/// The longest name in text form, without the trailing dot (RFC 1035, section 2.3.4: 255 octets on the wire).
const MAX_NAME: usize = 253;

/// musl keeps the search list in 256 bytes and ignores a line that does not fit.
const MUSL_SEARCH: usize = 256;

/// A name that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The name, without the trailing dot.
    pub name: String,
    /// The search domain that was put behind it; `None` for the name as it was given.
    pub suffix: Option<String>,
}

/// The names that are asked for, in order, as long as none of them answers.
pub fn candidates(name: &str, search: &[String], ndots: u32, resolver: Resolver) -> Vec<Candidate> {
    let bare = name.strip_suffix('.').unwrap_or(name);
    let as_is = Candidate {
        name: bare.to_owned(),
        suffix: None,
    };
    let enough_dots = dots(name) >= ndots.min(MAX_NDOTS);
    if name.ends_with('.') || (enough_dots && resolver == Resolver::Musl) {
        return vec![as_is];
    }
    match resolver {
        Resolver::Glibc => glibc(as_is, search, enough_dots),
        Resolver::Musl => musl(as_is, search),
    }
}

/// How many dots a name has.
pub fn dots(name: &str) -> u32 {
    u32::try_from(name.bytes().filter(|&byte| byte == b'.').count()).unwrap_or(u32::MAX)
}

fn glibc(as_is: Candidate, search: &[String], as_is_first: bool) -> Vec<Candidate> {
    let mut all = Vec::new();
    if as_is_first {
        all.push(as_is.clone());
    }
    let mut root_on_list = false;
    for domain in search {
        let domain = domain.strip_prefix('.').unwrap_or(domain);
        let domain = domain.strip_suffix('.').unwrap_or(domain);
        if domain.is_empty() {
            // The root on the list asks for the name as it is; it is then not tried again at the end.
            root_on_list = true;
            all.push(as_is.clone());
            continue;
        }
        let Some(next) = joined(&as_is.name, domain) else {
            // No query can be made of it: NO_RECOVERY, which ends the search but not the try as it is.
            break;
        };
        all.push(next);
    }
    if !as_is_first && !root_on_list {
        all.push(as_is);
    }
    all
}

fn musl(as_is: Candidate, search: &[String]) -> Vec<Candidate> {
    let mut all = Vec::new();
    let length: usize = search.iter().map(|domain| domain.len() + 1).sum();
    if length <= MUSL_SEARCH {
        for domain in search {
            let domain = domain.strip_suffix('.').unwrap_or(domain);
            if domain.is_empty() {
                // `name..` is no name: the query cannot be made, and that error ends the whole lookup.
                return all;
            }
            all.extend(joined(&as_is.name, domain));
        }
    }
    all.push(as_is);
    all
}

fn joined(name: &str, domain: &str) -> Option<Candidate> {
    (name.len() + 1 + domain.len() <= MAX_NAME).then(|| Candidate {
        name: format!("{name}.{domain}"),
        suffix: Some(domain.to_owned()),
    })
}

/// What came of asking for one name, over both address types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// At least one record.
    Answer,
    /// The name exists, without a record of that type.
    NoData,
    /// The name does not exist.
    NxDomain,
    /// The server could not find out.
    ServFail,
    /// Anything else: refused, malformed, no answer in time.
    Failed,
}

/// What the resolver does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The lookup is over.
    Stop,
    /// The next name of the search list.
    Next,
    /// No more of the search list, but the name as it was given if it has not been asked for yet.
    AsIs,
}

/// What `resolver` does after `outcome`.
pub fn then(resolver: Resolver, outcome: Outcome) -> Then {
    match (resolver, outcome) {
        (_, Outcome::Answer) | (Resolver::Musl, Outcome::NoData | Outcome::ServFail | Outcome::Failed) => Then::Stop,
        (_, Outcome::NxDomain) | (Resolver::Glibc, Outcome::NoData | Outcome::ServFail) => Then::Next,
        (Resolver::Glibc, Outcome::Failed) => Then::AsIs,
    }
}

/// The candidates that are really asked for when each has the outcome that `outcome` says.
pub fn asked(all: &[Candidate], resolver: Resolver, outcome: impl Fn(&str) -> Outcome) -> Vec<Candidate> {
    let mut done: Vec<Candidate> = Vec::new();
    let mut only_as_is = false;
    for candidate in all {
        if only_as_is && candidate.suffix.is_some() {
            continue;
        }
        done.push(candidate.clone());
        match then(resolver, outcome(&candidate.name)) {
            Then::Stop => break,
            Then::Next => {}
            Then::AsIs => only_as_is = true,
        }
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster() -> Vec<String> {
        ["shop.svc.cluster.local", "svc.cluster.local", "cluster.local"]
            .map(str::to_owned)
            .to_vec()
    }

    fn names(name: &str, search: &[String], ndots: u32, resolver: Resolver) -> Vec<String> {
        candidates(name, search, ndots, resolver)
            .into_iter()
            .map(|candidate| candidate.name)
            .collect()
    }

    #[test]
    fn fewer_dots_than_ndots_asks_the_search_list_first() {
        for resolver in [Resolver::Glibc, Resolver::Musl] {
            assert_eq!(
                names("api.example.com", &cluster(), 5, resolver),
                [
                    "api.example.com.shop.svc.cluster.local",
                    "api.example.com.svc.cluster.local",
                    "api.example.com.cluster.local",
                    "api.example.com",
                ]
            );
        }
    }

    #[test]
    fn enough_dots_ask_for_the_name_first_and_musl_never_searches_then() {
        assert_eq!(
            names("cart.shop.svc", &cluster(), 2, Resolver::Glibc),
            [
                "cart.shop.svc",
                "cart.shop.svc.shop.svc.cluster.local",
                "cart.shop.svc.svc.cluster.local",
                "cart.shop.svc.cluster.local",
            ]
        );
        assert_eq!(names("cart.shop.svc", &cluster(), 2, Resolver::Musl), ["cart.shop.svc"]);
    }

    #[test]
    fn a_trailing_dot_asks_once() {
        for resolver in [Resolver::Glibc, Resolver::Musl] {
            assert_eq!(names("api.example.com.", &cluster(), 5, resolver), ["api.example.com"]);
        }
    }

    #[test]
    fn the_root_on_the_search_list_is_the_name_itself_for_glibc_and_the_end_for_musl() {
        let search = ["a.test".to_owned(), ".".to_owned(), "b.test".to_owned()];
        assert_eq!(names("x", &search, 1, Resolver::Glibc), ["x.a.test", "x", "x.b.test"]);
        assert_eq!(names("x", &search, 1, Resolver::Musl), ["x.a.test"]);
    }

    #[test]
    fn ndots_is_cut_to_fifteen() {
        let name = "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a";
        assert_eq!(dots(name), 15);
        assert_eq!(
            names(name, &cluster(), 99, Resolver::Glibc).first().map(String::as_str),
            Some(name)
        );
    }

    #[test]
    fn a_name_that_would_be_too_long_ends_glibcs_search_and_is_skipped_by_musl() {
        let long = format!("{0}.{0}.{0}.{0}", "a".repeat(61));
        let search = ["shop.svc.cluster.local".to_owned(), "b".to_owned()];
        assert_eq!(names(&long, &search, 5, Resolver::Glibc), std::slice::from_ref(&long));
        assert_eq!(
            names(&long, &search, 5, Resolver::Musl),
            [format!("{long}.b"), long.clone()]
        );
    }

    #[test]
    fn only_nxdomain_sends_musl_on() {
        let all = candidates("x.test", &cluster(), 5, Resolver::Musl);
        let run = |outcome| asked(&all, Resolver::Musl, |_| outcome).len();
        assert_eq!(run(Outcome::NxDomain), 4);
        assert_eq!(run(Outcome::NoData), 1);
        assert_eq!(run(Outcome::ServFail), 1);
    }

    #[test]
    fn glibc_goes_on_after_no_data_and_gives_up_the_list_after_other_failures() {
        let all = candidates("x.test", &cluster(), 5, Resolver::Glibc);
        let run = |outcome| asked(&all, Resolver::Glibc, |_| outcome).len();
        assert_eq!(run(Outcome::NoData), 4);
        assert_eq!(run(Outcome::ServFail), 4);
        assert_eq!(run(Outcome::Failed), 2);
        assert_eq!(run(Outcome::Answer), 1);
    }
}
