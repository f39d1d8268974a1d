//! The real kubectl, asked in many ways for the same objects: what is read from `describe`, from tables, from JSON and from `kubectl events`
//! must be what is read from `get -o yaml`.
//!
//! The API that it asks is a stub on the loopback device that serves the objects of `fixtures/kubectl_objects.json`.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};

#[path = "kubectl_round_trip/compare.rs"]
mod compare;
#[path = "kubectl_round_trip/expected.rs"]
mod expected;
#[path = "kubectl_stub/mod.rs"]
mod stub;

use compare::{compare, documents, rules};
use expected::{EVENTS, TABLES, must_have};
use stub::{resources, serve, text};

const OBJECTS: &str = include_str!("fixtures/kubectl_objects.json");

/// Kinds that describe prints as it prints another: only the command tells them.
const UNTOLD: [&str; 3] = ["Role", "ClusterRole", "ClusterRoleBinding"];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    if Command::new("kubectl").args(["version", "--client"]).output().is_err() {
        println!("skipped: kubectl is not installed");
        let trial = Trial::test("kubectl describe", || Ok(())).with_ignored_flag(true);
        return libtest_mimic::run(&arguments, vec![trial]).exit_code();
    }
    let objects: Value = serde_json::from_str(OBJECTS).unwrap_or_default();
    let objects = Arc::new(
        objects
            .get("items")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default(),
    );
    let kubectl = match Kubectl::new(Arc::clone(&objects)) {
        Ok(kubectl) => Arc::new(kubectl),
        Err(why) => {
            println!("the stub of the API cannot be started: {why}");
            return ExitCode::FAILURE;
        }
    };
    let mut trials = Vec::new();
    for object in objects.iter().filter(|object| text(object, "/kind") != "Event") {
        let name = format!("{}/{}", text(object, "/kind"), text(object, "/metadata/name"));
        let (kubectl, object) = (Arc::clone(&kubectl), object.clone());
        trials.push(Trial::test(name, move || kubectl.round_trip(&object)));
    }
    let all = Arc::clone(&kubectl);
    trials.push(Trial::test("all pods and services in one output", move || {
        all.several()
    }));
    for (_, kind, resource, _, _) in
        resources().filter(|resource| resource.1 != "ResourceQuota" && resource.1 != "LimitRange")
    {
        let json = Arc::clone(&kubectl);
        trials.push(Trial::test(format!("{kind}: JSON and YAML"), move || {
            json.json(resource)
        }));
    }
    for (resource, options, pointers) in TABLES {
        let kubectl = Arc::clone(&kubectl);
        let name = format!("kubectl get {resource} {}", options.join(" "));
        trials.push(Trial::test(name, move || kubectl.table(resource, options, pointers)));
    }
    for arguments in EVENTS {
        let kubectl = Arc::clone(&kubectl);
        trials.push(Trial::test(format!("kubectl {}", arguments.join(" ")), move || {
            kubectl.table_of_events(arguments)
        }));
    }
    let code = libtest_mimic::run(&arguments, trials).exit_code();
    let _ = std::fs::remove_dir_all(&kubectl.folder);
    code
}

/// kubectl, and the stub that it talks to.
struct Kubectl {
    folder: PathBuf,
}

impl Kubectl {
    fn new(objects: Arc<Vec<Value>>) -> Result<Self, std::io::Error> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let objects = Arc::clone(&objects);
                std::thread::spawn(move || serve(&stream, &objects));
            }
        });
        let folder = std::env::temp_dir().join(format!("whypath-kubectl-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "stub",
            "clusters": [{"name": "stub", "cluster": {"server": format!("http://127.0.0.1:{port}")}}],
            "users": [{"name": "stub", "user": {}}],
            "contexts": [{"name": "stub", "context": {"cluster": "stub", "user": "stub", "namespace": "shop"}}],
        });
        std::fs::write(folder.join("config"), config.to_string())?;
        Ok(Self { folder })
    }

    fn run(&self, arguments: &[&str]) -> Result<String, Failed> {
        let output = Command::new("kubectl")
            .args(arguments)
            .env("KUBECONFIG", self.folder.join("config"))
            .env("HOME", &self.folder)
            .env("KUBECACHEDIR", self.folder.join("cache"))
            .output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn round_trip(&self, object: &Value) -> Result<(), Failed> {
        let (kind, name) = (text(object, "/kind"), text(object, "/metadata/name"));
        let version = text(object, "/apiVersion");
        let resource = resources()
            .find(|resource| resource.1 == kind)
            .map(|resource| resource.2)
            .unwrap_or_default();
        let described = self.run(&["describe", resource, name])?;
        let yaml = self.run(&["get", resource, name, "-o", "yaml"])?;
        let full = documents(&format!("$ kubectl get {resource} {name} -o yaml\n{yaml}"))?;
        let full = full.first().map(|(_, value)| value.clone()).unwrap_or_default();
        // With its command, and without: where the fields tell the kind, they must tell the same.
        let with = format!("$ kubectl describe {resource} {name}\n{described}");
        let without = (!UNTOLD.contains(&kind)).then(|| described.clone());
        for paste in std::iter::once(with).chain(without) {
            let read = documents(&paste)?;
            let Some((read_kind, partial)) = read.first() else {
                return Err("nothing was read".into());
            };
            if *read_kind != format!("{version}/{kind}") {
                return Err(format!("read as {read_kind}:\n{described}").into());
            }
            rules(partial, &full)?;
            compare(partial, &full).map_err(|why| format!("{why}\n{described}"))?;
            must_have(kind, name, partial).map_err(|why| format!("{why}\n{described}\n{partial:#}"))?;
            if let Some((read_kind, events)) = read.get(1) {
                if read_kind != "v1/Event" {
                    return Err(format!("the second document is {read_kind}").into());
                }
                must_have("Event", "", events)?;
                self.events(events, name)?;
            } else if described.contains("Events:\n") {
                return Err("the events were not read".into());
            }
        }
        Ok(())
    }

    /// The events of a description are among those of `get events`, value by value.
    fn events(&self, read: &Value, name: &str) -> Result<(), Failed> {
        let yaml = self.run(&["get", "events", "-o", "yaml"])?;
        let all = documents(&format!("$ kubectl get events -o yaml\n{yaml}"))?;
        let all = all
            .first()
            .and_then(|(_, list)| list["items"].as_array().cloned())
            .unwrap_or_default();
        for event in read["items"].as_array().into_iter().flatten() {
            let same = all
                .iter()
                .find(|other| other["reason"] == event["reason"] && text(other, "/involvedObject/name") == name)
                .ok_or("an event that nobody sent")?;
            compare(event, same)?;
        }
        Ok(())
    }

    /// The two spellings of one answer say the same.
    fn json(&self, resource: &str) -> Result<(), Failed> {
        let read = |output: &str| -> Result<Vec<(String, Value)>, Failed> {
            let text = self.run(&["get", resource, "-o", output])?;
            documents(&format!("$ kubectl get {resource} -o {output}\n{text}"))
        };
        let (json, yaml) = (read("json")?, read("yaml")?);
        if json.is_empty() || json != yaml {
            return Err(format!("{json:#?}\n{yaml:#?}").into());
        }
        Ok(())
    }

    /// The objects of a resource as YAML has them, or of several.
    fn full(&self, resource: &str) -> Result<Vec<Value>, Failed> {
        let yaml = self.run(&["get", resource, "-o", "yaml"])?;
        let all = documents(&format!("$ kubectl get {resource} -o yaml\n{yaml}"))?;
        let items = all.first().and_then(|(_, list)| list["items"].as_array().cloned());
        Ok(items.unwrap_or_default())
    }

    /// A table's rows are the objects, as far as they show them, with the command and, where the columns tell the kind, without.
    fn table(&self, resource: &str, options: &[&str], pointers: &[&str]) -> Result<(), Failed> {
        let mut arguments = vec!["get", resource];
        arguments.extend(options);
        let printed = self.run(&arguments)?;
        let full = self.full(resource)?;
        let read = documents(&format!("$ kubectl {}\n{printed}", arguments.join(" ")))?;
        let [(_, list)] = read.as_slice() else {
            return Err(format!("{} documents\n{printed}", read.len()).into());
        };
        let rows = list["items"].as_array().cloned().unwrap_or_default();
        if rows.len() != full.len() {
            return Err(format!("{} rows of {} objects\n{printed}", rows.len(), full.len()).into());
        }
        for row in &rows {
            let (kind, name) = (text(row, "/kind"), text(row, "/metadata/name"));
            let same = full
                .iter()
                .find(|object| text(object, "/kind") == kind && text(object, "/metadata/name") == name)
                .ok_or_else(|| format!("no object is {kind} {name}\n{printed}"))?;
            compare(row, same).map_err(|why| format!("{why}\n{printed}"))?;
        }
        let first = rows.first().ok_or("no rows")?;
        match pointers.iter().find(|pointer| first.pointer(pointer).is_none()) {
            Some(missing) => Err(format!("{missing} was not read\n{printed}\n{first:#}").into()),
            None => Ok(()),
        }
    }

    /// Events of a table are those of the API.
    fn table_of_events(&self, arguments: &[&str]) -> Result<(), Failed> {
        let printed = self.run(arguments)?;
        let full = self.full("events")?;
        let read = documents(&format!("$ kubectl {}\n{printed}", arguments.join(" ")))?;
        let [(kind, list)] = read.as_slice() else {
            return Err(format!("{} documents\n{printed}", read.len()).into());
        };
        let rows = list["items"].as_array().cloned().unwrap_or_default();
        let wanted = if arguments.contains(&"--types=Warning") {
            1
        } else {
            full.len()
        };
        if kind != "v1/Event" || rows.len() != wanted {
            return Err(format!("{} rows of {kind}\n{printed}", rows.len()).into());
        }
        for row in &rows {
            let same = full
                .iter()
                .find(|event| event["reason"] == row["reason"])
                .ok_or("an event that nobody sent")?;
            compare(row, same).map_err(|why| format!("{why}\n{printed}"))?;
            for pointer in [
                "/type",
                "/message",
                "/involvedObject/kind",
                "/involvedObject/name",
                "/x-age",
            ] {
                if row.pointer(pointer).is_none() {
                    return Err(format!("{pointer} was not read\n{printed}").into());
                }
            }
        }
        Ok(())
    }

    /// Several descriptions in one output are as many documents.
    fn several(&self) -> Result<(), Failed> {
        let pods = self.run(&["describe", "pods"])?;
        let services = self.run(&["describe", "services"])?;
        let read = documents(&format!(
            "$ kubectl describe pods\n{pods}$ kubectl describe services\n{services}"
        ))?;
        let kinds: Vec<&str> = read.iter().map(|(kind, _)| kind.as_str()).collect();
        let expected = ["v1/Pod", "v1/Event", "v1/Pod", "v1/Service", "v1/Event", "v1/Service"];
        if kinds == expected {
            Ok(())
        } else {
            Err(format!("{kinds:?}\n{pods}\n{services}").into())
        }
    }
}
