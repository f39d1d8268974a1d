//! Containers' logs as the kubelet lays them out (kubernetes `pkg/kubelet/kuberuntime/helpers.go` and `legacy.go`).

use super::logs;

/// The log of `pods/NAMESPACE_POD_UID/CONTAINER/N.log`, or `containers/POD_NAMESPACE_CONTAINER-ID.log`; collectors copy both elsewhere.
pub fn command(path: &[&str]) -> Option<String> {
    let file = path.last()?;
    if let [.., folder, container, _] = path
        && let Some((count, rotated)) = file.split_once(".log")
        && !count.is_empty()
        && count.bytes().all(|byte| byte.is_ascii_digit())
        && (rotated.is_empty() || rotated.starts_with('.'))
    {
        let mut parts = folder.split('_');
        let (namespace, pod, uid) = (parts.next()?, parts.next()?, parts.next()?);
        return (parts.next().is_none() && is_uid(uid))
            .then(|| logs(namespace, pod, container, false))
            .flatten();
    }
    let stem = file.strip_suffix(".log")?;
    let mut parts = stem.split('_');
    let (pod, namespace, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let (container, id) = rest.rsplit_once('-')?;
    (parts.next().is_none() && id.len() == 64 && is_hex(id))
        .then(|| logs(namespace, pod, container, false))
        .flatten()
}

/// A pod's UID: a UUID, or for a static pod the hash of its file.
fn is_uid(text: &str) -> bool {
    let digits: String = text.split('-').collect();
    digits.len() == 32 && is_hex(&digits) && matches!(text.len(), 32 | 36)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
