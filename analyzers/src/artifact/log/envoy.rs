//! istio-proxy: Envoy's access log in Istio's default text format, and Envoy's own lines.
//!
//! `[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS%
//! %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "%UPSTREAM_TRANSPORT_FAILURE_REASON%" %BYTES_RECEIVED% %BYTES_SENT%
//! %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%"
//! "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS%
//! %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%` (istio/istio `pilot/pkg/model/telemetry_logging.go`,
//! `EnvoyTextLogFormat`); its names here are those of Istio's JSON format. Older releases lack some of the first.

use std::borrow::Cow;

use super::{Entry, time};

const NAMES: [&str; 20] = [
    "request",
    "response_code",
    "response_flags",
    "response_code_details",
    "connection_termination_details",
    "upstream_transport_failure_reason",
    "bytes_received",
    "bytes_sent",
    "duration",
    "upstream_service_time",
    "x_forwarded_for",
    "user_agent",
    "request_id",
    "authority",
    "upstream_host",
    "upstream_cluster",
    "upstream_local_address",
    "downstream_local_address",
    "downstream_remote_address",
    "requested_server_name",
];

/// Takes a line apart.
pub fn entry(line: &str) -> Option<Entry<'_>> {
    let (when, rest) = line.strip_prefix('[')?.split_once("] \"")?;
    if time::len(when)? != when.len() {
        return None;
    }
    let start = line.len() - rest.len() - 1;
    let words: Vec<&str> = words(line.get(start..)?).collect();
    // The format of today has the route's name at its end. With another count it is another format: the names are not guessed.
    if words.len() != NAMES.len() + 1 {
        return None;
    }
    let mut fields: Vec<_> = NAMES
        .iter()
        .zip(&words)
        .filter(|(_, value)| **value != "-")
        .map(|(name, value)| (Cow::Borrowed(*name), Cow::Borrowed(*value)))
        .collect();
    if let Some(route) = words.last().filter(|route| **route != "-") {
        fields.push((Cow::Borrowed("route_name"), Cow::Borrowed(route)));
    }
    Some(Entry {
        time: Some(Cow::Borrowed(when)),
        message: Cow::Borrowed(words.first().copied().unwrap_or_default()),
        fields,
        ..Entry::default()
    })
}

/// Words between blanks; quotes hold words together.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(' ');
        if rest.is_empty() {
            return None;
        }
        let (word, after) = match rest.strip_prefix('"') {
            Some(inside) => inside.split_once('"').unwrap_or((inside, "")),
            None => rest.split_once(' ').unwrap_or((rest, "")),
        };
        rest = after;
        Some(word)
    })
}
