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
    // The format of today has the route's name at its end. With another count it is another format.
    if words.len() != NAMES.len() + 1 {
        return other_format(when, &words);
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

/// What follows the first three words in Envoy's own default format (docs: Access logging, "Default format string").
const ENVOY_NAMES: [&str; 12] = [
    "request",
    "response_code",
    "response_flags",
    "bytes_received",
    "bytes_sent",
    "duration",
    "upstream_service_time",
    "x_forwarded_for",
    "user_agent",
    "request_id",
    "authority",
    "upstream_host",
];

/// The response flags of Envoy's documentation (Access logging, `%RESPONSE_FLAGS%`; source/common/stream_info/utility.h).
const FLAGS: [&str; 30] = [
    "DC", "DF", "DI", "DO", "DPE", "DR", "DT", "FI", "IH", "LH", "LR", "NC", "NFCF", "NR", "OM", "RFCF", "RL", "RLSE",
    "SI", "UAEX", "UC", "UDO", "UF", "UH", "UMSDR", "UO", "UPE", "UR", "URX", "UT",
];

/// Formats of other releases and Envoy's default: all begin with the request, the code and the flags. Of an unknown one no more is named.
fn other_format<'a>(when: &'a str, words: &[&'a str]) -> Option<Entry<'a>> {
    let (code, flags) = (words.get(1)?, words.get(2)?);
    let code_like = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit()) || *code == "0";
    let flag_like = *flags == "-" || flags.split(',').all(|flag| FLAGS.contains(&flag));
    if !code_like || !flag_like || words.len() < ENVOY_NAMES.len() {
        return None;
    }
    let known = if words.len() == ENVOY_NAMES.len() {
        ENVOY_NAMES.len()
    } else {
        3
    };
    Some(Entry {
        time: Some(Cow::Borrowed(when)),
        message: Cow::Borrowed(words.first().copied().unwrap_or_default()),
        fields: ENVOY_NAMES
            .iter()
            .zip(words)
            .take(known)
            .filter(|(_, value)| **value != "-")
            .map(|(name, value)| (Cow::Borrowed(*name), Cow::Borrowed(*value)))
            .collect(),
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
