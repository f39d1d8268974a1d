//! A rule's page: front matter, sections, placeholders and case blocks.
//!
//! ````text
//! ---
//! code: LB-011
//! class: fault
//! title: "{pod} is sent back to itself"
//! titles: { martian: "another title for the whys of that variant" }
//! needs: ["kubectl get pods -A -o wide", …]
//! ---
//! # What it means        # Whys        # Whys: martian        # Fix        # Verify        # Prevent
//! # References           # Related     # Cases
//!
//! ```case id=short-cut kind=trigger variant=martian sample="An NLB that sends a pod back to itself"
//! (the pasted text)
//! ```
//! ````
//!
//! In the text, `{name}` is a value that the rule fills, `[^name]` cites evidence that the rule names, and a why that begins
//! with `{?name}` stands only where the rule gave that value or evidence (`{!name}`: only where it did not).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{Class, Hit, Why};

include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// What a page's front matter says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Front {
    /// The rule's code.
    pub code: String,
    /// The most that the rule ever claims.
    pub class: PageClass,
    /// One line with placeholders.
    pub title: String,
    /// Other titles, by variant.
    #[serde(default)]
    pub titles: BTreeMap<String, String>,
    /// The commands whose output the rule reads.
    pub needs: Vec<String>,
}

/// [`Class`] as front matter writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PageClass {
    /// See [`Class::Fault`].
    Fault,
    /// See [`Class::Risk`].
    Risk,
    /// See [`Class::Note`].
    Note,
    /// See [`Class::Security`].
    Security,
}

impl From<PageClass> for Class {
    fn from(class: PageClass) -> Self {
        match class {
            PageClass::Fault => Self::Fault,
            PageClass::Risk => Self::Risk,
            PageClass::Note => Self::Note,
            PageClass::Security => Self::Security,
        }
    }
}

/// What a case proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseKind {
    /// The rule's code comes out, with the page's class.
    Trigger,
    /// The code does not come out: nearly the same input, but healthy or another fault.
    NearMiss,
    /// The code is not claimed, but is among what `next` would decide.
    Insufficient,
}

/// A pasted input and what must come of it.
#[derive(Debug, Clone)]
pub struct Case {
    /// A name, unique in its page.
    pub id: String,
    /// What it proves.
    pub kind: CaseKind,
    /// The variant of the whys that must be chosen, for triggers.
    pub variant: Option<String>,
    /// The sentence under which the page offers it as a sample.
    pub sample: Option<String>,
    /// The input.
    pub paste: String,
}

/// A page.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its front matter.
    pub front: Front,
    /// The sections' texts by heading, without the cases.
    pub sections: BTreeMap<String, String>,
    /// The cases.
    pub cases: Vec<Case>,
}

/// What is wrong with a page's text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PageError {
    /// No `---` block at the top, or one that is not what [`Front`] wants.
    Front(String),
    /// A section that every page has is missing.
    NoSection(&'static str),
    /// A case block's first line is not understood.
    Case(String),
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Front(why) => write!(f, "the front matter: {why}"),
            Self::NoSection(name) => write!(f, "there is no section `# {name}`"),
            Self::Case(line) => write!(f, "this case block is not understood: {line}"),
        }
    }
}

impl std::error::Error for PageError {}

const SECTIONS: [&str; 6] = ["What it means", "Whys", "Fix", "Verify", "Prevent", "References"];

impl Page {
    /// Reads a page.
    ///
    /// # Errors
    /// Says what the page lacks.
    pub fn parse(text: &str) -> Result<Self, PageError> {
        let (front, body) = text
            .strip_prefix("---\n")
            .and_then(|rest| rest.split_once("\n---\n"))
            .ok_or_else(|| PageError::Front("it has to stand at the top, between two lines of `---`".into()))?;
        let front: Front = serde_yaml::from_str(front).map_err(|why| PageError::Front(why.to_string()))?;
        let mut page = Self {
            front,
            sections: BTreeMap::new(),
            cases: Vec::new(),
        };
        page.body(body)?;
        for name in SECTIONS {
            if !page.sections.contains_key(name) {
                return Err(PageError::NoSection(name));
            }
        }
        Ok(page)
    }

    fn body(&mut self, body: &str) -> Result<(), PageError> {
        let mut section = String::new();
        let mut fence: Option<String> = None;
        let mut case: Option<Case> = None;
        for line in body.lines() {
            let ticks: String = line.chars().take_while(|&c| c == '`').collect();
            if let Some(open) = &fence {
                if *open == line.trim_end() {
                    fence = None;
                    if let Some(done) = case.take() {
                        self.cases.push(done);
                        continue;
                    }
                } else if let Some(case) = &mut case {
                    case.paste.push_str(line);
                    case.paste.push('\n');
                    continue;
                }
            } else if ticks.len() >= 3 {
                fence = Some(ticks.clone());
                if let Some(info) = line.get(ticks.len()..).and_then(|rest| rest.strip_prefix("case ")) {
                    case = Some(parse_case(info).ok_or_else(|| PageError::Case(line.to_owned()))?);
                    continue;
                }
            } else if let Some(heading) = line.strip_prefix("# ") {
                heading.trim().clone_into(&mut section);
                self.sections.entry(section.clone()).or_default();
                continue;
            }
            if let Some(text) = self.sections.get_mut(&section) {
                text.push_str(line);
                text.push('\n');
            }
        }
        Ok(())
    }

    /// The title for a variant.
    pub fn title(&self, variant: Option<&str>) -> &str {
        variant
            .and_then(|variant| self.front.titles.get(variant))
            .unwrap_or(&self.front.title)
    }

    /// The text of a section, of the variant where the page has one for it.
    pub fn section(&self, name: &str, variant: Option<&str>) -> &str {
        variant
            .and_then(|variant| self.sections.get(&format!("{name}: {variant}")))
            .or_else(|| self.sections.get(name))
            .map_or("", |text| text.trim())
    }

    /// The whys of a hit, filled in.
    pub fn whys(&self, hit: &Hit) -> Vec<Why> {
        items(self.section("Whys", hit.variant))
            .into_iter()
            .filter_map(|item| {
                let item = guarded(&item, hit)?;
                let (text, names) = citations(&item);
                Some(Why {
                    text: fill(&text, hit),
                    evidence: names
                        .iter()
                        .filter_map(|name| hit.evidence.get(name.as_str()))
                        .flatten()
                        .cloned()
                        .collect(),
                })
            })
            .collect()
    }
}

/// The items of a numbered or dashed list; continuation lines are joined.
fn items(text: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for line in text.lines() {
        let trimmed = line.trim_start();
        let after_number = trimmed.trim_start_matches(|c: char| c.is_ascii_digit());
        let begins = (after_number.len() < trimmed.len())
            .then(|| after_number.strip_prefix(". "))
            .flatten()
            .or_else(|| trimmed.strip_prefix("- "));
        if let Some(item) = begins {
            items.push(item.trim().to_owned());
        } else if let Some(last) = items.last_mut()
            && !trimmed.is_empty()
        {
            last.push(' ');
            last.push_str(trimmed.trim_end());
        }
    }
    items
}

/// Takes `{?name}` and `{!name}` off the beginning; `None` where one of them keeps the item out.
fn guarded(item: &str, hit: &Hit) -> Option<String> {
    let mut rest = item;
    loop {
        let (wanted, after) = if let Some(after) = rest.strip_prefix("{?") {
            (true, after)
        } else if let Some(after) = rest.strip_prefix("{!") {
            (false, after)
        } else {
            return Some(rest.to_owned());
        };
        let (name, tail) = after.split_once('}')?;
        let given = hit.values.contains_key(name) || hit.evidence.get(name).is_some_and(|all| !all.is_empty());
        if given != wanted {
            return None;
        }
        rest = tail.trim_start();
    }
}

/// Takes `[^name]` out of a text.
fn citations(text: &str) -> (String, Vec<String>) {
    let mut out = String::new();
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[^") {
        let Some((name, tail)) = after.split_once(']') else {
            break;
        };
        out.push_str(before.trim_end());
        names.push(name.to_owned());
        rest = tail;
    }
    out.push_str(rest);
    (out.trim().to_owned(), names)
}

/// Puts the values in for `{name}`; a name without a value becomes `…`, which the test of all pages refuses.
pub fn fill(text: &str, hit: &Hit) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        // `%{name}` is curl's own: what `--write-out` takes.
        let name = after.split_once('}').map(|(name, _)| name).filter(|name| {
            !before.ends_with('%') && !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        });
        if let Some(name) = name {
            out.push_str(hit.values.get(name).map_or("…", String::as_str));
            rest = after.get(name.len() + 1..).unwrap_or("");
        } else {
            out.push('{');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// `id=x kind=trigger variant=y sample="…"`.
fn parse_case(info: &str) -> Option<Case> {
    let mut case = Case {
        id: String::new(),
        kind: CaseKind::Trigger,
        variant: None,
        sample: None,
        paste: String::new(),
    };
    let mut rest = info.trim();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=')?;
        let (value, tail) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_once(' ').unwrap_or((after, "")),
        };
        match key {
            "id" => value.clone_into(&mut case.id),
            "kind" => {
                case.kind = match value {
                    "trigger" => CaseKind::Trigger,
                    "near-miss" => CaseKind::NearMiss,
                    "insufficient" => CaseKind::Insufficient,
                    _ => return None,
                }
            }
            "variant" => case.variant = Some(value.to_owned()),
            "sample" => case.sample = Some(value.to_owned()),
            _ => return None,
        }
        rest = tail.trim_start();
    }
    (!case.id.is_empty()).then_some(case)
}

/// All pages, by code. A page that does not parse is left out here and fails the test of all pages.
pub static ALL: LazyLock<BTreeMap<&'static str, Page>> = LazyLock::new(|| {
    PAGES
        .iter()
        .filter_map(|(code, text)| Some((*code, Page::parse(text).ok()?)))
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "---\ncode: X-001\nclass: fault\ntitle: \"{pod} stops\"\nneeds: []\n---\n# What it means\nm\n# Whys\n\
        1. Why {pod}?\n   Because {\"a\": 1}. [^one] [^two]\n2. {?two} Only with two.\n3. {!two} Only without.\n\
        # Fix\nf\n```yaml\n# not a heading\n```\n# Verify\nv\n# Prevent\np\n# References\nr\n# Cases\n\
        ````case id=a kind=near-miss sample=\"Two words\"\n$ ls\n```\n````\n";

    #[test]
    fn a_page_is_read() {
        let page = Page::parse(PAGE).expect("it is a good page");
        assert_eq!(page.front.code, "X-001");
        assert_eq!(page.section("Fix", None), "f\n```yaml\n# not a heading\n```");
        let case = page.cases.first().expect("one case");
        assert_eq!(case.paste, "$ ls\n```\n");
        assert_eq!(case.kind, CaseKind::NearMiss);
        assert_eq!(case.sample.as_deref(), Some("Two words"));
    }

    #[test]
    fn whys_are_filled_and_guarded() {
        let page = Page::parse(PAGE).expect("it is a good page");
        let hit = Hit::new(Class::Fault, "Pod a/b").with("pod", "a/b");
        let whys: Vec<_> = page.whys(&hit).into_iter().map(|why| why.text).collect();
        assert_eq!(whys, ["Why a/b? Because {\"a\": 1}.", "Only without."]);
    }

    #[test]
    fn a_missing_section_is_named() {
        let text = PAGE.replace("# Prevent\np\n", "");
        assert_eq!(Page::parse(&text).err(), Some(PageError::NoSection("Prevent")));
    }
}
