//! What is joined and what is not.

mod cut;
mod formats;
mod samples;

use super::super::{Cleaned, clean};

/// A line in the pieces that a terminal of that width shows: a tab goes to the next stop and never beyond the edge, a letter that takes
/// two columns is not broken.
fn pieces(line: &str, edge: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut at = 0;
    for c in line.chars() {
        let wide = match c {
            '\t' => (8 - at % 8).min(edge - at),
            '一'..='龥' | '🚀' | '✅' => 2,
            _ => 1,
        };
        if at + wide > edge || at == edge {
            pieces.push(String::new());
            at = 0;
        }
        pieces.last_mut().unwrap().push(c);
        at += if c == '\t' && at == 0 { 8 } else { wide };
    }
    pieces
}

/// A text as a terminal of that width shows and copies it.
fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::new();
    for line in text.lines() {
        for piece in pieces(line, width) {
            out.push_str(&piece);
            out.push('\n');
        }
    }
    out
}

fn check(text: &str, width: usize) -> Cleaned {
    let broken = wrapped(text, width);
    assert_ne!(broken, text);
    let cleaned = clean(broken.clone());
    assert_eq!(cleaned.text, text);
    assert_eq!(cleaned.starts.as_ref().map(Vec::len), Some(broken.lines().count()));
    cleaned
}

#[test]
fn a_wide_table_is_whole_again() {
    check(
        "NAME                    READY   STATUS    RESTARTS   AGE   IP           NODE                                        NOMINATED NODE   READINESS GATES\n\
         web-7d9fb5c6d-x2k4q     1/1     Running   0          3d    10.0.3.17    ip-10-0-3-4.eu-west-1.compute.internal      <none>           <none>\n\
         web-7d9fb5c6d-zzz5p     1/1     Running   0          3d    10.0.3.199   ip-10-0-3-144.eu-west-1.compute.internal    <none>           <none>\n",
        80,
    );
}

#[test]
fn long_messages_of_events_are_whole_again() {
    let cleaned = check(
        "LAST SEEN   TYPE      REASON             OBJECT      MESSAGE\n\
         5m          Warning   FailedScheduling   pod/web-1   0/3 nodes are available: 3 Insufficient cpu, 1 node had untolerated taint.\n\
         4m          Warning   FailedMount        pod/web-2   Unable to attach or mount volumes: unmounted volumes=[data], timed out.\n\
         3m          Normal    Pulled             pod/web-3   Successfully pulled\n",
        80,
    );
    // The third line of the paste is the second half of the second.
    assert_eq!(cleaned.starts.unwrap().get(2).copied(), Some(61 + 80));
}

#[test]
fn json_strings_and_lines_are_whole_again() {
    check(
        "{\n    \"message\": \"AccessDenied: User: arn:aws:sts::111122223333:assumed-role/web/session is not authorized to perform: s3:GetObject\",\n    \"code\": 1\n}\n",
        72,
    );
    check(
        "{\"level\":\"info\",\"ts\":\"2024-11-21T10:00:00Z\",\"msg\":\"reconciled the service and its endpoints\",\"count\":15,\"ok\":true}\n\
         {\"level\":\"info\",\"ts\":\"2024-11-21T10:00:01Z\",\"msg\":\"reconciled\"}\n\
         {\"level\":\"info\",\"ts\":\"2024-11-21T10:00:02Z\",\"msg\":\"reconciled another service and its endpoints\",\"count\":16,\"ok\":true}\n",
        60,
    );
}

#[test]
fn log_entries_and_values_are_whole_again() {
    check(
        "I1121 10:00:00.123456       1 controller.go:114] the endpoints of service shop/web were updated: 3 ready, 1 not ready\n\
         I1121 10:00:01.123456       1 controller.go:114] ok\n\
         E1121 10:00:02.123456       1 controller.go:200] the load balancer could not be reconciled: AccessDenied for elbv2\n",
        80,
    );
    check(
        "Name:         web-0\nEvents:\n\
         \x20 Warning  FailedScheduling  3m    default-scheduler  0/3 nodes are available: 3 Insufficient memory. preemption: not helpful.\n\
         \x20 Warning  FailedMount       2m    kubelet            MountVolume.SetUp failed for volume \"data\": rpc error: code = DeadlineExceeded\n",
        80,
    );
}

#[test]
fn what_is_whole_stays() {
    for text in [
        // Equally long rows.
        "NAME                 READY   STATUS             RESTARTS   AGE\n\
         web-7d9fb5c6d-x2k4q  1/1     Running            0          3d5h\n\
         web-7d9fb5c6d-abcde  0/1     CrashLoopBackOff   7          3d5h\n\
         web-7d9fb5c6d-fghij  0/1     CrashLoopBackOff   7          3d5h\n",
        // Equally long lines of JSON.
        "{\n  \"a\": \"arn:aws:iam::111122223333:role/aaaaaaaaaaaaaaaaaaaa\",\n  \"b\": \"arn:aws:iam::111122223333:role/bbbbbbbbbbbbbbbbbbbb\"\n}\n",
        // A document's last lines and a command.
        "  value: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n  value: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\nkubectl get pods\n",
        // Log entries with a stack trace.
        "2024-11-21T10:00:00Z error aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\ngoroutine 1 [running]:\n2024-11-21T10:00:00Z error bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\ngoroutine 2 [running]:\n",
    ] {
        let cleaned = clean(text.to_owned());
        assert_eq!(cleaned.text, text);
        assert_eq!(cleaned.starts, None);
        assert!(cleaned.notes.is_empty());
    }
}
