//! The names that the controller gives: `k8s-`, what is left of namespace and name, and ten hexadecimal digits of a SHA-256 over what makes
//! the thing the one it is.

use std::fmt;

use sha2::{Digest, Sha256};

/// A name in AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    /// Somebody asked for it.
    Given(String),
    /// The controller makes it.
    Made {
        /// Up to the hash: `k8s-shop-api-`
        start: String,
        /// The hash; `None` where something that it is made of was not pasted.
        hash: Option<String>,
    },
}

/// The digits of a hash that are part of a name.
const DIGITS: usize = 10;

impl Name {
    /// A name made of two words and a hash: eight letters of each.
    pub fn made(words: [&str; 2], of: Option<&[&str]>) -> Self {
        let [first, second] = words.map(|word| letters(word, 8));
        Self::Made {
            start: format!("k8s-{first}-{second}-"),
            hash: of.map(hash),
        }
    }

    /// That of an Ingress group: seventeen letters of its name.
    pub fn of_group(name: &str, of: Option<&[&str]>) -> Self {
        Self::Made {
            start: format!("k8s-{}-", letters(name, 17)),
            hash: of.map(hash),
        }
    }

    /// Whether that may be the name.
    pub fn is(&self, name: &str) -> bool {
        match self {
            Self::Given(given) => given == name,
            Self::Made { start, hash } => name.strip_prefix(start.as_str()).is_some_and(|rest| match hash {
                Some(hash) => rest == hash,
                None => rest.len() == DIGITS && rest.bytes().all(|byte| byte.is_ascii_hexdigit()),
            }),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(name) => f.write_str(name),
            Self::Made { start, hash } => write!(f, "{start}{}", hash.as_deref().unwrap_or("…")),
        }
    }
}

/// The first letters and digits of a word.
fn letters(word: &str, count: usize) -> String {
    word.chars().filter(char::is_ascii_alphanumeric).take(count).collect()
}

fn hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
    }
    let digit = |half: u8| char::from_digit(u32::from(half), 16);
    hash.finalize()
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)])
        .flatten()
        .take(DIGITS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn a_name_is_cut_and_hashed() {
        let name = Name::made(["shop-api", "web_frontend"], Some(&["abc"]));
        // The hash of "abc" is the first example of FIPS 180-2.
        assert_eq!(name.to_string(), "k8s-shopapi-webfront-ba7816bf8f");
        assert!(name.is("k8s-shopapi-webfront-ba7816bf8f"));
        assert!(!name.is("k8s-shopapi-webfront-ba7816bf80"));
    }

    #[test]
    fn without_what_the_hash_is_made_of_any_hash_may_be_it() {
        let name = Name::of_group("the.public.group-of-all-teams", None);
        assert_eq!(name.to_string(), "k8s-thepublicgroupofa-…");
        assert!(name.is("k8s-thepublicgroupofa-0123456789"));
        assert!(!name.is("k8s-thepublicgroupofa-012345678"));
        assert!(!name.is("k8s-thepublicgroupofb-0123456789"));
    }
}
