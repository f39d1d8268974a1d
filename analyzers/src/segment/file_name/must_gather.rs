//! `oc adm must-gather` and `oc adm inspect` (openshift/oc `pkg/cli/admin/inspect`).

use super::{after, document, is_name, is_object, logs};

pub fn command(path: &[&str]) -> Option<String> {
    if let Some(rest) = after(path, "namespaces") {
        return namespaced(rest);
    }
    if let Some(rest) = after(path, "cluster-scoped-resources") {
        return resource(rest, "");
    }
    // Services' journals of a role's nodes.
    let [_, file] = after(path, "host_service_logs")? else {
        return None;
    };
    let unit = file.strip_suffix("_service.log").filter(|unit| is_name(unit))?;
    Some(format!("journalctl --unit={unit}"))
}

/// What stands below `namespaces/`.
fn namespaced(path: &[&str]) -> Option<String> {
    let (namespace, rest) = path.split_first().filter(|(namespace, _)| is_name(namespace))?;
    let of = format!(" -n {namespace}");
    match rest {
        [file] => {
            let (stem, output) = document(file)?;
            (stem == *namespace).then(|| format!("kubectl get namespace {namespace} -o {output}"))
        }
        ["pods", pod, file] if is_name(pod) => {
            let (stem, output) = document(file)?;
            (stem == *pod).then(|| format!("kubectl get pod {pod}{of} -o {output}"))
        }
        ["pods", pod, container, _, "logs", file] => {
            let previous = file.starts_with("previous");
            let known = previous || file.starts_with("current");
            known.then(|| logs(namespace, pod, container, previous)).flatten()
        }
        ["pods", pod, container, _, "logs", "rotated", _] => logs(namespace, pod, container, false),
        _ => resource(rest, &of),
    }
}

/// `GROUP/RESOURCE.yaml`, `GROUP/RESOURCE/NAME.yaml`.
fn resource(path: &[&str], of: &str) -> Option<String> {
    let (group, resource, name, output) = match path {
        [group, file] => {
            let (resource, output) = document(file)?;
            (*group, resource, None, output)
        }
        [group, resource, file] => {
            let (name, output) = document(file)?;
            (*group, *resource, Some(name), output)
        }
        _ => return None,
    };
    if !is_name(group) || !is_name(resource) || resource.contains('.') || name.is_some_and(|name| !is_object(name)) {
        return None;
    }
    let group = if group == "core" {
        String::new()
    } else {
        format!(".{group}")
    };
    let name = name.map(|name| format!(" {name}")).unwrap_or_default();
    Some(format!("kubectl get {resource}{group}{name}{of} -o {output}"))
}
