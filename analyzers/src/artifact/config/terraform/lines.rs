//! What each line of terraform's output is.

use crate::text::Piece;

/// A line, told.
pub enum Kind<'a> {
    /// What is being done to a resource.
    Progress(Progress<'a>),
    /// `# ADDR will be created`: what is planned for a resource, or was found to have changed.
    Change {
        /// The resource's address.
        addr: Piece<'a>,
        /// What will be done.
        message: Piece<'a>,
    },
    /// The first line of a resource's block.
    Resource(Piece<'a>),
    /// A line of a block.
    Inside(Piece<'a>),
    /// The corners of a diagnostic's border, between which no line of another one stands.
    Mark,
    /// A line of a diagnostic, without its border.
    Boxed(Piece<'a>),
    /// How much was planned or done.
    Summary(Piece<'a>),
    /// An output and its value.
    Output {
        /// Its name.
        name: Piece<'a>,
        /// Its value as it is printed.
        value: Piece<'a>,
    },
    /// What terraform says of itself.
    Aside,
    /// A line that only the command makes terraform's.
    Other(Piece<'a>),
}

/// `aws_eks_cluster.this: Still creating... [10m0s elapsed]`.
pub struct Progress<'a> {
    /// The resource's address.
    pub addr: Piece<'a>,
    /// What is done.
    pub message: Piece<'a>,
    /// How long it has been done, or took.
    pub elapsed: Option<Piece<'a>>,
    /// The resource's id.
    pub id: Option<Piece<'a>>,
}

/// What is done to a resource (hook_ui.go, `uiResourceHook` and `stillRunning`).
const DOING: [&str; 22] = [
    "Refreshing state...",
    "Refreshing...",
    "Reading...",
    "Still reading...",
    "Read complete after ",
    "Creating...",
    "Still creating...",
    "Creation complete after ",
    "Modifying...",
    "Still modifying...",
    "Modifications complete after ",
    "Destroying...",
    "Still destroying...",
    "Destruction complete after ",
    "Provisioning with ",
    "Preparing import...",
    "Importing from ID ",
    "Importing...",
    "Import complete ",
    "Opening...",
    "Opening complete after ",
    "Closing complete after ",
];

/// What terraform says of itself, by the beginnings of the lines; those that only terraform says come first.
const ASIDE: [&str; 38] = [
    "Terraform will perform the following actions:",
    "OpenTofu will perform the following actions:",
    "Terraform used the selected providers to generate the following execution",
    "OpenTofu used the selected providers to generate the following execution",
    "Terraform planned the following actions, but then encountered a problem:",
    "Terraform has been successfully initialized!",
    "Note: Objects have changed outside of Terraform",
    "Terraform detected the following changes made outside of Terraform",
    "Acquiring state lock. This may take a few moments...",
    "Releasing state lock. This may take a few moments...",
    "Note: You didn't use the -out option",
    "Do you want to perform these actions",
    "Do you really want to destroy all resources?",
    "No changes. Your infrastructure matches the configuration.",
    "No changes. Infrastructure is up-to-date.",
    "An execution plan has been generated and is shown below.",
    "Resource actions are indicated with the following symbols:",
    "plan. Resource actions are indicated with the following symbols:",
    "plan to undo or respond to these changes.",
    "apply\" which may have affected this plan:",
    "last \"terraform apply\"",
    "Unless you have made equivalent changes to your configuration",
    "Terraform has compared your real infrastructure against your configuration",
    "Terraform has checked that the real remote objects still match",
    "guarantee to take exactly these actions if you run",
    "Initializing the backend...",
    "Initializing modules...",
    "Initializing provider plugins...",
    "Upgrading modules...",
    "Terraform has created a lock file",
    "Preparing the remote ",
    "Saved the plan to: ",
    "To perform exactly these actions, run the following command to apply:",
    "Changes to Outputs:",
    "You can apply this plan to save these new output values",
    "Apply cancelled.",
    "Interrupt received.",
    "Waiting for the plan to start...",
];

/// How many of them tell terraform without its command.
const TELLING: usize = 11;

/// Indented lines of terraform that are not of a block.
const INDENTED: [&str; 12] = [
    "+ create",
    "- destroy",
    "~ update in-place",
    "-/+ destroy and then create replacement",
    "+/- create replacement and then destroy",
    "<= read (data resources)",
    "Terraform will perform the actions described above.",
    "OpenTofu will perform the actions described above.",
    "Terraform will destroy all your managed infrastructure, as shown above.",
    "There is no undo.",
    "Only 'yes' will be accepted to ",
    "Enter a value:",
];

const CLOSING: [char; 3] = ['}', ']', ')'];
const OPENING: [char; 3] = ['{', '[', '('];

/// Where in the output a line stands.
pub struct State {
    /// Whether the command is terraform's.
    expected: bool,
    /// Whether a line before was terraform's.
    begun: bool,
    /// How many brackets of a block are open.
    depth: usize,
    /// Whether a text of several lines is open.
    heredoc: bool,
    /// What else is open.
    place: Place,
}

/// What lines between blocks belong to.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// To nothing.
    Outside,
    /// To a diagnostic with a border.
    Border,
    /// To one as they were before borders were drawn.
    Plain,
    /// To the list of outputs.
    Outputs,
}

impl State {
    /// The first line.
    pub fn new(expected: bool) -> Self {
        Self {
            expected,
            begun: false,
            depth: 0,
            heredoc: false,
            place: Place::Outside,
        }
    }

    /// Whether something is open, so that blank lines belong to it.
    pub fn inside(&self) -> bool {
        self.depth > 0 || self.heredoc || self.place == Place::Plain
    }

    /// Whether a line begins an output of terraform, where no command tells.
    pub fn begins(line: &str, rest: &str) -> bool {
        let text = unwrapped(Piece::new(line));
        let next = || {
            let mut lines = rest.lines().skip(1).map(|line| unwrapped(Piece::new(line)));
            lines.find(|line| !line.trim().is_empty())
        };
        match text.as_bytes().first() {
            Some(b' ') => change(text).is_some() && next().is_some_and(is_resource),
            Some(0xE2) => {
                is_diagnostic(boxed(text))
                    || text.trim().str() == "╷" && next().is_some_and(|line| is_diagnostic(boxed(line)))
            }
            Some(b'E' | b'W') if is_diagnostic(Some(text)) => located(rest),
            Some(b'P' | b'A' | b'D') if summary(text) => true,
            Some(b'a'..=b'z') if progress(text).is_some() => true,
            Some(b'A'..=b'Z') => ASIDE.iter().take(TELLING).any(|aside| text.starts_with(aside)),
            _ => false,
        }
    }

    /// What the next line is; `None` where it is none of terraform's.
    pub fn next<'a>(&mut self, line: Piece<'a>) -> Option<Kind<'a>> {
        let text = unwrapped(line);
        let kind = self
            .told(text)
            .or_else(|| self.expected.then(|| Kind::Other(text.trim())));
        self.begun |= kind.is_some();
        kind
    }

    fn told<'a>(&mut self, text: Piece<'a>) -> Option<Kind<'a>> {
        if self.depth > 0 || self.heredoc {
            if let Some(kind) = self.in_block(text) {
                return Some(kind);
            }
            self.depth = 0;
            self.heredoc = false;
        }
        if let Some(kind) = self.bordered(text) {
            return Some(kind);
        }
        let kind = self.plain_line(text);
        let plain = self.place == Place::Plain;
        if let Some(kind) = kind {
            if plain {
                self.place = Place::Outside;
            }
            return Some(kind);
        }
        if is_diagnostic(Some(text)) && (self.expected || self.begun || plain || !text.starts_with("Warning: ")) {
            self.place = Place::Plain;
            return Some(Kind::Boxed(text));
        }
        if plain {
            // A diagnostic of old goes on: indented lines, and below a terraform's own command its details.
            if text.trim().is_empty() || text.starts_with("  ") || self.expected {
                return Some(Kind::Boxed(text));
            }
            self.place = Place::Outside;
        }
        None
    }

    /// A line of a diagnostic with a border.
    fn bordered<'a>(&mut self, text: Piece<'a>) -> Option<Kind<'a>> {
        match text.trim().str() {
            "╷" => {
                self.place = Place::Border;
                return Some(Kind::Mark);
            }
            "╵" => {
                self.place = Place::Outside;
                return Some(Kind::Mark);
            }
            _ => {}
        }
        let inside = boxed(text)?;
        (self.place == Place::Border || self.begun || self.expected || is_diagnostic(Some(inside)))
            .then_some(Kind::Boxed(inside))
    }

    /// A line outside of blocks and borders.
    fn plain_line<'a>(&mut self, text: Piece<'a>) -> Option<Kind<'a>> {
        let trimmed = text.trim();
        if let Some((addr, message)) = change(text) {
            return Some(Kind::Change { addr, message });
        }
        if is_resource(text) {
            self.open(text);
            return Some(Kind::Resource(text));
        }
        if let Some(progress) = progress(text) {
            return Some(Kind::Progress(progress));
        }
        if summary(trimmed) {
            self.place = Place::Outside;
            return Some(Kind::Summary(trimmed));
        }
        if trimmed.str() == "Outputs:" && (self.begun || self.expected) || trimmed.str() == "Changes to Outputs:" {
            self.place = Place::Outputs;
            return Some(Kind::Aside);
        }
        if ASIDE.iter().any(|aside| text.starts_with(aside))
            || text.starts_with(' ') && INDENTED.iter().any(|words| trimmed.starts_with(words))
            || text.starts_with("-/+ destroy")
            || text.starts_with("+/- create")
            || text.starts_with("# (") && text.ends_with(')')
            || trimmed.chars().all(|c| c == '─') && trimmed.len() > 9
            || trimmed.starts_with('(') && trimmed.ends_with("unchanged attributes hidden)")
            || self.expected && initialising(text.str())
        {
            return Some(Kind::Aside);
        }
        if self.place == Place::Outputs || self.expected && !text.starts_with(' ') && self.place != Place::Plain {
            let (name, value) = assignment(text)?;
            if value.ends_with(OPENING) {
                self.open(text);
            }
            return Some(Kind::Output { name, value });
        }
        None
    }

    /// A line of an open block.
    fn in_block<'a>(&mut self, text: Piece<'a>) -> Option<Kind<'a>> {
        let trimmed = text.trim();
        if self.heredoc {
            self.heredoc = trimmed.str() != "EOT";
            return Some(Kind::Inside(text));
        }
        if !(trimmed.is_empty() || text.starts_with([' ', '\t']) || text.starts_with(CLOSING)) {
            return None;
        }
        let bare = without_sign(trimmed).1;
        if bare.starts_with(CLOSING) {
            self.depth = self.depth.saturating_sub(1);
        }
        self.open(text);
        Some(Kind::Inside(text))
    }

    fn open(&mut self, text: Piece<'_>) {
        let end = without_comment(text);
        self.heredoc = end.ends_with("<<-EOT") || end.ends_with("<<~EOT");
        if end.ends_with(OPENING) {
            self.depth += 1;
        }
    }
}

/// What `terraform init` lists.
fn initialising(text: &str) -> bool {
    [
        "- Finding ",
        "- Installing ",
        "- Installed ",
        "- Reusing ",
        "- Using ",
        "Downloading ",
        "- ",
    ]
    .iter()
    .any(|beginning| text.starts_with(beginning))
}

/// A line without what a pipeline wrote before it: `[terraform]: `, GitHub's times.
pub fn unwrapped(line: Piece<'_>) -> Piece<'_> {
    if let Some(rest) = line.strip_prefix("[")
        && let Some((name, text)) = rest.split_once("]")
        && name.len() <= 30
        && matches!(name.to_ascii_lowercase().as_str(), "terraform" | "tofu" | "opentofu")
    {
        let text = text.strip_prefix(":").unwrap_or(text);
        return text.strip_prefix(" ").unwrap_or(text);
    }
    let time = line.as_bytes();
    if time.first().is_some_and(u8::is_ascii_digit)
        && time.get(4) == Some(&b'-')
        && time.get(10) == Some(&b'T')
        && let Some((stamp, text)) = line.split_once("Z ")
        && stamp.len() <= 30
    {
        return text;
    }
    line
}

/// What stands behind a border.
fn boxed(text: Piece<'_>) -> Option<Piece<'_>> {
    let rest = text.strip_prefix("│")?;
    Some(rest.strip_prefix(" ").unwrap_or(rest))
}

/// `Error: …`, `Warning: …`.
fn is_diagnostic(text: Option<Piece<'_>>) -> bool {
    text.is_some_and(|text| text.starts_with("Error: ") || text.starts_with("Warning: "))
}

/// Whether a diagnostic without a border says where it stands, as only terraform does: `  on main.tf line 3, in resource "x" "y":`.
fn located(rest: &str) -> bool {
    rest.lines()
        .skip(1)
        .take(12)
        .any(|line| line.starts_with("  on ") && line.contains(" line ") && line.trim_end().ends_with([':', ',']))
}

/// `Plan: 1 to add, …`, `Apply complete! Resources: …`.
fn summary(text: Piece<'_>) -> bool {
    text.starts_with("Plan: ") && text.contains(" to add, ")
        || text.starts_with("Apply complete! Resources: ")
        || text.starts_with("Destroy complete! Resources: ")
}

/// An address: `module.eks.aws_eks_cluster.this[0]`.
fn is_addr(text: &str) -> bool {
    text.contains('.')
        && text.len() <= 300
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.split(['"']).step_by(2).all(|part| {
            part.bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'[' | b']'))
        })
}

/// Takes a line of progress apart.
fn progress(text: Piece<'_>) -> Option<Progress<'_>> {
    if let Some((addr, said)) = text
        .split_once(" (local-exec): ")
        .or_else(|| text.split_once(" (remote-exec): "))
    {
        return is_addr(addr.str()).then_some(Progress {
            addr,
            message: said,
            elapsed: None,
            id: None,
        });
    }
    // Nothing else needs a longer look.
    if !(text.contains("...")
        || text.contains(" complete")
        || text.contains("Provisioning with")
        || text.contains("Importing from"))
    {
        return None;
    }
    let (addr, said) = text.rsplit_once("]: ").map_or_else(
        || text.split_once(": "),
        |(addr, said)| Some((text.part(0..addr.len() + 1), said)),
    )?;
    let said = said.trim();
    if !is_addr(addr.str()) || !DOING.iter().any(|doing| said.starts_with(doing)) {
        return None;
    }
    let (message, told) = said.split_once(" [").unwrap_or((said, said.skip(said.len())));
    let told = told.strip_suffix("]").unwrap_or(told);
    let mut found = Progress {
        addr,
        message,
        elapsed: None,
        id: None,
    };
    match told.strip_suffix(" elapsed") {
        Some(before) => {
            let (id, elapsed) = before.rsplit_once(", ").unwrap_or((before.part(0..0), before));
            found.elapsed = Some(elapsed);
            found.id = id.strip_prefix("id=");
        }
        None => found.id = told.strip_prefix("id="),
    }
    if let Some((_, took)) = message.split_once(" complete after ") {
        found.elapsed = Some(took);
    }
    Some(found)
}

/// `  # aws_eks_addon.this["vpc-cni"] will be created`.
fn change(text: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let rest = text.trim().strip_prefix("# ")?;
    let at = [" will be ", " must be ", " has been ", " has changed", " is tainted"]
        .iter()
        .filter_map(|words| rest.find(words))
        .min()?;
    let addr = rest.part(0..at);
    is_addr(addr.str()).then(|| (addr, rest.skip(at + 1)))
}

/// `  + resource "aws_eks_addon" "this" {`; without its sign in `terraform show`.
fn is_resource(text: Piece<'_>) -> bool {
    let (_, bare) = without_sign(text.trim());
    ["resource \"", "data \"", "ephemeral \""]
        .iter()
        .any(|word| bare.starts_with(word))
        && without_comment(bare).ends_with('{')
}

/// The sign of what is done, and what follows it.
pub fn without_sign(text: Piece<'_>) -> (Piece<'_>, Piece<'_>) {
    for sign in ["-/+ ", "+/- ", "<= ", "+ ", "- ", "~ "] {
        if let Some(rest) = text.strip_prefix(sign) {
            return (text.part(0..sign.len() - 1), rest.trim());
        }
    }
    (text.part(0..0), text)
}

/// A line without the comment at its end: `{ # forces replacement`.
pub fn without_comment(text: Piece<'_>) -> Piece<'_> {
    let text = text.trim();
    text.rsplit_once(" # ").map_or(text, |(before, _)| before.trim())
}

/// `name = value`.
pub fn assignment(text: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let (_, bare) = without_sign(text.trim());
    let (name, value) = bare.split_once("=")?;
    let (name, value) = (name.trim(), value.trim());
    let quoted = name.strip_prefix("\"").and_then(|inside| inside.strip_suffix("\""));
    let plain = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    (plain || quoted.is_some()).then_some((quoted.unwrap_or(name), value))
}
