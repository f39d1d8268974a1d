//! One line of every program, taken apart by hand.

use super::{Level, Program, entry};
use crate::analysis::{self, Input};
use crate::artifact::Content;

fn fields(line: &str) -> (Option<Level>, String, Vec<(String, String)>) {
    let (_, entry) = entry(line);
    let fields = entry
        .fields
        .iter()
        .map(|(k, v)| (k.to_string(), v.to_string()))
        .collect();
    (entry.level, entry.message.to_string(), fields)
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test]
fn klog_old_and_structured() {
    let (level, message, found) = fields(
        r#"E1121 10:15:30.123456    2841 kubelet.go:2448] "Error getting node" err="node \"ip-10-0-1-7.ec2.internal\" not found" pods=["a/b","c"] n=3"#,
    );
    assert_eq!(level, Some(Level::Error));
    assert_eq!(message, "Error getting node");
    assert_eq!(
        found,
        [
            pair("err", "node \"ip-10-0-1-7.ec2.internal\" not found"),
            pair("pods", "[\"a/b\",\"c\"]"),
            pair("n", "3")
        ]
    );
    let (level, message, _) = fields("I0412 10:15:30.000001       1 proxier.go:853] Syncing iptables rules");
    assert_eq!((level, message.as_str()), (Some(Level::Info), "Syncing iptables rules"));
}

#[test]
fn a_journal_line_keeps_the_unit_and_reads_what_follows() {
    let line = r#"Nov 21 10:15:30 ip-10-0-1-7.ec2.internal kubelet[2841]: E1121 10:15:30.123456    2841 remote_runtime.go:198] "RunPodSandbox from runtime service failed" err="rpc error""#;
    let (prefixed, entry) = entry(line);
    assert_eq!(prefixed.source.unit, Some("kubelet"));
    assert_eq!(prefixed.host, Some("ip-10-0-1-7.ec2.internal"));
    assert_eq!(entry.origin.as_deref(), Some("remote_runtime.go:198"));
    assert_eq!(entry.field("err"), Some("rpc error"));
}

#[test]
fn logrus_and_json_entries() {
    let (level, message, found) = fields(
        r#"time="2024-11-21T10:00:00Z" level=warning msg="access denied" arn="arn:aws:iam::111122223333:role/dev" client="127.0.0.1:5000" error="ARN is not mapped" path=/authenticate"#,
    );
    assert_eq!((level, message.as_str()), (Some(Level::Warning), "access denied"));
    assert_eq!(found[2], pair("error", "ARN is not mapped"));
    let (level, message, found) = fields(
        r#"{"level":"error","ts":"2024-11-21T10:00:00.000Z","caller":"ipamd/ipamd.go:1012","msg":"Unable to allocate IP","tries":3}"#,
    );
    assert_eq!((level, message.as_str()), (Some(Level::Error), "Unable to allocate IP"));
    assert_eq!(found, [pair("tries", "3")]);
}

#[test]
fn coredns_queries_have_the_names_of_its_format() {
    let (level, _, found) = fields(
        r#"[INFO] 10.0.1.7:43211 - 5321 "AAAA IN web.shop.svc.cluster.local. udp 49 false 512" NXDOMAIN qr,aa,rd 142 0.000213s"#,
    );
    assert_eq!(level, Some(Level::Info));
    assert_eq!(found[0], pair("remote", "10.0.1.7:43211"));
    assert_eq!(found[2], pair("type", "AAAA"));
    assert_eq!(found[4], pair("name", "web.shop.svc.cluster.local."));
    assert_eq!(found[9], pair("rcode", "NXDOMAIN"));
    let (_, entry) = entry("[ERROR] plugin/errors: 2 example.com. A: read udp 10.0.1.9:5->10.0.0.2:53: i/o timeout");
    assert_eq!(entry.origin.as_deref(), Some("plugin/errors"));
}

#[test]
fn fluent_bit_zap_and_envoy() {
    let (_, fluent) = entry("[2024/11/21 10:00:00] [ warn] [engine] failed to flush chunk '1-1.flb'");
    assert_eq!(
        (fluent.level, fluent.origin.as_deref()),
        (Some(Level::Warning), Some("engine"))
    );
    let (_, zap) =
        entry("2024-11-21T10:00:00.000Z\tERROR\tcontroller.provisioner\tcould not schedule pod\t{\"pod\": \"a/b\"}");
    assert_eq!(zap.message, "could not schedule pod");
    assert_eq!(zap.field("pod"), Some("a/b"));
    let (_, envoy) = entry("[2024-11-21 10:00:00.123][15][warning][config] [source/a.cc:1] gRPC config closed");
    assert_eq!(
        (envoy.level, envoy.message.as_ref()),
        (Some(Level::Warning), "gRPC config closed")
    );
    let (_, access) = entry(
        r#"[2024-11-21T10:00:00.123Z] "GET /a b HTTP/1.1" 503 UF,URX upstream_reset_before_response_started{x} - "delayed_connect_error:_111" 0 152 3 - "-" "curl/8" "id-1" "web.shop" "10.0.1.9:8080" outbound|80||web.shop.svc.cluster.local - 172.20.1.1:80 10.0.1.7:5000 - default"#,
    );
    assert_eq!(access.field("response_code"), Some("503"));
    assert_eq!(access.field("response_flags"), Some("UF,URX"));
    assert_eq!(access.field("upstream_host"), Some("10.0.1.9:8080"));
    assert_eq!(access.field("downstream_remote_address"), Some("10.0.1.7:5000"));
    assert_eq!(access.field("route_name"), Some("default"));
}

#[test]
fn response_flags_are_named_in_every_format_of_envoys() {
    // Istio 1.5, and Envoy's own default.
    for (line, flags, host) in [
        (
            r#"[2020-05-07T09:14:21.123Z] "GET /cart HTTP/1.1" 503 UH "-" "-" 0 19 0 - "-" "curl/7.64.0" "id-1" "cart.shop" "-" - - 172.20.1.1:80 10.0.1.7:5000 - default"#,
            "UH",
            None,
        ),
        (
            r#"[2024-05-07T09:14:21.123Z] "POST /pay HTTP/2" 403 UAEX 0 0 4 - "10.0.1.7" "grpc-go/1.60" "id-2" "pay.shop" "10.0.1.9:8443""#,
            "UAEX",
            Some("10.0.1.9:8443"),
        ),
    ] {
        let (_, entry) = entry(line);
        assert_eq!(entry.field("response_flags"), Some(flags), "{line}");
        assert_eq!(entry.field("upstream_host"), host, "{line}");
    }
    // Another server's log with the same beginning.
    let (_, other) = entry(r#"[2024-05-07T09:14:21.123Z] "GET / HTTP/1.1" 200 512 "-" "curl" a b c d e f"#);
    assert_eq!(other.field("response_flags"), None);
}

fn read(text: &str) -> analysis::Analysis {
    let input = Input {
        name: "paste 1".into(),
        bytes: text.as_bytes().to_vec(),
    };
    analysis::read(vec![input], &mut |_| {})
}

#[test]
fn the_writer_is_told_by_the_command_or_by_its_words_and_stays_unknown_otherwise() {
    for (text, program) in [
        (
            "$ kubectl logs -n kube-system coredns-5d78c9869d-abcde\nplugin ready\n",
            Some(Program::CoreDns),
        ),
        ("$ journalctl -u kubelet --no-pager\nstarted\n", Some(Program::Kubelet)),
        (
            "I1121 10:00:00.000000       1 static_autoscaler.go:290] Starting main loop\n",
            Some(Program::ClusterAutoscaler),
        ),
        ("2024-11-21T10:00:00Z something happened\n", None),
    ] {
        let analysis = read(text);
        let (_, artifact) = analysis.artifacts.iter().next().unwrap();
        let Content::Log(log) = &artifact.content else {
            panic!("{text}")
        };
        assert_eq!(log.program, program, "{text}");
        assert_eq!(log.entries.len(), 1, "{text}");
    }
}

#[test]
fn a_stack_trace_belongs_to_its_entry() {
    let analysis = read("2024-11-21T10:00:00Z panic: boom\n\tgoroutine 1\n\tmain.go:3\n2024-11-21T10:00:01Z next\n");
    let (_, artifact) = analysis.artifacts.iter().next().unwrap();
    let Content::Log(log) = &artifact.content else { panic!() };
    let lines: Vec<_> = log
        .entries
        .iter()
        .map(|span| analysis.sources.lines(*span))
        .map(|l| (l.first, l.last))
        .collect();
    assert_eq!(lines, [(1, 3), (4, 4)]);
}

/// The text that a document cites for a pointer.
fn cited(text: &str, kind: &str, pointer: &str) -> String {
    let analysis = read(text);
    let (_, artifact) = analysis.artifacts.iter().find(|(_, a)| a.kinds[0].0 == kind).unwrap();
    let Content::Document(document) = &artifact.content else {
        panic!()
    };
    analysis
        .sources
        .text(document.locate(&analysis.sources, pointer))
        .to_owned()
}

#[test]
fn network_logs_are_records() {
    let flow = "2 111122223333 eni-0a1b2c3d4e5f60718 10.0.1.7 10.0.2.9 43211 443 6 3 180 1700000000 1700000060 REJECT OK\n\
                2 111122223333 eni-0a1b2c3d4e5f60718 - - - - - - - 1700000060 1700000120 - NODATA\n";
    assert_eq!(cited(flow, "vpc-flow-log", "/records/0/action"), "REJECT");
    assert_eq!(cited(flow, "vpc-flow-log", "/records/1/log-status"), "NODATA");
    let custom = "version srcaddr dstaddr action pkt-srcaddr\n3 10.0.1.7 10.0.2.9 ACCEPT 10.0.1.8\n";
    assert_eq!(cited(custom, "vpc-flow-log", "/records/0/pkt-srcaddr"), "10.0.1.8");
    let alb = r#"https 2024-11-21T10:00:00.186641Z app/web/50dc6c495c0c9188 203.0.113.9:2817 10.0.1.7:8080 0.086 -1 -1 502 - 0 57 "GET https://web.example:443/a HTTP/1.1" "curl/8" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/73e2d6bc24d8a067 "Root=1-58337281-1d84f3d73c47ec4e58577259" "web.example" "-" 1 2024-11-21T10:00:00.100000Z "forward" "-" "-" "10.0.1.7:8080" "-" "-" "-""#;
    assert_eq!(cited(alb, "alb-log", "/records/0/elb_status_code"), "502");
    assert_eq!(
        cited(alb, "alb-log", "/records/0/request"),
        "GET https://web.example:443/a HTTP/1.1"
    );
    assert_eq!(cited(alb, "alb-log", "/records/0/actions_executed"), "forward");
    let nlb = "tls 2.0 2024-11-21T10:00:00 net/web/c6e77e28c25b2234 g3d4b5e8bb8464cd 72.21.218.154:51341 172.100.100.185:443 5 2 98 246 - arn:aws:acm:us-east-2:111122223333:certificate/x - ECDHE-RSA-AES128-SHA tlsv12 - my.example - - - 2024-11-21T10:00:00\n";
    assert_eq!(
        cited(nlb, "nlb-log", "/records/0/destination:port"),
        "172.100.100.185:443"
    );
}

#[test]
fn insights_results_are_read_from_markdown_and_csv() {
    let markdown = "| @timestamp | @message |\n|---|---|\n| 2024-11-21 10:00:00.000 | access denied \\| arn |\n";
    assert_eq!(
        cited(markdown, "logs-insights", "/results/0/@message"),
        "access denied \\| arn"
    );
    let csv = "@timestamp,@message\n2024-11-21 10:00:00.000,\"a, \"\"b\"\"\nc\"\n2024-11-21 10:00:01.000,d\n";
    assert_eq!(cited(csv, "logs-insights", "/results/1/@message"), "d");
    assert_eq!(cited(csv, "logs-insights", "/results/0/@message"), "a, \"\"b\"\"\nc");
}

#[test]
fn eksctl_old_and_new() {
    let (_, old) = entry("[ℹ]  using region eu-west-1");
    assert_eq!(
        (old.level, old.message.as_ref()),
        (Some(Level::Info), "using region eu-west-1")
    );
    let (_, new) =
        entry("2026-11-21 10:00:00 [✖]  AWS::EC2::Route/PublicRoute: CREATE_FAILED – \"Resource creation cancelled\"");
    assert_eq!(new.time.as_deref(), Some("2026-11-21 10:00:00"));
    assert_eq!(new.level, Some(Level::Error));
    assert_eq!(new.field("ResourceType"), Some("AWS::EC2::Route"));
    assert_eq!(new.field("LogicalResourceId"), Some("PublicRoute"));
    assert_eq!(new.field("ResourceStatus"), Some("CREATE_FAILED"));
    assert_eq!(new.field("ResourceStatusReason"), Some("Resource creation cancelled"));
    assert_eq!(
        entry("2026-11-21 10:00:00 [!]  no IAM roles").1.level,
        Some(Level::Warning)
    );
}

#[test]
fn logrus_on_a_terminal() {
    let (_, entry) = entry("FATA[0001] pulling image: rpc error: code = NotFound  image=\"shop:1\"");
    assert_eq!((entry.level, entry.time.as_deref()), (Some(Level::Fatal), Some("0001")));
    assert_eq!(entry.field("image"), Some("shop:1"));
    let read =
        crate::artifact::testing::read("$ crictl pull shop:1\nFATA[0001] pulling image: rpc error: code = NotFound\n");
    read.is("log");
}

#[test]
fn packets_that_the_kernel_logs() {
    let (prefixed, trace) = entry(
        "[12345.678901] TRACE: raw:PREROUTING:policy:2 IN=eth0 OUT= MAC=06:19:aa SRC=10.0.1.7 DST=172.20.1.1 LEN=60 TTL=64 ID=7 DF PROTO=TCP SPT=41234 DPT=443 SYN URGP=0 MARK=0x4000",
    );
    assert_eq!(prefixed.time, Some("12345.678901"));
    assert_eq!(trace.field("SRC"), Some("10.0.1.7"));
    assert_eq!((trace.field("OUT"), trace.field("SYN")), (Some(""), Some("")));
    assert_eq!(
        (trace.field("chain"), trace.field("rulenum")),
        (Some("PREROUTING"), Some("2"))
    );
    let (_, dropped) =
        entry("Nov 21 10:00:00 ip-10-0-1-7 kernel: calico-drop: IN=eth0 OUT=eni1 SRC=10.0.1.7 DST=10.0.2.9 PROTO=UDP");
    assert_eq!(
        (dropped.message.as_ref(), dropped.field("OUT")),
        ("calico-drop:", Some("eni1"))
    );
    let (_, rule) = entry(" TRACE: 2 fc475095 raw:PREROUTING:rule:0x3:CONTINUE  -4 -t raw -A PREROUTING -j TRACE");
    assert_eq!(
        (rule.field("id"), rule.field("verdict")),
        (Some("fc475095"), Some("CONTINUE"))
    );
}

#[test]
fn logs_are_told_by_how_their_lines_begin() {
    for (text, kind) in [
        (
            "[ℹ]  using region eu-west-1\n[✖]  failed to create cluster \"shop\"\n",
            "log",
        ),
        (
            "$ eksctl create cluster\n2026-11-21 10:00:00 [ℹ]  eksctl version 0.180.0\n",
            "eksctl-log",
        ),
        (
            "[preflight] Running pre-flight checks\n\t[WARNING Swap]: swap is enabled\n",
            "log",
        ),
        (
            "[    0.000000] Linux version 6.1.115\n[12345.678901] eth0: link up\n",
            "log",
        ),
        ("[Thu Nov 21 10:00:00 2024] eth0: link up\n", "log"),
        (
            "-- Logs begin at Thu 2026-11-19 03:11:12 UTC, end at Sat 2026-11-21 10:00:00 UTC. --\n-- No entries --\n",
            "log",
        ),
    ] {
        let read = crate::artifact::testing::read(text);
        read.is("log");
        assert_eq!(read.kind(), kind, "{text}");
    }
}

#[test]
fn a_pod_that_a_shell_names_is_unknown() {
    for (command, namespace, pod, container) in [
        (
            "kubectl logs web-0 app -n shop",
            Some("shop"),
            Some("web-0"),
            Some("app"),
        ),
        ("kubectl logs $POD app -n shop", Some("shop"), None, None),
        (
            "kubectl logs $(kubectl get po -o name | head -1) -c app",
            None,
            None,
            Some("app"),
        ),
        ("kubectl logs -n $(cat ns) web-0", None, Some("web-0"), None),
        ("kubectl logs -n team-$ns \"web-$n\" -c $c", None, None, None),
    ] {
        let text = format!("$ {command}\n2026-11-21T10:00:00Z INFO listening\n");
        let input = Input {
            name: "paste".to_owned(),
            bytes: text.into_bytes(),
        };
        let analysis = analysis::read(vec![input], &mut |_| {});
        let (_, artifact) = analysis.artifacts.iter().next().unwrap();
        let Content::Log(log) = &artifact.content else {
            panic!("{command}: {artifact:?}");
        };
        let of = log.of.as_ref().unwrap();
        assert_eq!(
            (of.namespace.as_deref(), of.pod.as_deref(), of.container.as_deref()),
            (namespace, pod, container),
            "{command}"
        );
    }
}
