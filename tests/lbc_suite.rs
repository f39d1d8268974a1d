//! What the AWS Load Balancer Controller makes of Services and Ingresses, against the models that its own tests expect. The cases are written
//! in Go: their objects are put into the form of the Kubernetes API, pasted, and read again.

#[path = "lbc_suite/fixtures.rs"]
mod fixtures;
#[path = "lbc_suite/go.rs"]
mod go;
#[path = "lbc_suite/render.rs"]
mod render;

use std::collections::BTreeMap;
use std::fs;
use std::process::ExitCode;

use go::Go;
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};
use whypath_analyzers::model::Model;
use whypath_analyzers::model::decided::Decided;
use whypath_analyzers::model::load_balancer_controller::listen_port::{self, ListenPort, ListenPorts};
use whypath_analyzers::model::load_balancer_controller::{
    Existing, Group, GroupId, Made, Member, Refusal, Settings, Subnet, Surroundings, Vpc, ingress, security_group,
    service, tag,
};
use whypath_analyzers::{Analysis, Input, analysis};
use whypath_tests::suite;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let Some(folder) = suite("lbc") else {
        let trial = Trial::test("the lbc suite", || Ok(())).with_ignored_flag(true);
        return libtest_mimic::run(&arguments, vec![trial]).exit_code();
    };
    let text = fs::read_to_string(folder.join("cases.json")).unwrap_or_default();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap_or_default();
    let mut trials = Vec::new();
    let mut outside = Vec::new();
    for (number, case) in cases.into_iter().enumerate() {
        let name = format!("{number} {}", case["name"].as_str().unwrap_or_default());
        match out_of_scope(&case) {
            Some(why) => {
                outside.push(format!("  {name}: {why}"));
                trials.push(Trial::test(name, || Ok(())).with_ignored_flag(true));
            }
            None => trials.push(Trial::test(name, move || agrees(&case))),
        }
    }
    println!("{} cases, {} out of scope", trials.len(), outside.len());
    for line in &outside {
        println!("{line}");
    }
    if trials.is_empty() {
        trials.push(Trial::test("the lbc suite has cases", || Err("none is read".into())));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Why a case cannot be asked of a paste.
fn out_of_scope(case: &Value) -> Option<&'static str> {
    let source = case["go"].as_str().unwrap_or_default();
    // `err: errors.New` in the calls that a test expects.
    let fails = source
        .lines()
        .any(|line| line.trim_start().starts_with("err:") && line.contains("errors.New"));
    fails.then_some("an AWS API answers with an error, which no paste of objects shows")
}

fn agrees(case: &Value) -> Result<(), Failed> {
    let source = case["go"].as_str().unwrap_or_default();
    let go = go::read(source).ok_or("the literal is not read")?;
    if go.get("svc").is_some() {
        return service_agrees(case, &go);
    }
    if go.at(&["args", "ingGroup"]).is_some() {
        return ingress_agrees(case, &go);
    }
    if go.at(&["args", "listenPortConfigByPort"]).is_some() {
        return ssl_redirect_agrees(&go);
    }
    if go.at(&["args", "resourceType"]).is_some() {
        return tags_agree(&go);
    }
    if go.at(&["fields", "ingGroup"]).is_some() {
        return managed_rules_agree(&go);
    }
    if go.get("configs").is_some() {
        return certificates_agree(&go);
    }
    Err("a case of no known kind".into())
}

/// Pastes objects and reads them.
fn paste(objects: &[Value]) -> Analysis {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
    let input = Input {
        name: "objects.json".to_owned(),
        bytes: list.to_string().into_bytes(),
    };
    analysis::read(vec![input], &mut |_| {})
}

/// An object of that kind; fields that Go leaves out are empty there.
fn object(go: &Go, api: &str, kind: &str, name: &str) -> Value {
    let variables = |word: &str| {
        let of = word.strip_suffix(".Name")?;
        Some(fixtures::shared_service(of)?["metadata"]["name"].clone())
    };
    let mut object = go.json(&variables);
    object["apiVersion"] = json!(api);
    object["kind"] = json!(kind);
    let metadata = &mut object["metadata"];
    if metadata.is_null() {
        *metadata = json!({});
    }
    if metadata["uid"].is_null() {
        metadata["uid"] = json!("");
    }
    if metadata["name"].is_null() {
        metadata["name"] = json!(name);
    }
    object
}

fn subnets(calls: Option<&Go>) -> Option<Vec<Subnet>> {
    let first = calls?.items().first()?;
    if let Go::Word(variable) = first {
        return fixtures::shared_subnets(variable);
    }
    let text = |go: &Go, name: &str| go.get(name).and_then(Go::text);
    let subnets = first.get("subnets")?.items().iter().map(|subnet| Subnet {
        id: text(subnet, "SubnetId").unwrap_or_default(),
        ipv4: text(subnet, "CidrBlock"),
        ..Subnet::default()
    });
    Some(subnets.collect())
}

fn existing(go: &Go) -> Option<Existing> {
    let call = go
        .get("listLoadBalancerCalls")
        .or_else(|| go.at(&["fields", "listLoadBalancersCalls"]))?;
    let call = call.items().first()?;
    let found = call.get("sdkLBs").or_else(|| call.get("matchedLBs"))?;
    let lb = found.items().first()?.get("LoadBalancer")?;
    let zones = lb.get("AvailabilityZones").map(Go::items).unwrap_or_default();
    Some(Existing {
        scheme: lb.get("Scheme").and_then(Go::text).unwrap_or_default(),
        has_security_groups: lb
            .get("SecurityGroups")
            .is_some_and(|groups| !groups.items().is_empty()),
        subnets: zones.iter().filter_map(|zone| zone.get("SubnetId")?.text()).collect(),
        evidence: None,
    })
}

fn vpc(go: &Go) -> Option<Vpc> {
    let call = go.get("fetchVPCInfoCalls")?.items().first()?;
    let blocks = |list: &str, name: &str| -> Vec<String> {
        let list = call.at(&["wantVPCInfo", list]).map(Go::items).unwrap_or_default();
        list.iter().filter_map(|block| block.get(name)?.text()).collect()
    };
    Some(Vpc {
        id: String::new(),
        ipv4: blocks("CidrBlockAssociationSet", "CidrBlock"),
        ipv6: blocks("Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock"),
    })
}

/// Security groups that are asked for by names, and their ids.
fn security_groups(go: &Go) -> BTreeMap<String, String> {
    let calls = go.get("resolveSGViaNameOrIDCall").map(Go::items).unwrap_or_default();
    let mut groups = BTreeMap::new();
    for call in calls {
        let names = call.get("args").map(Go::items).unwrap_or_default();
        let ids = call.get("want").map(Go::items).unwrap_or_default();
        groups.extend(
            names
                .iter()
                .zip(ids)
                .filter_map(|(name, id)| Some((name.text()?, id.text()?))),
        );
    }
    groups
}

/// The settings of the tests of one file; those of a case are put over them.
fn settings(go: &Go, cluster: &str) -> Settings {
    let truth = |name: &str| go.get(name).or_else(|| go.at(&["fields", name])).and_then(Go::truth);
    let text = |name: &str| go.get(name).or_else(|| go.at(&["fields", name])).and_then(Go::text);
    let mut settings = Settings {
        cluster_name: Some(cluster.to_owned()),
        backend_security_group_enabled: truth("enableBackendSG").unwrap_or(false),
        backend_security_group: text("backendSecurityGroup"),
        manage_backend_rules: truth("enableManageBackendSGRules").unwrap_or(false),
        unrestricted_rules: truth("disableRestrictedSGRules").unwrap_or(false),
        ip_targets: truth("enableIPTargetType").unwrap_or(true),
        ..Settings::default()
    };
    if let Some(kind) = text("defaultTargetType").filter(|kind| !kind.is_empty()) {
        settings.default_target_type = kind;
    }
    if let Some(scheme) = text("defaultLoadBalancerScheme").filter(|scheme| !scheme.is_empty()) {
        settings.default_scheme = scheme;
    }
    if let Some(Go::Fields(gates)) = go.get("featureGates") {
        for (gate, _, value) in gates {
            settings.set_gate(gate.rsplit('.').next().unwrap_or_default(), value.truth());
        }
    }
    if let Some(Go::Fields(tags)) = go.at(&["fields", "defaultTags"]) {
        settings.default_tags = tags
            .iter()
            .filter_map(|(key, _, value)| Some((key.clone(), value.text()?)))
            .collect();
    }
    if let Some(Go::Code(gates)) = go.at(&["fields", "enabledFeatureGates"]) {
        settings.default_tags_last = gates.contains("Enable(config.EnableDefaultTagsLowPriority)");
    }
    settings
}

fn service_agrees(case: &Value, go: &Go) -> Result<(), Failed> {
    let mut objects = vec![object(go.get("svc").ok_or("a Service")?, "v1", "Service", "")];
    let others = go.get("resolveBackendServices").map(Go::items).unwrap_or_default();
    objects.extend(others.iter().map(|other| object(other, "v1", "Service", "")));
    let name = objects[0]["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    let namespace = objects[0]["metadata"]["namespace"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let analysis = paste(&objects);
    let model = analysis.model();
    let service = model
        .get("Service", &namespace, &name)
        .ok_or("the Service is not read")?;
    let surroundings = Surroundings {
        vpc: vpc(go),
        subnets: subnets(go.get("resolveViaNameOrIDSliceCalls")).unwrap_or_default(),
        discovered: subnets(go.get("resolveViaDiscoveryCalls")),
        security_groups: security_groups(go),
        existing: existing(go),
    };
    let wants_error = go.get("wantError").and_then(Go::truth).unwrap_or(false);
    for joined in [true, false] {
        if !joined && go.get("skipTCPUDPDisabled").and_then(Go::truth) == Some(true) {
            continue;
        }
        let settings = Settings {
            tcp_udp_listeners: joined,
            ..settings(go, "my-cluster")
        };
        match (service::build(&model, service, &settings, &surroundings), wants_error) {
            (Ok(made), false) => is_equal(&resources(&made), &case["golden"]["wantValue"]["resources"])?,
            (Err(_), true) => {}
            (Err(refusal), false) => return Err(format!("refused: {refusal}").into()),
            (Ok(_), true) => return Err("made, and not refused".into()),
        }
    }
    Ok(())
}

fn resources(made: &Made) -> Value {
    match made {
        Made::Stack(stack) => render::resources(stack),
        Made::Nothing(_) => json!({}),
    }
}

/// Namespace and name of an Ingress, and the name of its class' parameters.
type Place = (String, String, Option<String>);

/// The objects of a group, and its members' places in them.
fn group_objects(group: &Go) -> (Vec<Value>, Vec<Place>) {
    let mut objects = Vec::new();
    let mut members = Vec::new();
    for (number, member) in group
        .get("Members")
        .map(Go::items)
        .unwrap_or_default()
        .iter()
        .enumerate()
    {
        let Some(ing) = member.get("Ing") else { continue };
        let ingress = object(ing, "networking.k8s.io/v1", "Ingress", &format!("member-{number}"));
        let of = |field: &str| ingress["metadata"][field].as_str().unwrap_or_default().to_owned();
        let parameters = member.at(&["IngClassConfig", "IngClassParams"]).map(|parameters| {
            let name = format!("params-{number}");
            let mut object = object(parameters, "elbv2.k8s.aws/v1beta1", "IngressClassParams", &name);
            object["metadata"]["name"] = json!(name);
            objects.push(object);
            name
        });
        members.push((of("namespace"), of("name"), parameters));
        objects.push(ingress);
    }
    (objects, members)
}

fn group<'m, 'a>(model: &'m Model<'a>, go: &Go, members: &[Place]) -> Result<Group<'m, 'a>, Failed> {
    let text = |name: &str| go.at(&["ID", name]).and_then(Go::text).unwrap_or_default();
    let id = match (text("Namespace"), text("Name")) {
        (namespace, name) if namespace.is_empty() => GroupId::Explicit(name),
        (namespace, name) => GroupId::Implicit { namespace, name },
    };
    let mut all = Vec::new();
    for (namespace, name, parameters) in members {
        let ingress = model.get("Ingress", namespace, name).ok_or("an Ingress is not read")?;
        let parameters = parameters
            .as_ref()
            .and_then(|name| model.get("IngressClassParams", "", name));
        all.push(Member { ingress, parameters });
    }
    let leaving = model
        .all("Ingress")
        .filter(|ingress| ingress.at(&["metadata", "deletionTimestamp"]).is_some());
    Ok(Group {
        id,
        members: all,
        leaving: leaving.collect(),
    })
}

fn ingress_agrees(case: &Value, go: &Go) -> Result<(), Failed> {
    let of = go.at(&["args", "ingGroup"]).ok_or("a group")?;
    let (mut objects, members) = group_objects(of);
    for leaving in of.get("InactiveMembers").map(Go::items).unwrap_or_default() {
        objects.push(object(leaving, "networking.k8s.io/v1", "Ingress", "leaving"));
    }
    for variable in go.at(&["env", "svcs"]).map(Go::items).unwrap_or_default() {
        let Go::Word(name) = variable else {
            return Err("a Service that is no variable".into());
        };
        objects.push(fixtures::shared_service(name).ok_or("a Service that is not known")?);
    }
    let analysis = paste(&objects);
    let model = analysis.model();
    let group = group(&model, of, &members)?;
    let mut settings = settings(go, "cluster-dummy");
    settings
        .backend_security_group
        .get_or_insert_with(|| "sg-auto".to_owned());
    let found = subnets(go.at(&["fields", "resolveViaDiscoveryCalls"]));
    let surroundings = Surroundings {
        discovered: found,
        existing: existing(go),
        ..Surroundings::default()
    };
    let wanted = go.get("wantErr").and_then(Go::text).filter(|words| !words.is_empty());
    match (ingress::build(&model, &group, &settings, &surroundings), wanted) {
        (Ok(made), None) => {
            let mut expected = fixtures::ingress_model();
            fixtures::patched(&mut expected, &case["golden"]["wantStackPatch"]);
            is_equal(&resources(&made), &expected["resources"])
        }
        (Err(refusal), Some(words)) => says(&refusal, &words),
        (Err(refusal), None) => Err(format!("refused: {refusal}").into()),
        (Ok(_), Some(words)) => Err(format!("made, and not refused: {words}").into()),
    }
}

fn says(refusal: &Refusal, words: &str) -> Result<(), Failed> {
    if refusal.message == words {
        Ok(())
    } else {
        Err(format!("refused with `{refusal}`, not `{words}`").into())
    }
}

fn ssl_redirect_agrees(go: &Go) -> Result<(), Failed> {
    let of = go.at(&["fields", "ingGroup"]).ok_or("a group")?;
    let (objects, members) = group_objects(of);
    let analysis = paste(&objects);
    let model = analysis.model();
    let group = group(&model, of, &members)?;
    let mut ports = ListenPorts::new();
    if let Some(Go::Fields(configs)) = go.at(&["args", "listenPortConfigByPort"]) {
        for (port, _, config) in configs {
            ports.insert(port.parse()?, listen_port(config));
        }
    }
    let wanted = go.get("want").and_then(|want| match want.get("SSLPort") {
        Some(Go::Number(port)) => Some(*port),
        _ => None,
    });
    let words = go.get("wantErr").and_then(Go::text);
    match (listen_port::ssl_redirect(&group, &ports), words) {
        (Ok(port), None) if port.as_ref().map(|port| i64::from(port.value)) == wanted => Ok(()),
        (Ok(port), _) => Err(format!("{port:?}, not {wanted:?}").into()),
        (Err(refusal), Some(words)) => says(&refusal, &words),
        (Err(refusal), None) => Err(format!("refused: {refusal}").into()),
    }
}

fn listen_port(config: &Go) -> ListenPort {
    let given = |text: String| Decided::default(text, "a case of the suite");
    let certificates = config.get("tlsCerts").map(Go::items).unwrap_or_default();
    ListenPort {
        protocol: given(config.get("protocol").and_then(Go::text).unwrap_or_default()),
        inbound_ipv4: Vec::new(),
        inbound_ipv6: Vec::new(),
        prefix_lists: Vec::new(),
        ssl_policy: None,
        certificates: certificates
            .iter()
            .filter_map(|certificate| match certificate {
                // A certificate that is made is known by its variable.
                Go::Call(name, arguments) if arguments.is_empty() => Some(given(name.clone())),
                other => other.text().map(given),
            })
            .collect(),
        certificates_by_host: false,
        mutual_authentication: None,
    }
}

fn certificates_agree(go: &Go) -> Result<(), Failed> {
    let configs = match go.get("configs").ok_or("configurations")? {
        Go::Code(body) => {
            let (_, result) = body.split_once("return ").ok_or("a result")?;
            go::read(result).ok_or("the result is not read")?
        }
        other => other.clone(),
    };
    let configs: Vec<(String, ListenPort)> = configs
        .items()
        .iter()
        .filter_map(|config| {
            let name = config.at(&["ingKey", "Name"]).and_then(Go::text)?;
            Some((name, listen_port(config.get("listenPortConfig")?)))
        })
        .collect();
    let Some(Go::Number(wanted)) = go.get("expectedCertCount") else {
        return Err("a count".into());
    };
    let merged = listen_port::merged(&configs, &Settings::default()).map_err(|refusal| refusal.message)?;
    let count = merged.map_or(0, |merged| merged.certificates.len());
    if i64::try_from(count) == Ok(*wanted) {
        Ok(())
    } else {
        Err(format!("{count} certificates, not {wanted}").into())
    }
}

fn managed_rules_agree(go: &Go) -> Result<(), Failed> {
    let of = go.at(&["fields", "ingGroup"]).ok_or("a group")?;
    let (objects, members) = group_objects(of);
    let analysis = paste(&objects);
    let model = analysis.model();
    let group = group(&model, of, &members)?;
    let wanted = go.get("want").and_then(Go::truth).unwrap_or(false);
    let words = go.get("wantError").and_then(Go::text).filter(|words| !words.is_empty());
    match (security_group::manages_rules(&group, &settings(go, "")), words) {
        (Ok(manages), None) if manages.value == wanted => Ok(()),
        (Ok(manages), _) => Err(format!("{manages:?}, not {wanted}").into()),
        (Err(refusal), Some(words)) => says(&refusal, &words),
        (Err(refusal), None) => Err(format!("refused: {refusal}").into()),
    }
}

fn tags_agree(go: &Go) -> Result<(), Failed> {
    let of = go.at(&["fields", "ingGroup"]).ok_or("a group")?;
    let (objects, members) = group_objects(of);
    let analysis = paste(&objects);
    let model = analysis.model();
    let group = group(&model, of, &members)?;
    let settings = settings(go, "");
    let member = group.members.first().ok_or("a member")?;
    let kind = go.at(&["args", "resourceType"]).and_then(Go::text).unwrap_or_default();
    let tags = match kind.as_str() {
        "targetGroup" => tag::of_backend(member, None, &settings),
        "listenerRule" => tag::of_rule(member, &settings),
        _ => tag::of_group(&group.members, &settings),
    };
    let tags = tags.map_err(|refusal| refusal.message)?;
    let Some(Go::Fields(wanted)) = go.get("want") else {
        return Err("tags".into());
    };
    for (key, _, value) in wanted {
        let own = tags.get(key).map(|tag| tag.value.clone());
        if own != value.text() {
            return Err(format!("{key}: {own:?}, not {value:?}").into());
        }
    }
    Ok(())
}

/// What has no order in AWS is put into one, and the controller's own VPC, which no object names, is left out.
fn in_order(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut ordered = serde_json::Map::new();
            for (name, member) in members {
                let mut member = in_order(member);
                let unordered = matches!(
                    name.as_str(),
                    "ingress" | "loadBalancerAttributes" | "targetGroupAttributes" | "listenerAttributes"
                );
                if let Value::Array(items) = &mut member
                    && unordered
                {
                    items.sort_by_key(Value::to_string);
                }
                if name != "vpcID" {
                    ordered.insert(name.clone(), member);
                }
            }
            Value::Object(ordered)
        }
        Value::Array(items) => items.iter().map(in_order).collect(),
        other => other.clone(),
    }
}

fn is_equal(made: &Value, wanted: &Value) -> Result<(), Failed> {
    let (made, wanted) = (in_order(made), in_order(wanted));
    let mut all = Vec::new();
    differences("", &made, &wanted, &mut all);
    if all.is_empty() {
        Ok(())
    } else {
        Err(all.join("\n").into())
    }
}

fn differences(at: &str, made: &Value, wanted: &Value, all: &mut Vec<String>) {
    if let (Value::Object(a), Value::Object(b)) = (made, wanted) {
        let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        for name in names {
            let (a, b) = (a.get(name), b.get(name));
            differences(
                &format!("{at}/{name}"),
                a.unwrap_or(&Value::Null),
                b.unwrap_or(&Value::Null),
                all,
            );
        }
    } else if made != wanted {
        all.push(format!("{at}\n   made {made}\n   not  {wanted}"));
    }
}
