//! Flows made by hand, for the tests of pictures and exports.

use crate::flow::{
    Actor, ActorKind, Check, Details, Flow, FlowKind, Outcome, Reason, Return, Step, Values, Verdict, auth, dns,
    packet_path,
};

pub fn actor(id: &str, kind: ActorKind, name: &str, details: &[&str], zones: &[&str]) -> Actor {
    Actor {
        id: id.into(),
        kind,
        name: name.into(),
        details: details.iter().map(|&detail| detail.into()).collect(),
        zones: zones.iter().map(|&zone| zone.into()).collect(),
    }
}

fn addresses(src: &str, dst: &str) -> Values {
    vec![("src", src.into()), ("dst", dst.into())]
}

pub fn step(actor: &Actor, to: Option<&Actor>, action: &str, before: Values, after: Values, verdict: Verdict) -> Step {
    Step {
        to: to.cloned(),
        before,
        after,
        ..Step::new(actor.clone(), action, verdict)
    }
}

pub fn outcome(label: &str, share: f64, steps: Vec<Step>, back: Option<Return>) -> Outcome {
    let there = Verdict::all(steps.iter().map(|step| step.verdict));
    let verdict = Verdict::all([there, back.as_ref().map_or(there, |back| back.verdict)]);
    Outcome {
        label: label.into(),
        share,
        verdict,
        reason: None,
        ends_at: None,
        source_seen: None,
        snat: false,
        steps,
        back,
    }
}

#[expect(clippy::too_many_lines, reason = "one story in full")]
/// A pod behind an internal NLB with instance targets and kept client addresses calls that NLB.
pub fn hairpin() -> Flow {
    let vpc = "VPC vpc-0a51c3 · 10.20.0.0/16";
    let a = [
        vpc,
        "eu-west-1a · subnet 10.20.0.0/20",
        "node ip-10-20-3-41 · i-0aa7d1c0",
    ];
    let b = [vpc, "eu-west-1b · subnet 10.20.16.0/20", "node ip-10-20-19-8 · i-0bd2"];
    let pod = actor(
        "pod:shop/checkout",
        ActorKind::Pod,
        "checkout-7d9f8c6b5d-x2x8k",
        &["pod shop", "10.20.3.77"],
        &a,
    );
    let nlb = actor(
        "lb:shop-api",
        ActorKind::LoadBalancer,
        "NLB shop-api",
        &["internal · TCP:443", "10.20.1.12"],
        &[vpc],
    );
    let port_a = actor(
        "node:a",
        ActorKind::Node,
        "node port 31443",
        &["10.20.3.41", "externalTrafficPolicy Cluster"],
        &a,
    );
    let api = actor(
        "pod:shop/api",
        ActorKind::Pod,
        "api-5c4b6d7f9-4kzpq",
        &["10.20.3.90:8443"],
        &a,
    );
    let port_b = actor("node:b", ActorKind::Node, "node port 31443", &["10.20.19.8"], &b);
    let api_b = actor(
        "pod:shop/api-b",
        ActorKind::Pod,
        "api-5c4b6d7f9-zzt8w",
        &["10.20.19.33:8443"],
        &b,
    );
    let client = "10.20.3.77:51514";
    let connect = step(
        &pod,
        Some(&nlb),
        "connects",
        addresses(client, "10.20.1.12:443"),
        addresses(client, "10.20.1.12:443"),
        Verdict::Passes,
    );
    let pick = |node: &Actor, dst: &str| {
        step(
            &nlb,
            Some(node),
            "picks this target, keeps the client's address",
            addresses(client, "10.20.1.12:443"),
            addresses(client, dst),
            Verdict::Passes,
        )
    };
    let dnat = |node: &Actor, pod: &Actor, before: &str, dst: &str, verdict| {
        step(
            node,
            Some(pod),
            "kube-proxy picks a backend",
            addresses(client, before),
            addresses(client, dst),
            verdict,
        )
    };
    let back = Return {
        verdict: Verdict::Blocked,
        reason: Some(Reason::Asymmetric),
        steps: vec![
            step(
                &api,
                Some(&port_a),
                "answers",
                addresses("10.20.3.90:8443", client),
                addresses("10.20.3.90:8443", client),
                Verdict::Passes,
            ),
            step(
                &port_a,
                Some(&pod),
                "delivers straight to the pod, which resets it",
                addresses("10.20.3.90:8443", client),
                addresses("10.20.3.41:31443", client),
                Verdict::Blocked,
            ),
        ],
    };
    let mut other = dnat(
        &port_b,
        &api_b,
        "10.20.19.8:31443",
        "10.20.19.33:8443",
        Verdict::Assumed,
    );
    other.note = Some("security groups are not pasted".into());
    Flow {
        kind: FlowKind::PacketPath,
        title: "pod shop/checkout → lb shop-api:443".into(),
        subtitle: "TCP 443 · 2 ways, 50 % each".into(),
        verdict: Verdict::Blocked,
        outcomes: vec![
            outcome(
                "through node a",
                0.5,
                vec![
                    connect.clone(),
                    pick(&port_a, "10.20.3.41:31443"),
                    dnat(&port_a, &api, "10.20.3.41:31443", "10.20.3.90:8443", Verdict::Passes),
                ],
                Some(back),
            ),
            outcome(
                "through node b",
                0.5,
                vec![connect, pick(&port_b, "10.20.19.8:31443"), other],
                None,
            ),
        ],
        next: Vec::new(),
        details: Details::PacketPath(packet_path::Details::default()),
    }
}

/// The client is its own target: the node drops a packet from its own address.
pub fn martian() -> Flow {
    let vpc = "VPC vpc-0a51c3";
    let a = [vpc, "eu-west-1a", "node ip-10-20-3-41"];
    let pod = actor("pod:shop/checkout", ActorKind::Pod, "checkout", &["10.20.3.77"], &a);
    let nlb = actor(
        "lb:shop-api",
        ActorKind::LoadBalancer,
        "k8s-shop-api-0123456789-0123456789abcdef.elb.eu-west-1.amazonaws.com",
        &["internal · TCP:443"],
        &[vpc],
    );
    let client = "10.20.3.77:51514";
    let connect = step(
        &pod,
        Some(&nlb),
        "connects",
        vec![],
        addresses(client, "10.20.1.12:443"),
        Verdict::Passes,
    );
    let pick = step(
        &nlb,
        Some(&pod),
        "picks the client itself",
        addresses(client, "10.20.1.12:443"),
        addresses(client, "10.20.3.77:8443"),
        Verdict::Passes,
    );
    let drop = step(
        &pod,
        None,
        "drops it: the source is its own address",
        addresses(client, "10.20.3.77:8443"),
        addresses(client, "10.20.3.77:8443"),
        Verdict::Blocked,
    );
    Flow {
        outcomes: vec![outcome("itself", 1.0, vec![connect, pick, drop], None)],
        title: "pod shop/checkout → lb shop-api:443".into(),
        ..hairpin()
    }
}

/// A lookup of an outside name with `ndots:5`.
pub fn lookup() -> Flow {
    let app = actor(
        "pod:shop/checkout",
        ActorKind::Pod,
        "checkout-7d9f8c6b5d-x2x8k",
        &["ndots:5, 4 suffixes"],
        &[],
    );
    let dns = actor("dns:172.20.0.10", ActorKind::Server, "kube-dns", &["172.20.0.10"], &[]);
    let core = actor("dns:10.20.5.14", ActorKind::Server, "CoreDNS", &["10.20.5.14"], &[]);
    let vpc = actor("dns:10.20.0.2", ActorKind::Server, "VPC resolver", &["10.20.0.2"], &[]);
    let mut steps = Vec::new();
    let mut ask = |from: &Actor, to: &Actor, name: &str, rcode: &str, answers: &str, took: i64, waste: bool| {
        for kind in ["A", "AAAA"] {
            let mut step = step(
                from,
                Some(to),
                &format!("{kind} {name}"),
                vec![("name", name.into()), ("type", kind.into())],
                vec![
                    ("rcode", rcode.into()),
                    ("answers", if kind == "A" { answers.into() } else { String::new() }),
                ],
                Verdict::Passes,
            );
            step.took = Some(took);
            step.waste = waste;
            steps.push(step);
        }
    };
    for suffix in ["shop.svc.cluster.local", "svc.cluster.local", "cluster.local"] {
        ask(
            &app,
            &dns,
            &format!("api.stripe.com.{suffix}"),
            "NXDOMAIN",
            "",
            412,
            true,
        );
    }
    ask(
        &app,
        &dns,
        "api.stripe.com.eu-west-1.compute.internal",
        "NXDOMAIN",
        "",
        2130,
        true,
    );
    ask(
        &core,
        &vpc,
        "api.stripe.com.eu-west-1.compute.internal",
        "NXDOMAIN",
        "",
        1800,
        true,
    );
    ask(
        &app,
        &dns,
        "api.stripe.com",
        "NOERROR",
        "54.187.174.169, 54.187.205.235, 54.187.216.72",
        1912,
        false,
    );
    Flow {
        kind: FlowKind::Dns,
        title: "api.stripe.com from pod shop/checkout".into(),
        subtitle: "8 of 10 queries wasted; with a trailing dot: 2 queries instead of 10".into(),
        verdict: Verdict::Passes,
        outcomes: vec![outcome("lookup", 1.0, steps, None)],
        next: Vec::new(),
        details: Details::Dns(dns::Details::default()),
    }
}

/// A role for a service account that trusts another one.
pub fn refused() -> Flow {
    let pod = actor(
        "pod:shop/uploader",
        ActorKind::Pod,
        "uploader-6f7c9d8b4-qq2lp",
        &["sa shop/uploader"],
        &[],
    );
    let token = actor(
        "token",
        ActorKind::Credential,
        "projected token",
        &["aud sts.amazonaws.com"],
        &[],
    );
    let sts = actor("sts", ActorKind::Server, "STS", &["AssumeRoleWithWebIdentity"], &[]);
    let s3 = actor("s3", ActorKind::Server, "S3", &["PutObject"], &[]);
    let issuer = "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE";
    let check = |what: &str, has: &str, wants: &[&str], verdict| Check {
        what: what.into(),
        has_label: "token says".into(),
        has: Some(has.into()),
        wants_label: "policy wants".into(),
        wants: wants.iter().map(|&want| want.into()).collect(),
        verdict,
        evidence: Vec::new(),
    };
    let mut ask = step(
        &token,
        Some(&sts),
        "trust policy of role shop-uploader, condition StringEquals",
        vec![],
        vec![],
        Verdict::Blocked,
    );
    ask.checks = vec![
        check("aud", "sts.amazonaws.com", &["sts.amazonaws.com"], Verdict::Passes),
        check(
            "sub",
            "system:serviceaccount:shop:uploader",
            &[
                "system:serviceaccount:default:uploader",
                "system:serviceaccount:kube-system:ebs-csi-controller-sa",
            ],
            Verdict::Blocked,
        ),
        check("issuer", issuer, &[issuer], Verdict::Passes),
    ];
    ask.note = Some("Not authorized to perform sts:AssumeRoleWithWebIdentity".into());
    Flow {
        kind: FlowKind::Auth,
        title: "pod shop/uploader → s3:PutObject".into(),
        subtitle: String::new(),
        verdict: Verdict::Blocked,
        outcomes: vec![outcome(
            "exchange",
            1.0,
            vec![
                step(&pod, Some(&token), "mounts", vec![], vec![], Verdict::Passes),
                ask,
                step(&sts, Some(&s3), "puts the object", vec![], vec![], Verdict::Unknown),
            ],
            None,
        )],
        next: Vec::new(),
        details: Details::Auth(auth::Details::default()),
    }
}
