//! A large cluster: kube-proxy's rules of all its Services, and pods with network policies.

use std::fmt::Write as _;

use super::Numbers;

/// Endpoints of a Service.
const ENDPOINTS: usize = 3;

/// The cluster's address of a Service, and of its endpoints.
pub fn service_address(number: usize) -> String {
    format!("172.20.{}.{}", number / 250, number % 250 + 1)
}

fn endpoint(number: usize, endpoint: usize) -> String {
    let number = number * ENDPOINTS + endpoint;
    format!(
        "10.{}.{}.{}",
        64 + number / 62_500,
        number / 250 % 250,
        number % 250 + 1
    )
}

/// `iptables-save` on a node of a cluster with that many Services: ten rules of each.
pub fn iptables_save(services: usize) -> String {
    let mut chains = String::new();
    let (mut fronts, mut rules) = (String::new(), String::new());
    for number in 0..services {
        let address = service_address(number);
        let name = format!("team-{}/svc-{number}:http", number % 40);
        let svc = format!("KUBE-SVC-{number:016X}");
        let _ = writeln!(chains, ":{svc} - [0:0]");
        let _ = writeln!(
            fronts,
            "-A KUBE-SERVICES -d {address}/32 -p tcp -m comment --comment \"{name} cluster IP\" -m tcp --dport 80 -j {svc}"
        );
        let _ = writeln!(
            rules,
            "-A {svc} ! -s 10.64.0.0/12 -d {address}/32 -p tcp -m comment --comment \"{name} cluster IP\" -m tcp --dport 80 -j KUBE-MARK-MASQ"
        );
        for at in 0..ENDPOINTS {
            let (end, sep) = (
                endpoint(number, at),
                format!("KUBE-SEP-{:016X}", number * ENDPOINTS + at),
            );
            let _ = writeln!(chains, ":{sep} - [0:0]");
            let share = match ENDPOINTS - at {
                1 => String::new(),
                left => format!(" -m statistic --mode random --probability 0.{}", 100_000_000 / left),
            };
            let _ = writeln!(
                rules,
                "-A {svc} -m comment --comment \"{name} -> {end}:8080\"{share} -j {sep}"
            );
            let _ = writeln!(
                rules,
                "-A {sep} -s {end}/32 -m comment --comment \"{name}\" -j KUBE-MARK-MASQ"
            );
            let _ = writeln!(
                rules,
                "-A {sep} -p tcp -m comment --comment \"{name}\" -m tcp -j DNAT --to-destination {end}:8080"
            );
        }
    }
    format!(
        "$ sudo iptables-save\n*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:KUBE-FORWARD - [0:0]\n\
         -A FORWARD -m comment --comment \"kubernetes forwarding rules\" -j KUBE-FORWARD\n\
         -A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP\nCOMMIT\n*nat\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n\
         :POSTROUTING ACCEPT [0:0]\n:KUBE-MARK-MASQ - [0:0]\n:KUBE-NODEPORTS - [0:0]\n:KUBE-POSTROUTING - [0:0]\n:KUBE-SERVICES - [0:0]\n{chains}\
         -A PREROUTING -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES\n\
         -A OUTPUT -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES\n\
         -A POSTROUTING -m comment --comment \"kubernetes postrouting rules\" -j KUBE-POSTROUTING\n\
         -A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000\n\
         -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN\n-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0\n\
         -A KUBE-POSTROUTING -m comment --comment \"kubernetes service traffic requiring SNAT\" -j MASQUERADE --random-fully\n{fronts}\
         -A KUBE-SERVICES -m comment --comment \"kubernetes service nodeports; NOTE: this must be the last rule in this chain\" -m addrtype \
         --dst-type LOCAL -j KUBE-NODEPORTS\n{rules}COMMIT\n"
    )
}

/// That many pods in twenty namespaces, and that many policies.
pub fn policies(pods: usize, policies: usize) -> String {
    let mut numbers = Numbers::new();
    let mut text = String::new();
    for namespace in 0..20 {
        let _ = writeln!(
            text,
            "---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: team-{namespace}, labels: {{team: t{namespace}}}}}"
        );
    }
    for pod in 0..pods {
        let _ = writeln!(
            text,
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: web-{pod}, namespace: team-{}, labels: {{app: a{}, tier: t{}}}}}\n\
             spec: {{containers: [{{name: web, ports: [{{name: http, containerPort: 8080}}]}}]}}\nstatus: {{podIP: 10.64.{}.{}}}",
            pod % 20,
            pod % 37,
            pod % 3,
            pod / 250,
            pod % 250 + 1
        );
    }
    for policy in 0..policies {
        let _ = writeln!(
            text,
            "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p{policy}, namespace: team-{}}}\n\
             spec:\n  podSelector: {{matchLabels: {{app: a{}}}}}\n  policyTypes: [Ingress, Egress]\n  ingress:\n  - from:\n    - \
             podSelector: {{matchLabels: {{tier: t{}}}}}\n    - namespaceSelector: {{matchLabels: {{team: t{}}}}}\n    ports: [{{port: {}}}]\n  \
             egress:\n  - to: [{{ipBlock: {{cidr: 10.64.0.0/16, except: [10.64.{}.0/24]}}}}]\n  - ports: [{{protocol: UDP, port: 53}}]",
            policy % 20,
            numbers.next(37),
            numbers.next(3),
            numbers.next(20),
            8000 + numbers.next(4),
            numbers.next(3)
        );
    }
    text
}
