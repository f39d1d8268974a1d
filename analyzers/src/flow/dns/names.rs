//! The names that the paste itself is about, where no capture shows them: hosts in commands and in error messages.

use crate::evidence::Evidence;
use crate::model::Model;
use crate::text::Span;

/// Commands whose argument is a host or a URL.
const TOOLS: [&str; 10] = [
    "curl", "wget", "getent", "nslookup", "dig", "host", "ping", "nc", "telnet", "openssl",
];

/// What stands before the name in the error messages of resolvers: Go (`net/net.go`, `DNSError`), Node.js (`dns`), curl, Java,
/// Python's urllib3, and musl's and glibc's tools.
const BEFORE: [&str; 8] = [
    "dial tcp: lookup ",
    "getaddrinfo ENOTFOUND ",
    "getaddrinfo EAI_AGAIN ",
    "Could not resolve host: ",
    "java.net.UnknownHostException: ",
    "Failed to resolve '",
    "bad address '",
    "unable to resolve host address '",
];

/// A name with where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The name, with its trailing dot if it has one.
    pub name: String,
    /// Where it stands.
    pub evidence: Evidence,
}

/// The names of the paste, error messages first, each once.
pub fn of(model: &Model<'_>) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    let errors = model.lines().filter_map(|(span, line)| Some((in_error(line)?, span)));
    let commands = model.segments.iter().filter_map(|segment| {
        // What a bundle's collector always looks up is nobody's question.
        let command = segment.command.as_ref().filter(|command| command.typed())?;
        Some((in_command(&command.text)?, command.span))
    });
    for (name, span) in errors.chain(commands) {
        add(&mut found, name, span);
        // The first few are enough: each is a picture of its own.
        if found.len() == 4 {
            break;
        }
    }
    found
}

fn add(found: &mut Vec<Named>, name: String, span: Span) {
    if !found.iter().any(|known| known.name == name) {
        found.push(Named {
            name,
            evidence: Evidence::Text(span),
        });
    }
}

fn in_error(line: &str) -> Option<String> {
    BEFORE.iter().find_map(|before| {
        let (_, rest) = line.split_once(before)?;
        host(
            rest.split(|c: char| c.is_whitespace() || matches!(c, '\'' | '"' | ':' | ',' | ')'))
                .next()?,
        )
    })
}

fn in_command(command: &str) -> Option<String> {
    let mut words = command.split_whitespace();
    words.find(|word| TOOLS.contains(&word.rsplit('/').next().unwrap_or(word)))?;
    words.find_map(|word| {
        let word = word.trim_matches(['"', '\'']);
        let host_part = match word.split_once("://") {
            Some((_, rest)) => rest.split(['/', '?', '#']).next()?,
            None => word.split('/').next()?,
        };
        let after_user = host_part.rsplit('@').next()?;
        host(after_user.split(':').next()?)
    })
}

/// A host name with at least one dot that is not an address and not a file's name.
fn host(text: &str) -> Option<String> {
    let bare = text.strip_suffix('.').unwrap_or(text);
    let good = bare.contains('.')
        && bare.len() <= 253
        && bare.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        })
        && bare
            .rsplit('.')
            .next()
            .is_some_and(|top| top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic()));
    let file = [
        "json", "yaml", "yml", "txt", "log", "conf", "pcap", "sh", "pem", "crt", "html",
    ]
    .iter()
    .any(|extension| bare.rsplit('.').next() == Some(extension));
    (good && !file).then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::{in_command, in_error};

    #[test]
    fn hosts_of_commands() {
        let shop = "kubectl exec -n shop checkout-0 -- curl -sS -m 5 https://api.example.com:8443/v1?x=1";
        assert_eq!(in_command(shop).as_deref(), Some("api.example.com"));
        assert_eq!(
            in_command("getent ahosts db.example.org.").as_deref(),
            Some("db.example.org.")
        );
        assert_eq!(in_command("curl http://10.0.0.1/x"), None);
        assert_eq!(in_command("cat /etc/resolv.conf"), None);
        assert_eq!(
            in_command("curl -o out.json https://api.example.com/").as_deref(),
            Some("api.example.com")
        );
    }

    #[test]
    fn hosts_of_error_messages() {
        for line in [
            "panic: Get \"https://x\": dial tcp: lookup api.example.com on 172.20.0.10:53: no such host",
            "Error: getaddrinfo EAI_AGAIN api.example.com",
            "curl: (6) Could not resolve host: api.example.com",
            "java.net.UnknownHostException: api.example.com: Temporary failure in name resolution",
            "NameResolutionError(\"<urllib3 …>: Failed to resolve 'api.example.com' ([Errno -3] …)\")",
            "wget: bad address 'api.example.com'",
        ] {
            assert_eq!(in_error(line).as_deref(), Some("api.example.com"), "{line}");
        }
        assert_eq!(in_error("GET / 200"), None);
    }
}
