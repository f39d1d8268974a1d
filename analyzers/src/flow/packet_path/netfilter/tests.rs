//! Rules of iptables, one by one.

use crate::Input;
use crate::analysis::read;
use crate::flow::packet_path::{Protocol, Query, compute};

/// What becomes of a packet from 10.42.9.9 to 10.42.1.7:8080 that a rule of `filter` may drop; `other` are lines of other tables.
fn dropped(rule: &str, other: &str) -> Option<bool> {
    through(&format!(
        "{other}*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD {rule} -j DROP\nCOMMIT\n"
    ))
    .map(|end| end == "drop")
}

/// Where it ends by some rules; `None` where that is not told.
fn through(rules: &str) -> Option<String> {
    let text = format!(
        "$ iptables-save\n{rules}$ ip -br addr\nlo               UNKNOWN        127.0.0.1/8 ::1/128\neth0             UP             \
         10.42.3.9/24\n"
    );
    let input = Input {
        name: "paste".to_owned(),
        bytes: text.into_bytes(),
    };
    let analysis = read(vec![input], &mut |_| {});
    let query = Query {
        from: "ip:10.42.9.9".parse().unwrap(),
        to: "ip:10.42.1.7:8080".parse().unwrap(),
        protocol: Protocol::Tcp,
        at: None,
    };
    let flow = compute(&analysis.model(), &query);
    let [outcome] = flow.outcomes.as_slice() else {
        return None;
    };
    outcome
        .ends_at
        .clone()
        .or(outcome.reason.map(|reason| reason.code().to_owned()))
}

#[test]
fn matches_of_a_connections_first_packet() {
    for (rule, is) in [
        ("-s 10.42.0.0/16", true),
        ("! -s 10.42.0.0/16", false),
        ("-p udp", false),
        ("-p 6", true),
        ("-p tcp -m tcp --dport 8000:8100", true),
        ("-p tcp -m tcp ! --dport 8080", false),
        ("-p tcp -m multiport --dports 53,8080", true),
        ("-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN", true),
        ("-p tcp -m tcp --tcp-flags SYN,ACK SYN,ACK", false),
        ("-p tcp -m tcp --tcp-flags RST RST", false),
        ("-p icmp -m icmp --icmp-type 8", false),
        ("-m conntrack --ctstate NEW", true),
        ("-m conntrack --ctstate INVALID", false),
        ("-m state --state RELATED,ESTABLISHED", false),
        ("-m conntrack ! --ctstate DNAT", true),
        ("-m conntrack --ctorigdst 10.42.1.0/24", true),
        ("-m conntrack --ctorigdstport 8081", false),
        ("-m iprange --src-range 10.42.9.1-10.42.9.9", true),
        ("-m iprange ! --dst-range 10.42.1.1-10.42.1.9", false),
        ("-m addrtype --dst-type LOCAL", false),
        ("-m addrtype ! --src-type LOCAL", true),
        ("-m mark --mark 0x1/0x1", false),
        ("-m comment --comment \"all of it\"", true),
    ] {
        assert_eq!(dropped(rule, ""), Some(is), "{rule}");
    }
}

#[test]
fn what_is_not_known_is_no_answer() {
    for rule in [
        "-i eth0",
        "-m set --match-set blocked src",
        "-m time --timestart 08:00:00",
        "-p tcp -m tcp --sport 1024:2048",
    ] {
        assert_eq!(dropped(rule, ""), None, "{rule}");
    }
}

#[test]
fn marks_are_kept_on_packets_and_connections() {
    let mangle = |rules: &str| format!("*mangle\n:PREROUTING ACCEPT [0:0]\n{rules}COMMIT\n");
    let set = mangle("-A PREROUTING -j MARK --set-xmark 0x11/0xff\n");
    assert_eq!(dropped("-m mark --mark 0x10/0x10", &set), Some(true));
    assert_eq!(dropped("-m mark --mark 0x12/0xff", &set), Some(false));
    let restored = mangle(
        "-A PREROUTING -j CONNMARK --set-xmark 0x80/0x80\n-A PREROUTING -j CONNMARK --restore-mark --nfmask 0x80 --ctmask 0x80\n",
    );
    assert_eq!(dropped("-m mark --mark 0x80/0x80", &restored), Some(true));
    assert_eq!(dropped("-m connmark --mark 0x80/0x80", &restored), Some(true));
    let saved = mangle(
        "-A PREROUTING -j MARK --or-mark 0x7\n-A PREROUTING -j CONNMARK --save-mark --nfmask 0x4 --ctmask 0xff\n",
    );
    assert_eq!(dropped("-m connmark --mark 0x4", &saved), Some(true));
}

#[test]
fn what_is_not_tracked_is_not_rewritten() {
    let nat = "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -j DNAT --to-destination 10.42.2.9:9090\nCOMMIT\n";
    assert_eq!(through(nat).as_deref(), Some("10.42.2.9:9090"));
    let raw = "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -d 10.42.1.7/32 -j CT --notrack\nCOMMIT\n";
    assert_eq!(through(&format!("{raw}{nat}")).as_deref(), Some("10.42.1.7:8080"));
    // The first rule that rewrites ends the table.
    let twice = nat.replace(
        "COMMIT",
        "-A PREROUTING -p tcp -j DNAT --to-destination 10.42.2.10:1\nCOMMIT",
    );
    assert_eq!(through(&twice).as_deref(), Some("10.42.2.9:9090"));
}

#[test]
fn chains_are_left_as_they_were_entered() {
    let rules = |enter: &str, rest: &str| {
        format!(
            "*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n*filter\n:FORWARD DROP [0:0]\n:A - [0:0]\n:B - [0:0]\n-A FORWARD {enter}\n\
             -A FORWARD -j ACCEPT\n{rest}COMMIT\n"
        )
    };
    assert_eq!(
        through(&rules("-j A", "-A A -j B\n-A B -j RETURN\n")).as_deref(),
        Some("10.42.1.7:8080")
    );
    // What was gone to does not come back.
    assert_eq!(through(&rules("-g A", "-A A -j RETURN\n")).as_deref(), Some("drop"));
    assert_eq!(
        through(&rules("-j A", "-A A -g B\n-A A -j DROP\n-A B -p udp -j DROP\n")).as_deref(),
        Some("10.42.1.7:8080")
    );
    // Chains that call each other end, without an answer.
    assert_eq!(through(&rules("-j A", "-A A -j B\n-A B -j A\n")), None);
}

/// Rules that only write to a log do not double the ways, however many questions they ask.
#[test]
fn what_only_logs_asks_nothing() {
    let rule = |rate: u32| format!("-A FORWARD -m limit --limit {rate}/min -j LOG --log-prefix \"seen {rate}: \"\n");
    let log = (1..40).map(rule).collect::<Vec<_>>().concat();
    let nat = "*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n";
    let filter = |rules: &str| through(&format!("{nat}*filter\n:FORWARD ACCEPT [0:0]\n{rules}COMMIT\n"));
    assert_eq!(filter(&log).as_deref(), Some("10.42.1.7:8080"));
    assert_eq!(
        filter(&format!("{log}-A FORWARD -d 10.42.1.7/32 -j DROP\n")).as_deref(),
        Some("drop")
    );
    let chance = "-A FORWARD -m statistic --mode random --probability 0.5 -j NFLOG\n";
    assert_eq!(filter(chance).as_deref(), Some("10.42.1.7:8080"));
}

#[test]
fn what_the_kernel_counts_is_asked_of_its_counters() {
    let text = "$ iptables-save\n*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n*filter\n:FORWARD ACCEPT [0:0]\n\
                -A FORWARD -p tcp -m hashlimit --hashlimit-above 50/sec --hashlimit-name pods -j DROP\nCOMMIT\n\
                $ ip -br addr\nlo               UNKNOWN        127.0.0.1/8 ::1/128\neth0             UP             10.42.3.9/24\n";
    let input = Input {
        name: "paste".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let query = Query {
        from: "ip:10.42.9.9".parse().unwrap(),
        to: "ip:10.42.1.7:8080".parse().unwrap(),
        protocol: Protocol::Tcp,
        at: None,
    };
    let flow = compute(&read(vec![input], &mut |_| {}).model(), &query);
    assert_eq!(flow.verdict, crate::flow::Verdict::Unknown);
    assert_eq!(flow.next[0].command, "sudo iptables-save -c");
    let notes: Vec<&str> = flow.steps().filter_map(|step| step.note.as_deref()).collect();
    assert!(
        notes.iter().any(|note| note.contains("--hashlimit-above 50/sec")),
        "{notes:?}"
    );
}
