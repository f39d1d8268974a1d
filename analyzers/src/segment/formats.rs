//! The formats: the one list of them.
//!
//! A format is a file with a `pub const FORMAT: Format`: its names, the commands that print it, its sniffer and its parser. The general
//! ones (JSON, YAML, tables, logs, words around them) have their sniffers in [`sniff`](super::sniff); the others keep both in their file of `artifact/`.

use super::sniff::{self, Sniffer};
use super::{CommandLine, Segment};
use crate::artifact::{Artifact, Artifacts, Content, Document, Placed};
// One a line, so that a format is added with a line.
use crate::artifact::aws;
use crate::artifact::cni;
use crate::artifact::config;
use crate::artifact::dns;
use crate::artifact::fragment;
use crate::artifact::host;
use crate::artifact::kubectl;
use crate::artifact::kubernetes_object;
use crate::artifact::log;
use crate::artifact::node;
use crate::artifact::pcap;
use crate::artifact::reach;
use crate::artifact::resolv_conf;
use crate::artifact::tcpdump;
use crate::artifact::tls;
use crate::artifact::token;
use crate::problem::Problem;
use crate::text::{Sources, Span};

/// What an output is: one entry of [`ALL`].
#[derive(Clone, Copy)]
pub struct Format(&'static Spec);

/// What there is to know about a format.
pub struct Spec {
    /// Its name in `contract.md`: `kubectl-table`, `iptables-save`.
    pub name: &'static str,
    /// What a person calls it: `kubectl get's table`.
    pub title: &'static str,
    /// Whether a command prints this format. `kubectl exec … -- COMMAND` is asked as `COMMAND`.
    pub command: fn(&CommandLine) -> bool,
    /// The fewest bytes of a part's first line, without the blanks around it: a shorter one is not shown to the sniffer, but below the
    /// command that prints this format. No more than spares asking; 1 where a line may be as short as it likes.
    pub least: usize,
    /// Recognises a part of an output.
    pub sniff: Sniffer,
    /// Reads a part.
    pub read: Reader,
}

/// Reads a part: adds what was read to the artifacts and what was not to the problems.
pub type Reader = fn(&Part<'_>, &mut Artifacts, &mut Vec<Problem>);

/// A segment that is to be read.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    /// The texts.
    pub sources: &'a Sources,
    /// The segment's index.
    pub index: usize,
    /// The segment.
    pub segment: &'a Segment,
}

impl<'a> Part<'a> {
    /// The output.
    pub fn text(&self) -> &'a str {
        self.sources.text(self.segment.body)
    }

    /// Where the output stands: the body alone, without the command.
    #[allow(
        clippy::misnamed_getters,
        reason = "a part is the output; the segment has the command, too"
    )]
    pub fn span(&self) -> Span {
        self.segment.body
    }

    /// The command that printed it, taken apart; what `kubectl exec` runs counts as run by itself.
    pub fn command(&self) -> Option<CommandLine> {
        let line = self.segment.command.as_ref()?.line();
        Some(line.inner().unwrap_or(line))
    }
}

impl Format {
    /// A format. For the files that define one.
    pub const fn new(spec: &'static Spec) -> Self {
        Self(spec)
    }

    /// Everything about it.
    pub fn spec(self) -> &'static Spec {
        self.0
    }

    /// The name of `contract.md`.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// What a person calls it.
    pub fn title(self) -> &'static str {
        self.0.title
    }

    /// The format of that name.
    pub fn named(name: &str) -> Option<Self> {
        ALL.iter().copied().find(|format| format.name() == name)
    }

    /// Reads a segment of this format.
    pub fn read(
        self,
        sources: &Sources,
        index: usize,
        segment: &Segment,
        artifacts: &mut Artifacts,
        problems: &mut Vec<Problem>,
    ) {
        let part = Part {
            sources,
            index,
            segment,
        };
        if !part.text().trim().is_empty() {
            (self.0.read)(&part, artifacts, problems);
        }
    }
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for Format {}

impl std::fmt::Debug for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name)
    }
}

/// All formats, in the order in which their sniffers are asked: the more telling first. The sniffer of the format that the command
/// prints is asked before all others.
pub const ALL: &[Format] = &[
    token::eks::FORMAT,
    kubectl::value::FORMAT,
    kubectl::health::FORMAT,
    kubectl::metrics::FORMAT,
    config::envoy_clusters::FORMAT,
    config::envoy_admin::STATS,
    config::envoy_admin::LISTENERS,
    config::istioctl_analyze::FORMAT,
    config::istioctl_proxy::STATUS,
    config::istioctl_proxy::CONFIG,
    config::istioctl_version::FORMAT,
    config::user_data::FORMAT,
    config::containerd::FORMAT,
    config::containerd::HOSTS,
    config::etc_hosts::FORMAT,
    config::nsswitch::FORMAT,
    config::systemd::UNIT,
    config::systemd::ENVIRONMENT,
    config::ps::FORMAT,
    config::helm::LIST,
    config::helm::STATUS,
    config::helm::VALUES,
    config::helm_says::FORMAT,
    config::eksctl::FORMAT,
    config::kubeadm_certs::FORMAT,
    config::aws_profiles::FORMAT,
    aws::says::ANSWER,
    aws::says::SETTINGS,
    aws::s3_ls::FORMAT,
    config::terraform::FORMAT,
    config::terraform::HCL,
    dns::corefile::FORMAT,
    KUBERNETES_JSON,
    aws::table::FORMAT,
    AWS_YAML,
    aws::text::FORMAT,
    AWS_JSON,
    JSON,
    kubectl::dump_log::FORMAT,
    kubectl::cluster_info::FORMAT,
    kubectl::explain::FORMAT,
    kubectl::diff::FORMAT,
    kubectl::contexts::FORMAT,
    kubectl::api_resources::FORMAT,
    kubectl::top::FORMAT,
    kubectl::can_i::FORMAT,
    kubectl::whoami::FORMAT,
    kubectl::version::FORMAT,
    kubectl::rollout::FORMAT,
    kubectl::rollout::REVISION,
    kubectl::events::FORMAT,
    KUBECTL_TABLE,
    kubectl::event_lines::FORMAT,
    kubectl::event_message::FORMAT,
    kubectl::set_env::FORMAT,
    kubectl::answer::FORMAT,
    kubectl::error::FORMAT,
    kubectl::describe::FORMAT,
    kubectl::describe::fragment::FORMAT,
    TCPDUMP,
    PCAP,
    tls::s_client::FORMAT,
    tls::curl_write_out::FORMAT,
    tls::curl::FORMAT,
    token::jwt::FORMAT,
    tls::s_client::VERIFY,
    tls::openssl_x509::FORMAT,
    log::access::vpc_flow::FORMAT,
    log::access::alb::FORMAT,
    log::access::nlb::FORMAT,
    log::insights::FORMAT,
    tls::pem::FORMAT,
    dns::dig::FORMAT,
    dns::nslookup::FORMAT,
    dns::host::FORMAT,
    dns::getent::FORMAT,
    RESOLV_CONF,
    cni::cilium_monitor::FORMAT,
    cni::hubble::FORMAT,
    cni::cilium_status::FORMAT,
    cni::cilium_endpoints::FORMAT,
    cni::cilium_services::FORMAT,
    cni::calico_node_status::FORMAT,
    node::nft_trace::FORMAT,
    node::nft::FORMAT,
    node::nft::tables::FORMAT,
    node::iptables_save::FORMAT,
    node::ip_link::LINK,
    node::ip_link::ADDR,
    node::ip_brief::ADDR,
    node::ip_brief::LINK,
    node::ip_netns::FORMAT,
    node::ip_rule::FORMAT,
    node::ip_route::FORMAT,
    node::ip_neigh::FORMAT,
    node::bridge_fdb::FORMAT,
    node::iptables_list::FORMAT,
    node::conntrack::FLOWS,
    node::conntrack::CHANGES,
    node::conntrack::EVENTS,
    node::conntrack::COUNT,
    node::conntrack::STATS,
    node::ss::FORMAT,
    node::ss_summary::FORMAT,
    node::net_tools::ROUTES,
    node::net_tools::ARP,
    node::net_tools::SOCKETS,
    node::net_tools::INTERFACES,
    node::net_tools::COUNTERS,
    node::snmp::PROC,
    node::snmp::NSTAT,
    node::softnet::FORMAT,
    node::ifconfig::FORMAT,
    node::ethtool_settings::SETTINGS,
    node::ethtool_settings::DRIVER,
    node::ethtool_settings::FEATURES,
    node::ipvsadm::FORMAT,
    node::ipvsadm::CONNECTIONS,
    node::ipset::FORMAT,
    node::qdisc::FORMAT,
    node::sysctl::FORMAT,
    node::net_dev::FORMAT,
    node::tool_error::FORMAT,
    host::systemctl::FORMAT,
    host::tool_table::FORMAT,
    host::docker::ROWS,
    host::containers::FORMAT,
    host::docker::ANSWER,
    host::one_line::ID,
    host::one_line::WHOAMI,
    host::one_line::HOSTNAME,
    host::one_line::DATE,
    host::top::FORMAT,
    host::one_line::UPTIME,
    host::version::FORMAT,
    host::packages::FORMAT,
    host::files::LS,
    host::files::STAT,
    host::windows_dir::FORMAT,
    host::mounts::FORMAT,
    host::limits::FORMAT,
    host::resources::DF,
    host::resources::FREE,
    host::resources::LSMOD,
    host::uname::UNAME,
    host::uname::OS_RELEASE,
    host::time_sync::TIMEDATECTL,
    host::time_sync::HOSTNAMECTL,
    host::time_sync::CHRONYC,
    host::time_sync::SOURCES,
    reach::ping::FORMAT,
    reach::traceroute::FORMAT,
    reach::traceroute::PATH,
    reach::mtr::FORMAT,
    reach::nmap::FORMAT,
    reach::arping::FORMAT,
    reach::test_net_connection::FORMAT,
    reach::connect::FORMAT,
    reach::wget::FORMAT,
    node::ethtool::FORMAT,
    KUBERNETES_YAML,
    YAML,
    fragment::YAML,
    fragment::JSON,
    aws::error::FORMAT,
    host::shell_error::FORMAT,
    LOG,
    host::counts::FORMAT,
    host::grep_lines::FORMAT,
    host::value_line::FORMAT,
    kubectl::piped::FORMAT,
    reach::http_body::FORMAT,
    PROSE,
    UNKNOWN,
];

/// A command that tells nothing.
pub fn no_command(_: &CommandLine) -> bool {
    false
}

/// A sniffer that recognises nothing: another format's sniffer answers for this one.
pub fn no_sniffer(_: &str, _: &str, _: &sniff::Hint) -> Option<sniff::Taken> {
    None
}

/// Whether a line calls kubectl with one of these output formats (`""`: none given).
fn kubectl_prints(line: &CommandLine, outputs: &[&str]) -> bool {
    line.is_kubectl() && line.inner().is_none() && outputs.contains(&line.output().unwrap_or_default())
}

/// Whether a line calls kubectl with these first words.
fn kubectl_does(line: &CommandLine, words: &[&str]) -> bool {
    line.is_kubectl() && line.positional().starts_with(words)
}

/// `kubectl get`'s table.
pub const KUBECTL_TABLE: Format = Format::new(&Spec {
    name: "kubectl-table",
    title: "kubectl's table",
    command: |line| {
        line.positional().first() == Some(&"get")
            && line.option(&["--raw"]).is_none()
            && kubectl_prints(line, &["", "wide", "custom-columns", "custom-columns-file", "name"])
    },
    least: 4,
    sniff: sniff::kubectl_table::take,
    read: |part, artifacts, problems| {
        kubectl::table::read(part.sources, part.index, part.segment, artifacts, problems);
    },
});

/// Kubernetes objects as YAML.
pub const KUBERNETES_YAML: Format = Format::new(&Spec {
    name: "kubernetes-yaml",
    title: "Kubernetes objects as YAML",
    command: |line| {
        kubectl_prints(line, &["yaml"]) || kubectl_does(line, &["config", "view"]) && line.output().is_none()
    },
    least: 1,
    sniff: sniff::yaml::take,
    read: read_yaml,
});

/// Kubernetes objects as JSON, and other answers of the API.
pub const KUBERNETES_JSON: Format = Format::new(&Spec {
    name: "kubernetes-json",
    title: "Kubernetes objects as JSON",
    command: |line| {
        kubectl_prints(line, &["json"])
            || kubectl_does(line, &["cluster-info", "dump"]) && line.output().is_none()
            || kubectl_does(line, &["get"]) && line.option(&["--raw"]).is_some()
    },
    least: 1,
    sniff: sniff::json::take,
    read: read_json,
});

/// What aws-cli prints with `--output json`, and where none is given.
pub const AWS_JSON: Format = Format::new(&Spec {
    name: "aws-json",
    title: "an answer of an AWS API",
    command: |line| line.aws_operation().is_some(),
    least: 1,
    sniff: sniff::json::take,
    read: aws::answer::read_json,
});

/// What aws-cli prints with `--output yaml` and `yaml-stream`.
pub const AWS_YAML: Format = Format::new(&Spec {
    name: "aws-yaml",
    title: "an answer of an AWS API as YAML",
    command: |line| {
        line.aws_operation().is_some()
            && line
                .option(&["--output"])
                .is_some_and(|output| output.starts_with("yaml"))
    },
    least: 1,
    sniff: sniff::yaml::take,
    read: aws::answer::read_yaml,
});

/// JSON of no known origin.
pub const JSON: Format = Format::new(&Spec {
    name: "json",
    title: "JSON",
    command: no_command,
    least: 1,
    sniff: no_sniffer,
    read: read_json,
});

/// YAML of no known origin.
pub const YAML: Format = Format::new(&Spec {
    name: "yaml",
    title: "YAML",
    command: no_command,
    least: 1,
    sniff: no_sniffer,
    read: read_yaml,
});

/// `tcpdump`'s text.
pub const TCPDUMP: Format = tcpdump::FORMAT;

/// A capture file.
pub const PCAP: Format = pcap::FORMAT;

/// `resolv.conf`.
pub const RESOLV_CONF: Format = Format::new(&Spec {
    name: "resolv.conf",
    title: "resolv.conf",
    command: |line| {
        matches!(line.program.as_str(), "cat" | "more" | "less")
            && line.args.iter().any(|arg| arg.ends_with("resolv.conf"))
    },
    least: 1,
    sniff: sniff::resolv_conf::take,
    read: |part, artifacts, problems| {
        let conf = resolv_conf::read(part.sources, part.span(), problems);
        add(part, RESOLV_CONF, Content::ResolvConf(conf), artifacts);
    },
});

/// A log, or an error message.
pub const LOG: Format = Format::new(&Spec {
    name: "log",
    title: "a log",
    command: |line| {
        line.is_kubectl() && line.positional().first() == Some(&"logs")
            || matches!(line.program.as_str(), "journalctl" | "dmesg" | "stern")
            || matches!(
                line.program.as_str(),
                "cat" | "zcat" | "tail" | "head" | "less" | "more"
            ) && line.args.iter().any(|arg| arg.starts_with("/var/log/"))
    },
    least: 1,
    sniff: sniff::log::take,
    read: log::read,
});

/// What a person wrote around the outputs. It is told where a part begins, see `split`.
pub const PROSE: Format = Format::new(&Spec {
    name: "prose",
    title: "a person's words",
    command: no_command,
    least: 1,
    sniff: no_sniffer,
    read: |part, artifacts, _| add(part, PROSE, Content::Lines, artifacts),
});

/// Not recognised.
pub const UNKNOWN: Format = Format::new(&Spec {
    name: "unknown",
    title: "not recognised",
    command: no_command,
    least: 1,
    sniff: no_sniffer,
    read: |part, artifacts, problems| {
        problems.push(super::guess::not_recognised(part.sources, part.segment));
        add(part, UNKNOWN, Content::Lines, artifacts);
    },
});

fn read_yaml(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    kubernetes_object::read_yaml(part.sources, part.index, part.segment, artifacts, problems);
}

fn read_json(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    kubernetes_object::read_json(part.sources, part.index, part.segment, artifacts, problems);
}

/// Adds what was read from a whole part, under the format's own name.
pub fn add(part: &Part<'_>, format: Format, content: Content, artifacts: &mut Artifacts) {
    artifacts.add(Artifact {
        segment: part.index,
        span: part.span(),
        kinds: vec![(format.name().to_owned(), 1)],
        content,
    });
}

/// Adds a document whose parser kept the places of its values, counted from the beginning of the part; `kind` as `contract.md` has it.
pub fn add_document(part: &Part<'_>, kind: &str, values: Placed, complete: bool, artifacts: &mut Artifacts) {
    artifacts.add(Artifact {
        segment: part.index,
        span: part.span(),
        kinds: vec![(kind.to_owned(), 1)],
        content: Content::Document(Document::placed(part.span(), values, complete)),
    });
}
