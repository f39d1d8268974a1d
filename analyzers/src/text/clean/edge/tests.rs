//! What is joined, what is not, and how much of all samples.

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

/// The samples of all formats, without the lines with the commands.
fn samples() -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/samples");
    let mut found = Vec::new();
    for format in std::fs::read_dir(folder).unwrap() {
        for sample in std::fs::read_dir(format.unwrap().path()).unwrap() {
            let path = sample.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let output = text.split_once('\n').unwrap().1.to_owned();
            found.push((path.display().to_string(), output));
        }
    }
    found.sort();
    assert!(found.len() > 60);
    found
}

#[test]
fn outputs_that_no_edge_broke_stay() {
    for (name, text) in samples() {
        let cleaned = clean(text);
        let joined = cleaned.starts.iter().flatten().skip(1);
        let broken = joined.filter(|start| cleaned.text.as_bytes().get(**start - 1) != Some(&b'\n'));
        assert_eq!(broken.count(), 0, "{name}");
    }
}

/// Two lines made one is worse than one line left broken: the first invents a value, the second is named as not understood.
#[test]
fn lines_of_their_own_are_not_joined() {
    let (mut broken, mut joined, mut wrong) = (0, 0, Vec::new());
    for (name, text) in samples() {
        for edge in [72, 80, 100, 120, 160] {
            let wide: Vec<bool> = text
                .lines()
                .flat_map(|line| {
                    let pieces = pieces(line, edge).len();
                    (0..pieces).map(|piece| piece > 0)
                })
                .collect();
            broken += wide.iter().filter(|piece| **piece).count();
            let cleaned = clean(wrapped(&text, edge));
            let Some(starts) = cleaned.starts else { continue };
            for (line, start) in starts.iter().enumerate().skip(1) {
                let is_joined = cleaned.text.as_bytes().get(start - 1) != Some(&b'\n');
                joined += usize::from(is_joined);
                let piece = wide.get(line).copied().unwrap_or(false);
                if !piece && is_joined {
                    wrong.push(format!("{name} at {edge}: line {} was joined", line + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        joined * 3 > broken,
        "only {joined} of {broken} rests of lines were joined"
    );
}

#[test]
fn lines_that_were_cut_are_named() {
    let watched = "Every 2.0s: kubectl get events    ip-10-0-1-5: Thu Nov 21 10\n\
                   LAST SEEN   TYPE      REASON         OBJECT      MESSAGE\n\
                   5m          Warning   FailedMount    pod/web-1   Unable to a\n";
    let cleaned = clean(watched.to_owned());
    assert_eq!(cleaned.text, watched);
    assert_eq!(cleaned.notes.len(), 1);
    assert_eq!(cleaned.notes[0].lines, (3, 3));
    let less = "NAME    MESSAGE                                  \n\
                web-0   the quick brown fox jumps over the lazy >\n\
                web-1   the quick brown fox jumps over the lazy d>\n\
                web-2   the quick brown fox jumps over the lazy e>\n";
    assert_eq!(clean(less.to_owned()).notes[0].lines, (3, 4));
    let none = "NAME                          EXTERNAL-IP   NODE\nweb-0                         10.0.0.1      <none>\nweb-1                         10.0.0.2      <none>\n";
    assert!(clean(none.to_owned()).notes.is_empty());
}

/// What `cut -c`, `less -S` and `top` leave of long lines is all of the same width, and nothing of it is another line's rest.
#[test]
fn lines_that_were_cut_are_not_joined() {
    let mut wrong = Vec::new();
    for (name, text) in samples() {
        for edge in [72, 80, 100, 120, 160] {
            let cut: String = text
                .lines()
                .map(|line| pieces(line, edge).swap_remove(0) + "\n")
                .collect();
            let cleaned = clean(cut);
            for (line, start) in cleaned.starts.iter().flatten().enumerate().skip(1) {
                if cleaned.text.as_bytes().get(start - 1) != Some(&b'\n') {
                    wrong.push(format!("{name} at {edge}: line {} was joined", line + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
