//! The command line, as `contract.md` writes it.

use lexopt::{Arg, Parser, ValueExt as _};
use whypath_analyzers::Input;
use whypath_analyzers::analysis::{Choice, Choices};
use whypath_analyzers::flow::{auth, dns, packet_path};

/// What `--help` prints.
pub const USAGE: &str = "\
whypath reads what a terminal printed and says which way the packet goes, where it stops, and why.

usage:
  whypath read FILE…                                   what was recognised, and what was not
  whypath diagnose FILE…                               what is wrong, why, and what to run next
  whypath path --from E --to E [--proto P] [--at node:NAME] [--what-if] [--if CHANGE]… FILE…
                                                       the packet path between two endpoints
  whypath reach FILE…                                  who may talk to whom under the network policies
  whypath dns --name NAME [--type TYPE] (--pod NS/NAME | --resolv FILE | --at-coredns) FILE…
                                                       which queries a lookup makes, and their answers
  whypath auth (--arn ARN | --user NAME [--group G]… | --serviceaccount NS/NAME | --token T | --node NAME)
               [--verb V --resource R[/SUB] [--api-group G] [--namespace N] [--name X]]
               [--action svc:Action [--on ARN]] FILE…  who is asking, how it is proved, and what it may do

  FILE is a text, a capture (.pcap, .pcapng), an archive (.gz, .tar.gz, .zip) or a folder; `-` is standard input.
  An endpoint is pod:NS/NAME[:PORT], svc:NS/NAME:PORT, node:NAME[:PORT], ip:ADDR[:PORT], instance:i-…[:PORT],
  eni:eni-…[:PORT], lb:NAME:PORT, host:NAME[:PORT], api[:CLUSTER] or internet.

  --as LINE=FORMAT        reads what begins on that line as this format (a name that read prints); a line inside a segment begins
                          another one; FORMAT `join` joins a segment to the one above it; any number of times
  --as NAME:LINE=FORMAT   the same, where there are several files

  --what-if               says also which single changes would open a path that stops, each as a CHANGE
  --if CHANGE             assumes another value in a document: [FILE:]LINE#/POINTER=VALUE, with a line of the document, a JSON
                          pointer (`-` is behind the last element of a list) and JSON or a word; any number of times

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
    Path(PathCall),
    /// `reach`
    Reach,
    /// `dns`
    Dns(dns::Query),
    /// `auth`
    Auth(auth::Question),
}

/// What `path` is asked.
#[derive(Debug)]
pub struct PathCall {
    /// From where to where.
    pub query: packet_path::Query,
    /// What is assumed, as it was written.
    pub ifs: Vec<String>,
    /// Whether what would open it is asked, too.
    pub what_if: bool,
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
    /// Formats that were chosen.
    chosen: Vec<Chosen>,
}

/// One `--as`.
#[derive(Debug, PartialEq, Eq)]
struct Chosen {
    file: Option<String>,
    line: usize,
    choice: Choice,
}

impl Chosen {
    /// `[NAME:]LINE=FORMAT`. Names may have both signs in them, lines and formats have neither.
    fn parse(text: &str) -> Result<Self, UsageError> {
        let shape = || UsageError::Wrong(format!("--as is LINE=FORMAT or NAME:LINE=FORMAT, not `{text}`"));
        let (place, format) = text.rsplit_once('=').ok_or_else(shape)?;
        let (file, line) = match place.rsplit_once(':') {
            Some((file, line)) => (Some(file.to_owned()), line),
            None => (None, place),
        };
        let line: usize = line.parse().map_err(|_| shape())?;
        if line == 0 {
            return Err(UsageError::Wrong(format!("lines count from 1: `--as {text}`")));
        }
        let choice = format
            .parse()
            .map_err(|why| UsageError::Wrong(format!("--as {text}: {why}")))?;
        Ok(Self { file, line, choice })
    }
}

/// The options' values, before the command says which of them it takes.
#[derive(Default)]
struct Options {
    from: Option<String>,
    to: Option<String>,
    proto: Option<String>,
    at: Option<String>,
    ifs: Vec<String>,
    what_if: bool,
    name: Option<String>,
    qtype: Option<String>,
    pod: Option<String>,
    resolv: Option<String>,
    at_coredns: bool,
    arn: Option<String>,
    user: Option<String>,
    groups: Vec<String>,
    serviceaccount: Option<String>,
    token: Option<String>,
    node: Option<String>,
    verb: Option<String>,
    resource: Option<String>,
    api_group: Option<String>,
    namespace: Option<String>,
    action: Option<String>,
    on: Option<String>,
}

impl Arguments {
    /// Reads the command line.
    pub fn parse(mut parser: Parser) -> Result<Self, UsageError> {
        let mut word = None;
        let mut files = Vec::new();
        let mut output = Output::People;
        let mut options = Options::default();
        let mut chosen = Vec::new();
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
                Arg::Long("what-if") => options.what_if = true,
                Arg::Long("if") => options.ifs.push(parser.value()?.string()?),
                Arg::Long("at-coredns") => options.at_coredns = true,
                Arg::Long("as") => chosen.push(Chosen::parse(&parser.value()?.string()?)?),
                Arg::Long("group") => options.groups.push(parser.value()?.string()?),
                Arg::Long(name) => {
                    let name = name.to_owned();
                    let Some(place) = options.place(&name) else {
                        return Err(UsageError::Wrong(format!("there is no option --{name}")));
                    };
                    *place = Some(parser.value()?.string()?);
                }
                Arg::Short(_) => return Err(argument.unexpected().into()),
            }
        }
        let word = word.ok_or(UsageError::Help)?;
        files.extend(options.resolv.clone().filter(|file| !files.contains(file)));
        let command = options.command(&word)?;
        if matches!(command, Command::Read) && !matches!(output, Output::People | Output::Json) {
            return Err(UsageError::Wrong(format!("{word} prints text or --json")));
        }
        Ok(Self {
            command,
            files,
            output,
            chosen,
        })
    }

    /// The formats that were chosen, for these texts.
    pub fn choices(&self, inputs: &[Input]) -> Result<Choices, UsageError> {
        let mut choices = Choices::default();
        for chosen in &self.chosen {
            let name = match (chosen.file.as_deref(), inputs) {
                (Some(file), _) => super::files::name_of(file),
                (None, [input]) => &input.name,
                (None, _) => {
                    return Err(UsageError::Wrong(format!(
                        "there are {} files: say which one is meant, --as NAME:{}={}",
                        inputs.len(),
                        chosen.line,
                        chosen.choice
                    )));
                }
            };
            if !inputs.iter().any(|input| input.name == name) {
                return Err(UsageError::Wrong(format!(
                    "--as names `{name}`, which is not among the files that were read"
                )));
            }
            choices.add(name, chosen.line, chosen.choice);
        }
        Ok(choices)
    }
}

impl Options {
    /// Where the value of an option that takes one goes.
    fn place(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "from" => &mut self.from,
            "to" => &mut self.to,
            "proto" => &mut self.proto,
            "at" => &mut self.at,
            "name" => &mut self.name,
            "type" => &mut self.qtype,
            "pod" => &mut self.pod,
            "resolv" => &mut self.resolv,
            "arn" => &mut self.arn,
            "user" => &mut self.user,
            "serviceaccount" => &mut self.serviceaccount,
            "token" => &mut self.token,
            "node" => &mut self.node,
            "verb" => &mut self.verb,
            "resource" => &mut self.resource,
            "api-group" => &mut self.api_group,
            "namespace" => &mut self.namespace,
            "action" => &mut self.action,
            "on" => &mut self.on,
            _ => return None,
        })
    }

    fn command(self, word: &str) -> Result<Command, UsageError> {
        match word {
            "read" => Ok(Command::Read),
            "diagnose" => Ok(Command::Diagnose),
            "path" => self.path(),
            "reach" => Ok(Command::Reach),
            "dns" => self.dns(),
            "auth" => self.auth(),
            other => Err(UsageError::Wrong(format!("there is no command `{other}`"))),
        }
    }

    fn path(self) -> Result<Command, UsageError> {
        let endpoint = |text: Option<String>, name: &str| -> Result<packet_path::Endpoint, UsageError> {
            text.ok_or_else(|| UsageError::Wrong(format!("path needs --{name} ENDPOINT")))?
                .parse()
                .map_err(|why: packet_path::endpoint::EndpointError| UsageError::Wrong(why.to_string()))
        };
        let protocol = match self.proto.as_deref() {
            None | Some("tcp") => packet_path::Protocol::Tcp,
            Some("udp") => packet_path::Protocol::Udp,
            Some("sctp") => packet_path::Protocol::Sctp,
            Some("icmp") => packet_path::Protocol::Icmp,
            Some(other) => {
                return Err(UsageError::Wrong(format!(
                    "--proto is tcp, udp, sctp or icmp, not `{other}`"
                )));
            }
        };
        let query = packet_path::Query {
            from: endpoint(self.from, "from")?,
            to: endpoint(self.to, "to")?,
            protocol,
            at: self
                .at
                .map(|at| {
                    at.strip_prefix("node:")
                        .map(str::to_owned)
                        .ok_or_else(|| UsageError::Wrong(format!("--at is node:NAME, not `{at}`")))
                })
                .transpose()?,
        };
        Ok(Command::Path(PathCall {
            query,
            ifs: self.ifs,
            what_if: self.what_if,
        }))
    }

    fn dns(self) -> Result<Command, UsageError> {
        let wrong = |why: &str| UsageError::Wrong(why.to_owned());
        let qtype = self.qtype.map(|qtype| qtype.to_ascii_uppercase());
        if let Some(qtype) = &qtype
            && !matches!(qtype.as_str(), "A" | "AAAA" | "SRV" | "PTR" | "CNAME" | "TXT")
        {
            return Err(UsageError::Wrong(format!(
                "--type is A, AAAA, SRV, PTR, CNAME or TXT, not `{qtype}`"
            )));
        }
        let whose = match (self.pod, self.resolv, self.at_coredns) {
            (Some(pod), None, false) => {
                let (namespace, name) = namespaced(&pod, "--pod")?;
                dns::Whose::Pod(dns::Pod {
                    namespace: Some(namespace),
                    name,
                })
            }
            (None, Some(file), false) => dns::Whose::Resolv(Some(file)),
            (None, None, true) => dns::Whose::Coredns,
            _ => return Err(wrong("dns needs one of --pod NS/NAME, --resolv FILE, --at-coredns")),
        };
        Ok(Command::Dns(dns::Query {
            name: self
                .name
                .filter(|name| !name.is_empty())
                .ok_or_else(|| wrong("dns needs --name NAME"))?,
            qtype,
            whose,
        }))
    }

    fn auth(self) -> Result<Command, UsageError> {
        let wrong = |why: &str| UsageError::Wrong(why.to_owned());
        let groups = self.groups;
        let subject = match (self.arn, self.user, self.serviceaccount, self.token, self.node) {
            (Some(arn), None, None, None, None) => auth::Subject::Arn(arn),
            (None, Some(name), None, None, None) => auth::Subject::User { name, groups },
            (None, None, Some(path), None, None) => {
                let (namespace, name) = namespaced(&path, "--serviceaccount")?;
                auth::Subject::ServiceAccount { namespace, name }
            }
            (None, None, None, Some(token), None) => auth::Subject::Token(token),
            (None, None, None, None, Some(node)) => auth::Subject::Node(node),
            _ => {
                return Err(wrong(
                    "auth needs one of --arn, --user, --serviceaccount, --token, --node",
                ));
            }
        };
        let access = match (self.verb, self.resource) {
            (Some(verb), Some(resource)) => Some(auth::Access {
                verb,
                resource,
                api_group: self.api_group.unwrap_or_default(),
                namespace: self.namespace,
                name: self.name,
            }),
            (None, None) => None,
            _ => return Err(wrong("--verb and --resource go together")),
        };
        Ok(Command::Auth(auth::Question {
            subject,
            access,
            action: self.action,
            on: self.on,
        }))
    }
}

fn namespaced(path: &str, option: &str) -> Result<(String, String), UsageError> {
    path.split_once('/')
        .filter(|(namespace, name)| !namespace.is_empty() && !name.is_empty())
        .map(|(namespace, name)| (namespace.to_owned(), name.to_owned()))
        .ok_or_else(|| UsageError::Wrong(format!("{option} is NAMESPACE/NAME, not `{path}`")))
}
