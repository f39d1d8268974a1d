//! Lines that the edge cut.

use super::clean;

#[test]
fn lines_that_were_cut_are_named() {
    let watched = "Every 2.0s: kubectl get events    ip-10-0-1-5: Thu Nov 21 10\n\
                   LAST SEEN   TYPE      REASON         OBJECT      MESSAGE\n\
                   5m          Warning   FailedMount    pod/web-1   Unable to a\n";
    let cleaned = clean(watched.to_owned());
    assert_eq!(cleaned.text, watched.replace("Unable to a\n", "Unable to a…\n"));
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

#[test]
fn the_last_value_of_a_cut_line_is_no_whole_one() {
    let watched = "Every 2.0s: kubectl get pods -o wide    ip-10-0-1-5: Thu Nov\n\
                   NAME    READY   STATUS    RESTARTS   AGE   IP          NODE  \n\
                   web-0   1/1     Running   0          3d    10.0.3.17   ip-10\n\
                   web-1   1/1     Running   0          3d    10.0.3.18   ip-10\n";
    let cleaned = clean(watched.replace("NODE  \n", "NODE\n"));
    assert_eq!(
        cleaned.text.lines().nth(2).and_then(|line| line.split("   ").last()),
        Some("ip-10…")
    );
    let less = "NAME    MESSAGE\n\
                web-0   the quick brown fox jumps over the lazy d>\n\
                web-1   the quick brown fox jumps over the lazy c>\n";
    assert!(
        clean(less.to_owned())
            .text
            .ends_with("the lazy d…\nweb-1   the quick brown fox jumps over the lazy c…\n")
    );
}

/// `kubectl get pods -o wide | cut -c1-100`: the header ends inside a name.
#[test]
fn a_header_that_ends_inside_a_name_was_cut() {
    let text = "NAME                   READY   STATUS    RESTARTS   AGE   IP           NODE                            NOMIN\n\
                web-7d9fb5c6d-x2k4q    1/1     Running   0          3d    10.0.3.17    ip-10-0-3-4.eu-west-1.compute   <none\n\
                web-7d9fb5c6d-zzz5p    1/1     Running   0          3d    10.0.3.199   ip-10-0-3-5.eu-west-1.compute   <none\n";
    let cleaned = clean(text.to_owned());
    assert_eq!(cleaned.notes.len(), 1);
    assert!(cleaned.notes[0].missing);
    assert!(cleaned.text.ends_with("<none…\n"), "{}", cleaned.text);
    // Whole: the last names are as long as their values.
    for whole in [
        "NAME                            READY   STATUS    RESTARTS   AGE\nweb-7d9fb5c6d-x2k4q-x2k4q-x2k4  1/1     Running   0          41h\n",
        "NAME                        CLUSTER-IP     SELECTOR\nweb-7d9fb5c6d-x2k4q-x2k4q   172.20.0.10    app=web1\n",
    ] {
        assert!(clean(whole.to_owned()).notes.is_empty(), "{whole}");
    }
}

#[test]
fn texts_that_end_at_the_same_place_were_cut() {
    let cut = "LAST SEEN   TYPE      REASON             OBJECT      MESSAGE\n\
               5m          Warning   FailedScheduling   pod/web-1   0/3 nodes are available: 3 Ins\n\
               4m          Warning   FailedMount        pod/web-2   Unable to attach or mount volu\n\
               3m          Normal    Pulled             pod/web-3   Successfully pulled\n\
               2m          Warning   BackOff            pod/web-3   Back-off restarting failed con\n\
               1m          Normal    Scheduled          pod/web-4   Assigned\n";
    let cleaned = clean(cut.to_owned());
    assert_eq!(cleaned.notes.len(), 1);
    assert_eq!(cleaned.notes[0].lines, (2, 5));
    assert!(cleaned.text.contains("0/3 nodes are available: 3 Ins…\n"));
    assert!(cleaned.text.contains("Successfully pulled\n"));
    // The same message again and again is no sign.
    let same = "LAST SEEN   TYPE      REASON             OBJECT      MESSAGE\n\
                5m          Warning   BackOff            pod/web-1   Back-off restarting failed con\n\
                4m          Warning   BackOff            pod/web-2   Back-off restarting failed con\n\
                3m          Warning   BackOff            pod/web-3   Back-off restarting failed con\n\
                1m          Normal    Scheduled          pod/web-4   Assigned\n";
    assert!(clean(same.to_owned()).notes.is_empty());
}

#[test]
fn strings_that_stay_open_were_cut() {
    let json = "{\n    \"arn\": \"arn:aws:iam::111122223333:role/shop-ca\n    \"name\": \"shop-cart\",\n    \"path\": \"/application/component/service-role-s\n    \"id\": \"AROAEXAMPLE\"\n}\n";
    let cleaned = clean(json.to_owned());
    assert_eq!(cleaned.notes.len(), 1);
    assert!(cleaned.text.contains("role/shop-ca…\n"));
    let rules = "-A KUBE-SERVICES -d 172.20.31.8/32 -m comment --comment \"shop/cart:http cl\n\
                 -A KUBE-SERVICES -d 172.20.31.9/32 -m comment --comment \"shop/web:http clu\n\
                 -A KUBE-SERVICES -j KUBE-NODEPORTS\n";
    assert_eq!(clean(rules.to_owned()).notes.len(), 1);
}

/// `systemctl status` and `journalctl` shorten lines themselves.
#[test]
fn an_ellipsis_in_a_journal_is_a_cut() {
    let status = "● kubelet.service - Kubernetes Kubelet\n\
                  \x20    Active: active (running) since Thu 2024-11-21 10:00:00 UTC; 1h ago\n\
                  Nov 21 10:00:00 ip-10-0-3-4.eu-west-1.compute.internal kubelet[2841]: E1121 10:00:…\n\
                  Hint: Some lines were ellipsized, use -l to show in full.\n";
    let cleaned = clean(status.to_owned());
    assert_eq!((cleaned.notes.len(), cleaned.notes[0].lines), (1, (3, 3)));
    assert_eq!(cleaned.text, status);
}
