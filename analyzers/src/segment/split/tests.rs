//! Pastes with many commands, and what each of their parts is.

use crate::{Analysis, Input, analysis};

fn read(name: &str, text: &str) -> Analysis {
    let input = Input {
        name: name.to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    analysis::read(vec![input], &mut |_| {})
}

/// First and last line, format, command, and whether it is implied.
fn parts(analysis: &Analysis) -> Vec<(usize, usize, &str, Option<&str>, bool)> {
    analysis
        .segments
        .iter()
        .map(|segment| {
            let lines = analysis.sources.lines(segment.span);
            let command = segment.command.as_ref();
            let implied = command.is_some_and(|command| command.implied);
            let text = command.map(|command| command.text.as_str());
            (lines.first, lines.last, segment.format.name(), text, implied)
        })
        .collect()
}

#[test]
fn a_user_whose_prompt_begins_lines_is_no_output() {
    let answers = "nameserver 10.100.0.10\n";
    let toor = format!(
        "appubuntu@pay-0:/srv$ cat /etc/resolv.conf\n{answers}appubuntu@pay-0:/srv$ cat /etc/resolv.conf\n{answers}"
    );
    let cat = Some("cat /etc/resolv.conf");
    let toor = read("paste 1", &toor);
    assert_eq!(
        parts(&toor),
        [(1, 2, "resolv.conf", cat, false), (3, 4, "resolv.conf", cat, false)]
    );
    assert!(toor.problems.is_empty(), "{:?}", toor.problems);
    // The same prompt without the output before it begins a line: the output is one.
    let glued = format!(
        "ubuntu@pay-0:/srv$ true\nappubuntu@pay-0:/srv$ cat /etc/resolv.conf\n{answers}appubuntu@pay-0:/srv$ ls\n"
    );
    let glued = read("paste 1", &glued);
    assert_eq!(
        glued
            .segments
            .iter()
            .filter(|segment| segment.format.name() == "unknown")
            .count(),
        2
    );
}

#[test]
fn documents_without_a_newline_between_them_are_parts_of_their_own() {
    let pod = "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"web-0\"}}";
    let service = "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"web\"}}";
    let line = read("paste 1", &format!("{pod}{service}{pod}\n$ kubectl get ns\n"));
    let kinds: Vec<_> = line
        .artifacts
        .iter()
        .flat_map(|(_, artifact)| artifact.kinds.clone())
        .collect();
    let kinds: Vec<&str> = kinds.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["v1/Pod", "v1/Service", "v1/Pod"]);
    let lines = "{\n \"Vpcs\": []\n}{\n \"Subnets\": []\n}\n[\n {\"a\": 1}\n]{\"cluster\": {\"name\": \"blue\"}}\n";
    let analysis = read("paste 1", lines);
    assert!(analysis.problems.is_empty(), "{:?}", analysis.problems);
    let seen: Vec<_> = parts(&analysis)
        .into_iter()
        .map(|(first, last, format, ..)| (first, last, format))
        .collect();
    assert_eq!(
        seen,
        [
            (1, 3, "aws-json"),
            (3, 5, "aws-json"),
            (6, 8, "json"),
            (8, 8, "aws-json")
        ]
    );
}

#[test]
fn k9s_says_in_its_title_what_its_table_shows() {
    let text = "┌──────────────────── Pods(blue)[1] ────────────────────┐\n\
        │ NAME↑         PF  READY  STATUS   RESTARTS IP          AGE │\n\
        │ web-5d-q8z    ●   1/1    Running         4 10.20.4.31  9d  │\n\
        └───────────────────────────────────────────────────────┘\n";
    let analysis = read("paste 1", text);
    assert!(analysis.problems.is_empty(), "{:?}", analysis.problems);
    assert_eq!(
        parts(&analysis),
        [(1, 3, "kubectl-table", Some("kubectl get pods -n blue"), false)]
    );
    let command = analysis.segments[0].command.as_ref().unwrap();
    assert!(command.titled && !command.typed());
    assert!(analysis.read_report().segments[0].implied);
    let (artifact, root) = analysis.artifacts.roots().next().unwrap();
    assert_eq!(artifact.kinds, [("v1/Pod".to_owned(), 1)]);
    let pod = root.get("items").unwrap().items().into_iter().next().unwrap();
    let at = |path: [&str; 2]| {
        pod.get(path[0])
            .and_then(|node| node.get(path[1]))
            .unwrap()
            .value()
            .to_json()
    };
    assert_eq!(at(["metadata", "namespace"]), "blue");
    assert_eq!(at(["status", "podIP"]), "10.20.4.31");
}

#[test]
fn an_entry_of_a_log_that_goes_on_is_not_taken_apart() {
    let text = "{\"level\":\"info\",\"msg\":\"sent\"}{\"id\":7} to queue\n";
    let analysis = read("paste 1", text);
    assert_eq!(parts(&analysis).len(), 1, "{:?}", parts(&analysis));
    // Short values on one line are taken apart, but not where so many follow that looking at the rest of the line for each is quadratic: that
    // line is one part.
    let some = read("paste 1", &"{\"a\":1}".repeat(100));
    assert_eq!(some.segments.len(), 100);
    let many = read("paste 1", &"{\"a\":1}".repeat(60_000));
    assert_eq!(parts(&many), [(1, 1, "unknown", None, false)]);
    assert_eq!(many.problems.len(), 1, "{:?}", many.problems);
}

#[test]
fn the_log_of_a_container_that_captures_is_a_capture() {
    let command = "kubectl logs sniffer -n shop";
    let text = format!(
        "$ {command}\nlistening on any, link-type LINUX_SLL2 (Linux cooked v2), snapshot length 262144 bytes\n\
         10:22:31.000007 eth0  Out IP 10.0.14.9.51000 > 10.0.15.4.8080: Flags [S], seq 1000, win 62727, length 0\n"
    );
    let read = read("paste 1", &text);
    assert_eq!(parts(&read), [(1, 3, "tcpdump", Some(command), false)]);
}

const TABLE: &str = "NAME    READY   STATUS    RESTARTS   AGE\nweb-0   1/1     Running   3          9d\n";

#[test]
fn what_stands_below_the_error_of_a_log_is_no_log() {
    let error = "Error from server (BadRequest): previous terminated container \"web\" in pod \"web-0\" not found\n";
    for command in [
        "kubectl logs -n pay web-0 --previous",
        "cd /srv; kubectl logs -n pay web-0 --previous",
    ] {
        for between in ["", "\n"] {
            let text = format!("$ {command}\n{error}{between}{TABLE}");
            let table = 3 + between.len();
            assert_eq!(
                parts(&read("paste 1", &text)),
                [
                    (1, 2, "kubectl-error", Some(command), false),
                    (table, table + 1, "kubectl-table", None, false)
                ],
                "{text}"
            );
        }
    }
}

#[test]
fn the_next_log_of_a_loop_stands_below_the_error_of_one() {
    let error =
        "Error from server (BadRequest): container \"web\" in pod \"web-0\" is waiting to start: ContainerCreating\n";
    for command in [
        "for p in web-0 web-1; do kubectl logs $p; done",
        "kubectl logs web-0; kubectl logs web-1",
        "kubectl logs -l app=web --ignore-errors",
    ] {
        let text = format!("$ {command}\n{error}listening\nready\n\n{TABLE}");
        assert_eq!(
            parts(&read("paste 1", &text)),
            [
                (1, 2, "kubectl-error", Some(command), false),
                (3, 4, "log", Some(command), false),
                (6, 7, "kubectl-table", None, false)
            ],
            "{text}"
        );
        let text = format!("$ {command}\n{error}{error}\n{TABLE}");
        assert_eq!(
            parts(&read("paste 1", &text)),
            [
                (1, 3, "kubectl-error", Some(command), false),
                (5, 6, "kubectl-table", None, false)
            ],
            "{text}"
        );
    }
}

#[test]
fn below_a_containers_capture_only_packets_are_its_own() {
    let command = "kubectl logs sniffer -n shop";
    let packet = |port: u16| {
        format!("10:22:31.000007 IP 10.0.14.9.{port} > 10.0.15.4.8080: Flags [S], seq 1000, win 62727, length 0\n")
    };
    let text = format!(
        "$ {command}\n{}\nand then the second run:\n{}\n{TABLE}",
        packet(51000),
        packet(51001)
    );
    let read = read("paste 1", &text);
    assert_eq!(
        parts(&read),
        [
            (1, 2, "tcpdump", Some(command), false),
            (4, 4, "prose", None, false),
            (5, 5, "tcpdump", Some(command), false),
            (7, 8, "kubectl-table", None, false)
        ]
    );
}

#[test]
fn what_kubectl_says_before_a_tools_output_leaves_it_its_command() {
    let command = "kubectl debug node/ip-10-0-1-7 -it --image=netshoot -- tcpdump -nn -i any";
    let text = format!(
        "$ {command}\nCreating debugging pod node-debugger-ip-10-0-1-7-x2x8k with container debugger on node ip-10-0-1-7.\n\
         If you don't see a command prompt, try pressing enter.\n\
         10:00:00.000000 IP 10.0.1.9.5000 > 10.0.1.8.80: Flags [S], seq 7, win 1, length 0\n"
    );
    let read = read("paste 1", &text);
    let last = parts(&read).pop().unwrap();
    assert_eq!((last.2, last.3), ("tcpdump", Some(command)));
}

#[test]
fn a_sign_alone_is_a_prompt_at_the_end_where_it_was_one_above() {
    let text = "# cat /etc/resolv.conf\nnameserver 10.100.0.10\n# \n\n";
    let ended = read("paste 1", text);
    assert_eq!(
        parts(&ended),
        [
            (1, 2, "resolv.conf", Some("cat /etc/resolv.conf"), false),
            (3, 3, "log", None, false)
        ]
    );
    assert!(ended.problems.is_empty(), "{:?}", ended.problems);
    let lines = 2_000;
    let many = read(
        "paste 1",
        &format!("# cat /etc/resolv.conf\n{}{}", "#\n".repeat(lines), "\n".repeat(lines)),
    );
    assert_eq!(
        parts(&many).last(),
        Some(&(lines + 1, lines + 1, "log", None, false)),
        "{:?}",
        parts(&many)
    );
    // In the middle it is a comment of the file; it is none where no command stood behind one.
    let middle = read("paste 1", "# cat /etc/resolv.conf\n#\nnameserver 10.100.0.10\n");
    assert_eq!(parts(&middle).len(), 1);
    let other = read("paste 1", "$ cat /etc/resolv.conf\nnameserver 10.100.0.10\n#\n");
    assert_eq!(parts(&other).last().map(|part| part.2), Some("unknown"));
}

#[test]
fn prompts_of_powerline_may_be_indented() {
    let prompt = " ops@pc \u{e0b0} ~ \u{e0b0} ";
    let text = format!(
        "{prompt}cat /etc/resolv.conf\nnameserver 10.100.0.10\n{prompt}./run\n{prompt}cat /etc/resolv.conf\nnameserver 10.100.0.10\n"
    );
    let commands: Vec<_> = parts(&read("paste 1", &text))
        .iter()
        .map(|part| part.3.map(str::to_owned))
        .collect();
    let cat = Some("cat /etc/resolv.conf".to_owned());
    assert_eq!(commands, [cat.clone(), Some("./run".to_owned()), cat]);
}

#[test]
fn each_frame_of_watch_begins_anew() {
    let frame = |second: u32, status: &str| {
        format!(
            "Every 2.0s: kubectl get ns        box7: Mon Sep  2 23:59:{second} 2024\n\nNAME   STATUS   AGE\npay    {status}   9d\n"
        )
    };
    let frames = read("paste 1", &(frame(50, "Active") + &frame(52, "Active")));
    let command = Some("kubectl get ns");
    assert_eq!(
        parts(&frames),
        [
            (1, 4, "kubectl-table", command, false),
            (5, 8, "kubectl-table", command, false)
        ]
    );
    assert!(frames.problems.is_empty(), "{:?}", frames.problems);
}

#[test]
fn all_that_a_script_runs_is_a_command() {
    let text = "++ kubectl get pods -o 'jsonpath={.items[0].metadata.name}'\n+ POD=pay-0\n+ kubectl logs -n pay pay-0\n\
        2024-09-02T23:59:58Z INFO begins\n+ echo 'all read'\nall read\n+ [[ -n '' ]]\n+ set +x\n";
    let trace = read("paste 1", text);
    assert_eq!(
        parts(&trace)
            .iter()
            .map(|part| (part.0, part.1, part.3.unwrap_or_default()))
            .collect::<Vec<_>>(),
        [
            (1, 1, "kubectl get pods -o 'jsonpath={.items[0].metadata.name}'"),
            (2, 2, "POD=pay-0"),
            (3, 4, "kubectl logs -n pay pay-0"),
            (5, 6, "echo 'all read'"),
            (7, 7, "[[ -n '' ]]"),
            (8, 8, "set +x"),
        ]
    );
    assert!(trace.problems.is_empty(), "{:?}", trace.problems);
}

#[test]
fn lines_of_a_diff_or_a_log_are_no_trace() {
    for (text, from) in [
        ("+ kubectl diff -f pay.yaml\ndiff -u a b\n+ replicas: 3\n", 1),
        (
            "+ kubectl get cm pay -o yaml\n--- a/pay\n+++ b/pay\n@@ -1 +1 @@\n+ replicas: 3\n",
            1,
        ),
        (
            "+ kubectl get ns\nNAME   STATUS   AGE\npay    Active   9d\n$ ./check\n+ 3 of 3 pass\n",
            4,
        ),
        (
            "$ git diff deploy.sh\n@@ -1 +1 @@\n- kubectl get ns\n+ kubectl get po\n",
            1,
        ),
        ("$ cat deploy.log\n+ kubectl get ns\n+ helm list\n", 1),
    ] {
        let read = read("paste 1", text);
        let commands: Vec<_> = parts(&read).iter().filter_map(|part| part.3.map(|_| part.0)).collect();
        assert_eq!(commands.last(), Some(&from), "{text}: {:?}", parts(&read));
        assert_eq!(
            parts(&read).last().map(|part| part.1),
            Some(text.lines().count()),
            "{text}"
        );
    }
}

#[test]
fn what_a_container_traces_is_its_log() {
    let command = "kubectl logs job/deploy";
    for trace in [
        "starting\n+ kubectl get ns\n+ kubectl get po\n+ exec pay --serve\n",
        "+ kubectl get ns\nNAME   STATUS   AGE\npay    Active   9d\n+ kubectl apply -f pay.yaml\ndeployment.apps/pay unchanged\n",
    ] {
        let text = format!("$ {command}\n{trace}$ kubectl get ns\n");
        let last = text.lines().count();
        let read = read("paste 1", &text);
        assert_eq!(
            parts(&read)
                .iter()
                .map(|part| (part.0, part.1, part.3))
                .collect::<Vec<_>>(),
            [(1, last - 1, Some(command)), (last, last, Some("kubectl get ns"))],
            "{text}"
        );
        assert_eq!(parts(&read)[0].2, "log");
    }
}

#[test]
fn a_trace_goes_on_below_the_diff_that_it_makes() {
    let text =
        "+ kubectl diff -f pay.yaml\n+ kubectl apply -f pay.yaml\ndeployment.apps/pay configured\n+ echo done\ndone\n";
    let trace = read("paste 1", text);
    assert_eq!(
        parts(&trace)
            .iter()
            .map(|part| (part.0, part.1, part.3.unwrap_or_default()))
            .collect::<Vec<_>>(),
        [
            (1, 1, "kubectl diff -f pay.yaml"),
            (2, 3, "kubectl apply -f pay.yaml"),
            (4, 5, "echo done")
        ]
    );
}

#[test]
fn what_powershell_shows_of_a_command_is_not_typed() {
    for place in ["At line:1 char:1", "At C:\\src\\check.ps1:12 char:5"] {
        let text = format!(
            "PS C:\\src> kubectl get pods\nkubectl : The term 'kubectl' is not recognized as the name of a cmdlet, function, script file, or operable program. Check the\n\
             spelling of the name, or if a path was included, verify that the path is correct and try again.\n{place}\n\
             + kubectl get pods\n+ ~~~~~~~\n    + CategoryInfo          : ObjectNotFound: (kubectl:String) [], CommandNotFoundException\n    \
             + FullyQualifiedErrorId : CommandNotFoundException\n"
        );
        assert_eq!(
            parts(&read("paste 1", &text)),
            [(1, 8, "shell-error", Some("kubectl get pods"), false)]
        );
    }
}

const LOGGED: &str = "starting\n# kubectl get pods\n$ ls\nsegfault\n";

#[test]
fn a_files_name_says_what_its_lines_alone_do_not() {
    let alone = read("paste 1", LOGGED);
    assert_eq!(parts(&alone).len(), 3);
    let path = "b.tar.gz/namespaces/shop/pods/cart-0/app/app/logs/current.log";
    let log = read(path, LOGGED);
    assert_eq!(
        parts(&log),
        [(1, 4, "log", Some("kubectl logs -n shop cart-0 -c app"), true)]
    );
    assert!(log.problems.is_empty(), "{:?}", log.problems);
}

#[test]
fn a_sniffer_that_is_sure_is_believed_more() {
    let object = "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"PodList\",\n  \"items\": []\n}\n";
    let json = read("b/kubelet/kubelet.log", object);
    assert_eq!(parts(&json)[0].2, "kubernetes-json");
    let conf = read("b/networking/iproute.txt", "nameserver 10.100.0.10\noptions ndots:5\n");
    assert_eq!(parts(&conf)[0].2, "resolv.conf");
}

#[test]
fn what_is_not_read_yet_is_named_by_its_command() {
    let unknown = read(
        "b/system/services.txt",
        "  UNIT   LOAD   ACTIVE\n  kubelet.service loaded active\n",
    );
    assert_eq!(parts(&unknown), [(1, 2, "unknown", Some("systemctl list-units"), true)]);
    assert!(
        unknown.problems[0].message.contains("`systemctl list-units`"),
        "{:?}",
        unknown.problems
    );
}

#[test]
fn outputs_under_titles_have_their_commands() {
    let text = "*** Output of conntrack -S *** \n\
        cpu=0   \tfound=21 invalid=1402 insert=0 insert_failed=7 drop=7 early_drop=0 error=0 search_restart=118 clash_resolve=0 chaintoolong=0 \n\
        *** Output of conntrack -L ***\n\
        udp      17 28 src=10.0.1.7 dst=10.100.0.10 sport=41234 dport=53 src=10.0.2.9 dst=10.0.1.7 sport=53 dport=41234 mark=0 use=1\n";
    let read = read("b/networking/conntrack.txt", text);
    assert_eq!(
        parts(&read),
        [
            (1, 2, "conntrack-stats", Some("conntrack -S"), false),
            (3, 4, "conntrack", Some("conntrack -L"), false)
        ]
    );
    assert!(
        read.segments
            .iter()
            .all(|segment| segment.command.as_ref().is_some_and(|command| command.titled))
    );
    let typed = self::read("paste 1", "$ conntrack -L\n");
    assert!(typed.segments[0].command.as_ref().is_some_and(super::Command::typed));
}
