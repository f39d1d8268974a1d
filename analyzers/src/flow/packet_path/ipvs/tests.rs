//! A node in kube-proxy's IPVS mode.

use crate::Input;
use crate::analysis::read;
use crate::flow::packet_path::{Protocol, Query, compute};
use crate::flow::{Flow, Reason, Verdict};

/// What kube-proxy writes in IPVS mode (`pkg/proxy/ipvs/proxier.go` names the chains, the sets and the comments), `ipvsadm -Ln` and the
/// sets.
const NODE: &str = "\
$ sudo iptables-save
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:KUBE-LOAD-BALANCER - [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-NODE-PORT - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-SERVICES - [0:0]
-A PREROUTING -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES
-A OUTPUT -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES
-A POSTROUTING -m comment --comment \"kubernetes postrouting rules\" -j KUBE-POSTROUTING
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-NODE-PORT -p tcp -m comment --comment \"Kubernetes nodeport TCP port for masquerade purpose\" -m set --match-set KUBE-NODE-PORT-TCP dst -j KUBE-MARK-MASQ
-A KUBE-POSTROUTING -m comment --comment \"Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose\" -m set --match-set KUBE-LOOP-BACK dst,dst,src -j MASQUERADE
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
-A KUBE-POSTROUTING -m comment --comment \"kubernetes service traffic requiring SNAT\" -j MASQUERADE --random-fully
-A KUBE-SERVICES -s 127.0.0.0/8 -j RETURN
-A KUBE-SERVICES ! -s 10.42.0.0/16 -m comment --comment \"Kubernetes service cluster ip + port for masquerade purpose\" -m set --match-set KUBE-CLUSTER-IP dst,dst -j KUBE-MARK-MASQ
-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODE-PORT
-A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
COMMIT
$ sudo ipvsadm -Ln
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  172.20.7.9:80 wrr persistent 10800
  -> 10.42.1.7:8080               Masq    3      4          0
  -> 10.42.2.7:8080               Masq    1      0          2
  -> 10.42.2.8:8080               Masq    0      1          0
TCP  172.20.77.4:80 rr
TCP  10.42.3.9:30080 rr
  -> 10.42.1.7:8080               Masq    1      0          0
";

const ADDRESSES: &str = "\
$ ip -br addr
lo               UNKNOWN        127.0.0.1/8 ::1/128
eth0             UP             10.42.3.9/24
kube-ipvs0       DOWN           172.20.7.9/32 172.20.77.4/32
";

const SETS: &str = "\
$ sudo ipset list
Name: KUBE-CLUSTER-IP
Type: hash:ip,port
Revision: 7
Header: family inet hashsize 1024 maxelem 65536
Size in memory: 312
References: 3
Number of entries: 2
Members:
172.20.7.9,tcp:80
172.20.77.4,tcp:80

Name: KUBE-LOOP-BACK
Type: hash:ip,port,ip
Revision: 7
Header: family inet hashsize 1024 maxelem 65536
Size in memory: 200
References: 1
Number of entries: 1
Members:
10.42.1.7,tcp:8080,10.42.1.7

Name: KUBE-NODE-PORT-TCP
Type: bitmap:port
Revision: 3
Header: range 0-65535
Size in memory: 8264
References: 1
Number of entries: 1
Members:
30080
";

fn path(text: &str, from: &str, to: &str) -> Flow {
    let input = Input {
        name: "paste".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let analysis = read(vec![input], &mut |_| {});
    let query = Query {
        from: format!("ip:{from}").parse().unwrap(),
        to: format!("ip:{to}").parse().unwrap(),
        protocol: Protocol::Tcp,
        at: None,
    };
    compute(&analysis.model(), &query)
}

/// Where each way ends, its share in percent, and the source that is seen there.
fn ends(flow: &Flow) -> Vec<(&str, i64, &str)> {
    flow.outcomes
        .iter()
        .map(|outcome| {
            #[allow(clippy::cast_possible_truncation, reason = "a percentage")]
            let share = (outcome.share * 100.0).round() as i64;
            (
                outcome.ends_at.as_deref().unwrap_or("nowhere"),
                share,
                outcome.source_seen.as_deref().unwrap_or("?"),
            )
        })
        .collect()
}

fn all() -> String {
    [NODE, ADDRESSES, SETS].concat()
}

#[test]
fn weights_make_shares_and_a_weight_of_zero_none() {
    let text = all();
    let flow = path(&text, "10.42.9.9", "172.20.7.9:80");
    assert_eq!(
        ends(&flow),
        [("10.42.1.7:8080", 75, "10.42.9.9"), ("10.42.2.7:8080", 25, "10.42.9.9")]
    );
    assert_eq!(flow.verdict, Verdict::Assumed);
    let notes: Vec<&str> = flow.steps().filter_map(|step| step.note.as_deref()).collect();
    assert!(
        notes
            .iter()
            .any(|note| note.contains("`wrr`") && note.contains("4 active"))
    );
    assert!(notes.iter().any(|note| note.contains("10800 seconds")));
}

#[test]
fn who_is_no_pod_is_masqueraded() {
    let text = all();
    let flow = path(&text, "198.51.100.7", "172.20.7.9:80");
    assert_eq!(
        ends(&flow),
        [("10.42.1.7:8080", 75, "10.42.3.9"), ("10.42.2.7:8080", 25, "10.42.3.9")]
    );
    // A node port.
    let port = path(&text, "198.51.100.7", "10.42.3.9:30080");
    assert_eq!(ends(&port), [("10.42.1.7:8080", 100, "10.42.3.9")]);
    // A pod that gets its own connection.
    let back = path(&text, "10.42.1.7", "172.20.7.9:80");
    assert_eq!(
        ends(&back),
        [("10.42.1.7:8080", 75, "10.42.3.9"), ("10.42.2.7:8080", 25, "10.42.1.7")]
    );
}

#[test]
fn a_service_without_servers_refuses() {
    let flow = path(&all(), "10.42.9.9", "172.20.77.4:80");
    assert_eq!(flow.verdict, Verdict::Blocked);
    assert_eq!(flow.outcomes[0].reason, Some(Reason::NoEndpoints));
}

#[test]
fn sets_that_were_not_pasted_are_asked_for() {
    let flow = path(&[NODE, ADDRESSES].concat(), "198.51.100.7", "172.20.7.9:80");
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert!(flow.next.iter().any(|next| next.command == "sudo ipset list"));
    // And the virtual servers.
    let (rules, _) = NODE.split_once("$ sudo ipvsadm").unwrap();
    let flow = path(&[rules, ADDRESSES, SETS].concat(), "10.42.9.9", "172.20.7.9:80");
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert!(flow.next.iter().any(|next| next.command == "sudo ipvsadm -Ln"));
}
