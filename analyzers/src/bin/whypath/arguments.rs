//! The command line, as `contract.md` writes it.

use lexopt::{Arg, Parser, ValueExt as _};
use whypath_analyzers::flow::packet_path;

/// What `--help` prints.
pub const USAGE: &str = "\
whypath reads what a terminal printed and says which way the packet goes, where it stops, and why.

usage:
  whypath read FILE…                                   what was recognised, and what was not
  whypath diagnose FILE…                               what is wrong, why, and what to run next
  whypath path --from E --to E FILE…                   the packet path between two endpoints
  whypath dns --name NAME [--type T] (--pod NS/NAME | --resolv FILE) FILE…
  whypath auth --serviceaccount NS/NAME [--action A] [--on ARN] FILE…

  FILE is a text file; `-` is standard input.
  An endpoint is pod:NS/NAME[:PORT], svc:NS/NAME:PORT, node:NAME[:PORT], ip:ADDR[:PORT], instance:i-…[:PORT],
  eni:eni-…[:PORT], lb:NAME:PORT, host:NAME[:PORT] or internet.

output: for people, or one of --json, --svg, --mermaid, --markdown, --html (read: --json only)
exit status: 0 analysed (whatever was found), 2 the call was wrong
";

/// Why there is nothing to do.
#[derive(Debug)]
pub enum UsageError {
    /// Help was asked for.
    Help,
    /// The call was wrong, and how.
    Wrong(String),
}

impl From<lexopt::Error> for UsageError {
    fn from(why: lexopt::Error) -> Self {
        Self::Wrong(why.to_string())
    }
}

/// What is to be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// Text.
    People,
    /// The shapes of the contract.
    Json,
    /// The picture.
    Svg,
    /// The picture's source for documents that draw it themselves.
    Mermaid,
    /// The report.
    Markdown,
    /// The report with pictures.
    Html,
}

/// What is to be done.
#[derive(Debug)]
pub enum Command {
    /// `read`
    Read,
    /// `diagnose`
    Diagnose,
    /// `path`
    Path(packet_path::Query),
}

/// A whole call.
#[derive(Debug)]
pub struct Arguments {
    /// What is to be done.
    pub command: Command,
    /// The files in the order given.
    pub files: Vec<String>,
    /// What is to be printed.
    pub output: Output,
}

/// The options' values, before the command says which of them it takes.
#[derive(Default)]
struct Options {
    from: Option<String>,
    to: Option<String>,
    proto: Option<String>,
    at: Option<String>,
}

impl Arguments {
    /// Reads the command line.
    pub fn parse(mut parser: Parser) -> Result<Self, UsageError> {
        let mut word = None;
        let mut files = Vec::new();
        let mut output = Output::People;
        let mut options = Options::default();
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Short('h') | Arg::Long("help") => return Err(UsageError::Help),
                Arg::Value(value) if word.is_none() => word = Some(value.string()?),
                Arg::Value(value) => files.push(value.string()?),
                Arg::Long("json") => output = Output::Json,
                Arg::Long("svg") => output = Output::Svg,
                Arg::Long("mermaid") => output = Output::Mermaid,
                Arg::Long("markdown") => output = Output::Markdown,
                Arg::Long("html") => output = Output::Html,
                Arg::Long("from") => options.from = Some(parser.value()?.string()?),
                Arg::Long("to") => options.to = Some(parser.value()?.string()?),
                Arg::Long("proto") => options.proto = Some(parser.value()?.string()?),
                Arg::Long("at") => options.at = Some(parser.value()?.string()?),
                other => return Err(other.unexpected().into()),
            }
        }
        let word = word.ok_or(UsageError::Help)?;
        let command = options.command(&word)?;
        if matches!(command, Command::Read) && !matches!(output, Output::People | Output::Json) {
            return Err(UsageError::Wrong("read prints text or --json".to_owned()));
        }
        Ok(Self { command, files, output })
    }
}

impl Options {
    fn command(self, word: &str) -> Result<Command, UsageError> {
        match word {
            "read" => Ok(Command::Read),
            "diagnose" => Ok(Command::Diagnose),
            "path" => self.path(),
            other => Err(UsageError::Wrong(format!("there is no command `{other}`"))),
        }
    }

    fn path(self) -> Result<Command, UsageError> {
        let endpoint = |text: Option<String>, name: &str| -> Result<packet_path::Endpoint, UsageError> {
            text.ok_or_else(|| UsageError::Wrong(format!("path needs --{name} ENDPOINT")))?
                .parse()
                .map_err(|why: packet_path::endpoint::EndpointError| UsageError::Wrong(why.to_string()))
        };
        if let Some(proto) = &self.proto
            && !matches!(proto.as_str(), "tcp" | "udp" | "sctp" | "icmp")
        {
            return Err(UsageError::Wrong(format!(
                "--proto is tcp, udp, sctp or icmp, not `{proto}`"
            )));
        }
        Ok(Command::Path(packet_path::Query {
            from: endpoint(self.from, "from")?,
            to: endpoint(self.to, "to")?,
        }))
    }
}
