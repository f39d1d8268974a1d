//! What fits on a way, and what is stopped for its size.

use super::super::vpc::tests::lab::{Lab, stopped};
use super::super::{Protocol, Query, compute, propose};
use crate::Input;
use crate::analysis::{Analysis, read};
use crate::flow::{Flow, Reason, Verdict};

/// The lab, whose other VPC at the transit gateway answers pings.
fn lab() -> Lab {
    Lab::new().edit(
        "'GroupId': 'sg-0rep', 'VpcId': 'vpc-0bbb',
  'IpPermissions': [",
        "'GroupId': 'sg-0rep', 'VpcId': 'vpc-0bbb',
  'IpPermissions': [{'IpProtocol': 'icmp', 'FromPort': -1, 'ToPort': -1, 'IpRanges': [{'CidrIp': '10.20.0.0/16'}]}, ",
    )
}

const SMALL: &str = "[ec2-user@ip-10-20-1-20 ~]$ ping -c 1 10.30.1.40
PING 10.30.1.40 (10.30.1.40) 56(84) bytes of data.
64 bytes from 10.30.1.40: icmp_seq=1 ttl=253 time=0.912 ms

--- 10.30.1.40 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time 0ms
rtt min/avg/max/mdev = 0.912/0.912/0.912/0.000 ms
";

fn lost(to: &str, size: u32) -> String {
    let all = size + 28;
    format!(
        "[ec2-user@ip-10-20-1-20 ~]$ ping -c 3 -M do -s {size} {to}
PING {to} ({to}) {size}({all}) bytes of data.

--- {to} ping statistics ---
3 packets transmitted, 0 received, 100% packet loss, time 2047ms

"
    )
}

fn pasted(lab: &Lab, pings: &str) -> Analysis {
    let mut text = pings.to_owned();
    for (command, answer) in &lab.documents {
        text.extend(["$ ", command, "\n", answer, "\n"]);
    }
    paste(&text)
}

fn paste(text: &str) -> Analysis {
    let input = Input {
        name: "paste 1".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    read(vec![input], &mut |_| {})
}

fn proposed(lab: &Lab, pings: &str) -> Vec<Flow> {
    propose(&pasted(lab, pings).model())
}

fn asked(analysis: &Analysis, from: &str, to: &str, protocol: Protocol) -> Flow {
    let query = Query {
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        protocol,
        at: None,
    };
    compute(&analysis.model(), &query)
}

#[test]
fn a_transit_gateway_does_not_take_what_a_vpc_takes() {
    let flows = proposed(&lab(), &(SMALL.to_owned() + &lost("10.30.1.40", 8973)));
    assert_eq!(flows.len(), 2);
    stopped(&flows[0], Reason::Mtu, "tgw-0aaa", false);
    assert_eq!(flows[0].title, "10.20.1.20 → 10.30.1.40, 9001 bytes");
    assert!(
        flows[0].subtitle.starts_with("ICMP echo of 9001 bytes"),
        "{}",
        flows[0].subtitle
    );
    assert!(
        flows[0].subtitle.ends_with("up to 8500 bytes: TCP segments of 8460"),
        "{}",
        flows[0].subtitle
    );
    assert_eq!(
        flows[0].outcomes[0].steps.last().unwrap().checks[0].wants,
        ["up to 8500"]
    );
    // Small packets go their way, and it says what fits.
    assert_ne!(flows[1].verdict, Verdict::Blocked);
    assert_eq!(flows[1].outcomes[0].ends_at.as_deref(), Some("10.30.1.40"));
    assert!(
        flows[1]
            .subtitle
            .ends_with("packets of up to 8500 bytes fit: TCP segments of 8460"),
        "{}",
        flows[1].subtitle
    );
}

#[test]
fn what_fits_is_not_too_large_and_an_answer_is_no_loss() {
    let small = |size: u32| SMALL.replace("-c 1", &format!("-c 1 -M do -s {size}"));
    for pings in [
        lost("10.30.1.40", 8472),
        small(8973),
        lost("10.30.1.40", 8973).replace(" -M do", ""),
    ] {
        let flows = proposed(&lab(), &pings);
        assert_eq!(flows.len(), 1, "{pings}");
        assert_ne!(flows[0].verdict, Verdict::Blocked, "{pings}");
    }
    // Where small packets pass and nothing on the way explains the loss, there is a way to find out.
    let flows = proposed(&lab(), &(SMALL.to_owned() + &lost("10.30.1.40", 8472)));
    assert!(
        flows[0]
            .next
            .iter()
            .any(|next| next.command == "tracepath -n 10.30.1.40")
    );
}

#[test]
fn a_filter_that_drops_small_packets_too_is_the_reason() {
    let flows = proposed(&Lab::new(), &lost("10.30.1.40", 8973));
    assert_eq!(flows.len(), 1);
    assert_eq!(flows[0].outcomes[0].reason, Some(Reason::SgIngress));
}

#[test]
fn between_regions_a_peering_took_less_once() {
    let regions = |other: &str| {
        Lab::new()
            .edit(
                "'GroupId': 'sg-0prm', 'VpcId': 'vpc-0ccc',
  'IpPermissions': [",
                "'GroupId': 'sg-0prm', 'VpcId': 'vpc-0ccc',
  'IpPermissions': [{'IpProtocol': 'icmp', 'FromPort': -1, 'ToPort': -1, 'IpRanges': [{'CidrIp': '10.20.0.0/16'}]}, ",
            )
            .edit("'RequesterVpcInfo': {", "'RequesterVpcInfo': {'Region': 'eu-west-1', ")
            .edit(
                "'AccepterVpcInfo': {",
                &format!("'AccepterVpcInfo': {{'Region': '{other}', "),
            )
    };
    let far = regions("us-east-1");
    let flows = proposed(&far, &lost("10.40.1.50", 8973));
    stopped(&flows[0], Reason::Mtu, "pcx-0aaa", false);
    // 5028 bytes were too many once and are not any more.
    let flows = proposed(&far, &lost("10.40.1.50", 5000));
    assert_ne!(flows[0].verdict, Verdict::Blocked);
    assert!(
        flows[0].subtitle.ends_with("packets of up to 1500 bytes fit for sure"),
        "{}",
        flows[0].subtitle
    );
    let flows = proposed(&regions("eu-west-1"), &lost("10.40.1.50", 8973));
    assert_ne!(flows[0].verdict, Verdict::Blocked);
    assert!(!flows[0].subtitle.contains("bytes"), "{}", flows[0].subtitle);
}

#[test]
fn the_internet_takes_1500_bytes_and_tcp_is_not_stopped_for_that() {
    let analysis = pasted(&Lab::new(), "");
    let flow = asked(&analysis, "instance:i-0web", "internet", Protocol::Tcp);
    assert_ne!(flow.verdict, Verdict::Blocked);
    let gateway = flow.steps().find(|step| step.actor.name == "igw-0aaa").unwrap();
    assert!(gateway.note.as_deref().unwrap().contains("up to 1500 bytes"));
}

#[test]
fn the_senders_own_interface_does_not_send_it() {
    let ping = "[ec2-user@ip-10-20-1-20 ~]$ ping -c 1 -M do -s 1473 10.20.2.30
PING 10.20.2.30 (10.20.2.30) 1473(1501) bytes of data.
ping: local error: message too long, mtu=1500

--- 10.20.2.30 ping statistics ---
1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms

[ec2-user@ip-10-20-1-20 ~]$ ip addr
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000
    link/ether 0a:58:9f:11:20:77 brd ff:ff:ff:ff:ff:ff
    inet 10.20.1.20/24 brd 10.20.1.255 scope global dynamic eth0
       valid_lft 3241sec preferred_lft 3241sec
";
    let flows = propose(&paste(ping).model());
    assert_eq!(flows.len(), 1);
    stopped(&flows[0], Reason::Mtu, "ip-10-20-1-20", false);
    assert!(
        flows[0].subtitle.ends_with("TCP segments of 1460"),
        "{}",
        flows[0].subtitle
    );
    // The message alone proves it, too.
    let alone = ping.split("[ec2-user").nth(1).unwrap();
    let flows = propose(&paste(&format!("[ec2-user{alone}")).model());
    stopped(&flows[0], Reason::Mtu, "10.20.1.20", false);
}

#[test]
fn a_router_says_how_much_it_takes() {
    let ping = "[ec2-user@ip-10-20-1-20 ~]$ ping -c 2 -M do -s 8900 10.30.7.5
PING 10.30.7.5 (10.30.7.5) 8900(8928) bytes of data.
From 10.20.1.1 icmp_seq=1 Frag needed and DF set (mtu = 8500)
ping: local error: message too long, mtu=8500

--- 10.30.7.5 ping statistics ---
2 packets transmitted, 0 received, +2 errors, 100% packet loss, time 1012ms
";
    let flows = propose(&paste(ping).model());
    assert_eq!(flows.len(), 1);
    stopped(&flows[0], Reason::Mtu, "10.20.1.1", false);
}

#[test]
fn icmp_in_a_capture_tells_of_the_way_and_stops_no_small_packet() {
    let capture = "[ec2-user@ip-10-20-1-20 ~]$ sudo tcpdump -ni eth0 icmp
09:14:02.113004 IP 10.20.1.1 > 10.20.1.20: ICMP 10.30.1.40 unreachable - need to frag (mtu 1480), length 556
";
    let analysis = pasted(&lab(), capture);
    let flow = asked(&analysis, "ip:10.20.1.20", "ip:10.30.1.40:5432", Protocol::Tcp);
    assert_ne!(flow.verdict, Verdict::Blocked);
    assert!(
        flow.subtitle
            .ends_with("packets of up to 1480 bytes fit: TCP segments of 1440"),
        "{}",
        flow.subtitle
    );
}

/// A connection whose full segments are sent again and again, by a sender that `tcpdump -v` watches.
fn stalled(full: u32, df: &str) -> String {
    let packet = |time: &str, (from, to): (&str, &str), rest: &str, flags: &str| {
        format!(
            "{time} IP (tos 0x0, ttl 64, id 4711, offset 0, flags [{df}], proto TCP (6), length 60)\n    {from} > {to}: Flags [{flags}], {rest}\n"
        )
    };
    let there = ("10.20.1.20.41872", "10.30.1.40.5432");
    let back = ("10.30.1.40.5432", "10.20.1.20.41872");
    let mss = full + 12;
    let end = full + 101;
    let data = format!("seq 101:{end}, ack 1, win 491, options [nop,nop,TS val 9 ecr 8], length {full}");
    [
        "[ec2-user@ip-10-20-1-20 ~]$ sudo tcpdump -nvi eth0 port 5432\n".to_owned(),
        packet(
            "09:14:02.100000",
            there,
            &format!("seq 7000, win 62727, options [mss {mss},sackOK,TS val 5 ecr 0,nop,wscale 7], length 0"),
            "S",
        ),
        packet(
            "09:14:02.101000",
            back,
            &format!("seq 9000, ack 7001, win 62643, options [mss {mss},sackOK,TS val 6 ecr 5,nop,wscale 7], length 0"),
            "S.",
        ),
        packet(
            "09:14:02.101100",
            there,
            "seq 1:101, ack 1, win 491, options [nop,nop,TS val 7 ecr 6], length 100",
            "P.",
        ),
        packet(
            "09:14:02.102000",
            back,
            "ack 101, win 489, options [nop,nop,TS val 8 ecr 7], length 0",
            ".",
        ),
        packet("09:14:02.103000", there, &data, "."),
        packet("09:14:02.310000", there, &data, "."),
        packet("09:14:02.740000", there, &data, "."),
        packet("09:14:03.590000", there, &data, "."),
    ]
    .concat()
}

#[test]
fn full_segments_that_are_sent_again_and_again_while_small_ones_are_acknowledged() {
    let flows = proposed(&Lab::new(), &stalled(8949, "DF"));
    stopped(&flows[0], Reason::Mtu, "tgw-0aaa", false);
    assert_eq!(flows[0].title, "10.20.1.20 → 10.30.1.40:5432, 9001 bytes");
    assert!(
        flows[0].subtitle.starts_with("TCP packets of 9001 bytes"),
        "{}",
        flows[0].subtitle
    );
    // What may be fragmented, what fits, and what was acknowledged in the end is not lost for its size.
    let acknowledged = stalled(8949, "DF")
        + "09:14:03.600000 IP (tos 0x0, ttl 64, id 9, offset 0, flags [DF], proto TCP (6), length 52)\n    10.30.1.40.5432 > 10.20.1.20.41872: Flags [.], ack 9050, win 489, options [nop,nop,TS val 8 ecr 7], length 0\n";
    for capture in [stalled(8949, "none"), stalled(1448, "DF"), acknowledged] {
        let flows = proposed(&Lab::new(), &capture);
        assert!(flows.iter().all(|flow| flow.verdict != Verdict::Blocked), "{capture}");
    }
    // Without the way nothing says where.
    let analysis = paste(&stalled(8949, "DF"));
    assert!(
        propose(&analysis.model())
            .iter()
            .all(|flow| flow.verdict != Verdict::Blocked)
    );
}

#[test]
fn without_a_document_it_is_stopped_for_the_same_reason_or_not_known() {
    let pings = SMALL.to_owned() + &lost("10.30.1.40", 8973);
    let whole = lab();
    for (command, _) in &whole.documents {
        let flows = proposed(&whole.clone().without(command), &pings);
        let Some(first) = flows.first() else { continue };
        match first.verdict {
            Verdict::Blocked => assert_eq!(first.outcomes[0].reason, Some(Reason::Mtu), "{command}"),
            Verdict::Unknown => assert!(!first.next.is_empty(), "{command}"),
            // What is not on this way does not matter, but then the large packet is stopped.
            other => panic!("{} without {command}", other.word()),
        }
    }
    // Without the ping nobody sent a packet that is too large.
    assert!(
        proposed(&whole, SMALL)
            .iter()
            .all(|flow| flow.verdict != Verdict::Blocked)
    );
}

/// The sample of a support call, without any one of its outputs.
#[test]
fn the_sample_stays_stopped_or_is_not_known() {
    let text = include_str!("../../../../samples/P12-mtu.txt");
    let mut parts: Vec<String> = Vec::new();
    for line in text.lines() {
        if line.starts_with("$ ") || line.starts_with("[ec2") || parts.is_empty() {
            parts.push(String::new());
        }
        parts.last_mut().unwrap().extend([line, "\n"]);
    }
    assert_eq!(parts.len(), 8);
    for at in 0..=parts.len() {
        let left: String = parts
            .iter()
            .enumerate()
            .filter(|(own, _)| *own != at)
            .map(|(_, part)| part.as_str())
            .collect();
        let flows = propose(&paste(&left).model());
        // Without the interface or the pings nothing asks about a way.
        let Some(first) = flows.first() else {
            assert!(at < parts.len());
            continue;
        };
        match first.verdict {
            Verdict::Blocked => stopped(first, Reason::Mtu, "tgw-0f1e2d3c4b5a69788", false),
            Verdict::Unknown => assert!(!first.next.is_empty(), "without {:?}", parts.get(at)),
            other => panic!("{} without {:?}", other.word(), parts.get(at)),
        }
        assert!(at < parts.len() || first.verdict == Verdict::Blocked);
    }
}
