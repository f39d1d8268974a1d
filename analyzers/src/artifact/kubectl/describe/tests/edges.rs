//! Where descriptions end: what stands right below one, or above it, is another output.

use super::{analysis, documents};

/// Format, first and last line of each part of a text.
fn parts(text: &str) -> Vec<(&'static str, usize, usize)> {
    let analysis = analysis(text);
    let parts = analysis.segments.iter().map(|segment| {
        let lines = analysis.sources.lines(segment.span);
        (segment.format.name(), lines.first, lines.last)
    });
    parts.collect()
}

const SERVICE: &str = "Name:              ledger\n\
    Namespace:         billing\n\
    Labels:            app=ledger\n\
    Selector:          app=ledger\n\
    Type:              ClusterIP\n\
    IP:                172.20.61.4\n\
    Port:              http  80/TCP\n\
    Endpoints:         <none>\n\
    Events:            <none>\n";

#[test]
fn a_table_below_a_description_is_a_table() {
    let pods =
        "NAME       READY   STATUS             RESTARTS   AGE\nledger-0   0/1     CrashLoopBackOff   7          12m\n";
    let text = format!("{SERVICE}{pods}");
    assert_eq!(parts(&text), [("kubectl-describe", 1, 9), ("kubectl-table", 10, 11)]);
    let read = analysis(&text);
    let documents = documents(&read);
    assert_eq!(documents[0].0, "v1/Service");
    assert_eq!(documents[1].0, "v1/Pod");
    assert_eq!(documents[1].1["items"][0]["metadata"]["name"], "ledger-0");
    // The same in one command line, and where the description ends without its events.
    let text = format!("$ kubectl describe svc ledger -n billing; kubectl get pods -n billing\n{text}");
    assert_eq!(parts(&text), [("kubectl-describe", 1, 10), ("kubectl-table", 11, 12)]);
    let cut = text
        .replace("    Events:            <none>\n", "")
        .replace("Events:            <none>\n", "");
    assert_eq!(parts(&cut), [("kubectl-describe", 1, 9), ("kubectl-table", 10, 11)]);
}

#[test]
fn a_table_below_rows_of_events_is_a_table() {
    let text = "$ kubectl describe po ledger-0; kubectl get ep\n\
        Name:             ledger-0\n\
        Namespace:        billing\n\
        Node:             ip-10-3-7-21.eu-west-1.compute.internal/10.3.7.21\n\
        Events:\n  Type     Reason   Age                 From     Message\n  ----     ------   ----                ----     -------\n  \
        Warning  BackOff  31s (x44 over 11m)  kubelet  Back-off restarting failed container\n\
        NAME     ENDPOINTS        AGE\n\
        ledger   10.3.9.77:8080   41d\n";
    assert_eq!(parts(text), [("kubectl-describe", 1, 8), ("kubectl-table", 9, 10)]);
    // So is a table of events.
    let text = text.replace(
        "NAME     ENDPOINTS        AGE\nledger   10.3.9.77:8080   41d\n",
        "LAST SEEN   TYPE     REASON    OBJECT         MESSAGE\n3m          Normal   Pulled    pod/ledger-1   Successfully pulled image\n",
    );
    assert_eq!(parts(&text), [("kubectl-describe", 1, 8), ("kubectl-events", 9, 10)]);
}

#[test]
fn another_description_below_the_events_is_one_more() {
    let text = format!("{SERVICE}\n\n{SERVICE}");
    assert_eq!(parts(&text), [("kubectl-describe", 1, 20)]);
    assert_eq!(documents(&analysis(&text)).len(), 2);
    // Other lines with blanks in pairs are not the description's.
    let text = format!("{SERVICE}Proto  Recv-Q  Send-Q\ntcp    0       0\n");
    assert_eq!(parts(&text)[0], ("kubectl-describe", 1, 9));
}

#[test]
fn a_description_below_a_table_is_a_description() {
    let table = "NAME     TYPE        CLUSTER-IP    EXTERNAL-IP   PORT(S)   AGE\nledger   ClusterIP   172.20.61.4   <none>        80/TCP    41d\n";
    let text = format!("$ kubectl get svc ledger; kubectl describe svc ledger\n{table}{SERVICE}");
    assert_eq!(parts(&text), [("kubectl-table", 1, 3), ("kubectl-describe", 4, 12)]);
    assert!(analysis(&text).problems.is_empty());
    // And where the table has no header.
    let row = table.lines().nth(1).unwrap();
    let text = format!("$ kubectl get svc ledger --no-headers; kubectl describe svc ledger\n{row}\n{SERVICE}");
    assert_eq!(parts(&text), [("kubectl-table", 1, 2), ("kubectl-describe", 3, 11)]);
}

#[test]
fn a_message_of_several_lines_stays_with_its_event() {
    let text = "$ kubectl describe po ledger-0\n\
        Name:             ledger-0\n\
        Namespace:        billing\n\
        Events:\n  Type     Reason     Age  From     Message\n  ----     ------     ---  ----     -------\n  \
        Warning  Unhealthy  31s  kubelet  Readiness probe failed: first\n\
        second line of the probe\n  \
        Normal   Pulled     20s  kubelet  Container image already present\n";
    assert_eq!(parts(text), [("kubectl-describe", 1, 9)]);
}
