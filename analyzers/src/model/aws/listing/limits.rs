//! What the command of an answer left out of it.

use crate::artifact::Node;
use crate::segment::Command;

/// What a command left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// `--filters` by their names with their values; ids that an option names count as a filter: `--subnet-ids a b` is `subnet-id`.
    pub filters: Vec<(String, Vec<String>)>,
    /// Whether things are missing in a way that no filter tells: pages, `--query`, a pipe, an option that is not known, a
    /// paste that breaks off.
    pub partial: bool,
}

/// Options of aws-cli that change how an answer is fetched or printed, and not what is in it (aws-cli user guide, "Command line options").
const HARMLESS: [&str; 18] = [
    "region",
    "profile",
    "output",
    "no-cli-pager",
    "page-size",
    "color",
    "debug",
    "endpoint-url",
    "no-verify-ssl",
    "ca-bundle",
    "cli-read-timeout",
    "cli-connect-timeout",
    "no-sign-request",
    "no-dry-run",
    "no-cli-auto-prompt",
    "cli-binary-format",
    "v2-debug",
    "include-all-security-groups",
];

impl Limits {
    /// What the command of a document left out of it. Without its command nothing tells: it may have had any filter.
    pub fn of(command: Option<&Command>, root: &Node<'_>) -> Self {
        let mut limits = Self::of_whole(root);
        let Some(command) = command else {
            limits.partial = true;
            return limits;
        };
        let line = command.line();
        // `cat interfaces.json` prints what some command printed.
        limits.partial |= line.filtered() || line.program != "aws";
        let mut args = line.args.iter().peekable();
        while let Some(arg) = args.next() {
            let Some(option) = arg.strip_prefix("--") else { continue };
            let (option, mut words) = match option.split_once('=') {
                Some((option, word)) => (option, vec![word.to_owned()]),
                None => (option, Vec::new()),
            };
            while let Some(word) = args.next_if(|word| !word.starts_with("--")) {
                words.push(word.clone());
            }
            limits.learn(option, words);
        }
        limits
    }

    /// What a document itself says to be missing of it: further pages (`NextToken`; `NextMarker` of Elastic Load Balancing), the rest of a
    /// paste that breaks off.
    pub fn of_whole(root: &Node<'_>) -> Self {
        Self {
            filters: Vec::new(),
            partial: root.cut()
                || is_page(root)
                || root.get("AdditionalRoutesAvailable").and_then(|more| more.bool()) == Some(true),
        }
    }

    fn learn(&mut self, option: &str, words: Vec<String>) {
        match option {
            "filters" | "filter" => {
                for word in words {
                    self.learn_filter(&word);
                }
            }
            "query" => self.partial |= !is_whole(words.first().map(String::as_str).unwrap_or_default()),
            _ if HARMLESS.contains(&option) => {}
            _ => {
                let suffixes = [("-ids", "-id"), ("-id", "-id"), ("-arns", "-arn"), ("-arn", "-arn")];
                let name = suffixes
                    .iter()
                    .find_map(|(end, kept)| Some(format!("{}{kept}", option.strip_suffix(end)?)));
                match name {
                    Some(name) => self.filters.push((name, words)),
                    None => self.partial = true,
                }
            }
        }
    }

    /// `Name=vpc-id,Values=vpc-1,vpc-2`, or the same as JSON.
    fn learn_filter(&mut self, word: &str) {
        if word.starts_with(['[', '{']) {
            let parsed: Option<serde_json::Value> = serde_json::from_str(word).ok();
            let Some(parsed) = parsed else {
                self.partial = true;
                return;
            };
            let one = [parsed.clone()];
            for filter in parsed.as_array().map_or(one.as_slice(), Vec::as_slice) {
                let name = filter.get("Name").and_then(serde_json::Value::as_str);
                let values = filter.get("Values").and_then(serde_json::Value::as_array);
                let values = values.into_iter().flatten().filter_map(serde_json::Value::as_str);
                self.filters
                    .push((name.unwrap_or_default().to_owned(), values.map(str::to_owned).collect()));
            }
            return;
        }
        let (name, values) = word.split_once(",Values=").unwrap_or((word, ""));
        let name = name.strip_prefix("Name=").unwrap_or(name);
        let values = values
            .trim_matches(['[', ']'])
            .split(',')
            .map(|value| value.trim().to_owned());
        self.filters
            .push((name.trim_matches(['\'', '"']).to_owned(), values.collect()));
    }

    /// Whether an object with these properties would be in the answer, if there is one.
    pub fn covers(&self, facts: &[(&str, &str)]) -> bool {
        !self.partial
            && self.filters.iter().all(|(name, values)| {
                facts
                    .iter()
                    .any(|(fact, value)| name == fact && values.iter().any(|wanted| wanted == value))
            })
    }

    /// The values that a filter lets through.
    pub fn values(&self, name: &str) -> Option<&[String]> {
        self.filters
            .iter()
            .find(|(filter, _)| filter == name)
            .map(|(_, values)| values.as_slice())
    }
}

/// Whether a document says that further pages follow.
pub fn is_page(root: &Node<'_>) -> bool {
    ["NextToken", "NextMarker"]
        .iter()
        .any(|token| root.str_of(token).is_some_and(|token| !token.is_empty()))
}

/// Whether a `--query` leaves nothing out: one list, whole.
pub(super) fn is_whole(query: &str) -> bool {
    let list = query
        .strip_suffix("[]")
        .or_else(|| query.strip_suffix("[*]"))
        .unwrap_or(query);
    !list.is_empty() && list.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
