//! Prompts as people have them, and lines that only look like some.

use super::{Learned, is_upper_line, typed};

#[test]
fn prompts_of_many_shells_are_recognised() {
    for line in [
        "$ kubectl get pods",
        "# kubectl get pods",
        "% kubectl get pods",
        "❯ kubectl get pods",
        "➜  ~ kubectl get pods",
        "➜  infra git:(main) ✗ kubectl get pods",
        "user@host:~/dir$ kubectl get pods",
        "(venv) user@host:~/dir$ kubectl get pods",
        "[ec2-user@ip-10-0-1-5 ~]$ kubectl get pods",
        "[root@ip-10-0-1-5 /]# kubectl get pods",
        "sh-4.2$ kubectl get pods",
        "root@cart-0:/# kubectl get pods",
        "/ # kubectl get pods",
        "/app $ kubectl get pods",
        "me@mac dir % kubectl get pods",
        "bash-5.1# kubectl get pods",
        "dnstools# kubectl get pods",
        "PS C:\\Users\\me> kubectl get pods",
        "C:\\>kubectl get pods",
        "$kubectl get pods",
        "╰─$ kubectl get pods",
        "╰─❯ kubectl get pods                                   ─╯",
        "└─# kubectl get pods",
        " kubectl get pods".trim_start(),
        "\u{e0b0} ~ \u{e0b0} infra \u{e0b0} kubectl get pods",
        "[ssm-user@control]$ kubectl get pods",
        "worker/0:~# kubectl get pods",
        "worker/2f1c7a9e-0b3d-4e5f-8a6b-7c8d9e0f1a2b:~$ kubectl get pods",
        "sh-5.2# kubectl get pods",
        "~ $ kubectl get pods",
        "[root@web-0 /]# kubectl get pods",
        "ip-10-0-1-7:~ # kubectl get pods",
        "Johns-MacBook-Pro:infra john$ kubectl get pods",
        "PS> kubectl get pods",
        "PS /home/me> kubectl get pods",
        "kubectl get pods",
        "I have no name!@ledger-0:/opt/app$ kubectl get pods",
        "[I have no name!@ledger-0 /opt/app]$ kubectl get pods",
        " ops@pc \u{e0b0} ~/src \u{e0b0} main \u{e0b0} kubectl get pods",
        "admin@WIN-0F1E C:\\Users\\admin>kubectl get pods",
        "corp\\lee@WIN-0F1E C:\\>kubectl get pods",
        "(base) PS C:\\src> kubectl get pods",
        "[root@ip-10-9-8-7 ~]#kubectl get pods",
        "ops@pc:~/src$kubectl get pods",
        "bash-5.2#kubectl get pods",
    ] {
        assert_eq!(
            typed(line).map(|typed| typed.text).as_deref(),
            Some("kubectl get pods"),
            "{line}"
        );
    }
}

#[test]
fn contexts_and_times_stand_before_prompts() {
    for prompt in [
        "(⎈|prod:shop) ➜  ~ ",
        "(⎈|prod:shop)user@mac:~$ ",
        "(⎈|prod:shop)➜ ",
        "[prod] $ ",
        "[10:22:33] user@host:~$ ",
        "➜ ",
        "user@host ~/src> ",
        "10:22:33 user@host ~/src $ ",
        "~/infra main* ❯ ",
        "⎈ prod:shop ~ $ ",
        "ubuntu@ip-10-0-1-5 ~/dir (main) [prod] $ ",
    ] {
        let line = format!("{prompt}kubectl get pods -n shop");
        assert_eq!(
            typed(&line).map(|typed| typed.text).as_deref(),
            Some("kubectl get pods -n shop"),
            "{line}"
        );
    }
    for line in [
        "(2 > 1) is true",
        "[INFO] a > b",
        "[2026-03-02] $ 5 were paid",
        "(see kubectl get pods) # a note",
    ] {
        assert_eq!(typed(line), None, "{line}");
    }
}

#[test]
fn the_right_end_of_a_prompts_line_is_not_its_command() {
    for line in [
        "~/src main ❯ kubectl get ns                  ⎈ dev/pay",
        "❯ kubectl get ns            08:01:59",
        "➜  src git:(main) ✗ kubectl get ns            08:01:59",
        "ops@pc ~ % kubectl get ns            [08:01] ✘ 1",
        "╰─❯ kubectl get ns            ✔  08:01:59 ─╯",
    ] {
        assert_eq!(
            typed(line).map(|typed| typed.text).as_deref(),
            Some("kubectl get ns"),
            "{line}"
        );
    }
    let mut learned = Learned::default();
    let first = "~/src main ❯ kubectl get ns         08:01:59";
    learned.see(first, &typed(first).unwrap());
    for (line, text) in [
        ("~/src main ❯ make deploy           08:02:14", "make deploy"),
        ("~/src main ❯                       08:02:14", ""),
    ] {
        assert_eq!(
            learned.typed(line).map(|typed| typed.text).as_deref(),
            Some(text),
            "{line}"
        );
    }
}

#[test]
fn watch_names_its_command() {
    for (line, command) in [
        (
            "Every 2.0s: kubectl get pods -n shop -o wide      ip-10-0-1-5: Thu Nov 21 10:00:00 2024",
            Some("kubectl get pods -n shop -o wide"),
        ),
        (
            "Every 2.0s: kubectl get pods -n sh...  ip-10-0-1-5: Thu Nov 21 10:00:00 2024",
            Some("kubectl get pods -n"),
        ),
        ("Every 2,0s: kubectl get pods", Some("kubectl get pods")),
        (
            "Every 5.0s: kubectl get nodes      box7: Mon Sep  2 23:59:58 2024",
            Some("kubectl get nodes"),
        ),
        (
            "Every 5.0s: ./check.sh            box7: Mon Sep  2 23:59:58 2024",
            Some("./check.sh"),
        ),
        ("Every 5.0s: the pod restarts  again and again", None),
        ("Every 5 minutes: kubectl is called", None),
        ("Every pod has an address", None),
    ] {
        assert_eq!(typed(line).map(|typed| typed.text).as_deref(), command, "{line}");
    }
}

#[test]
fn output_is_not_taken_for_a_command() {
    for line in [
        "# Please edit the object below.",
        "# this file is managed by man:systemd-resolved(8).",
        "  $ kubectl get pods",
        "tcpdump: verbose output suppressed, use -v[v]... for full protocol decode",
        "kubectl is not installed",
        "curl: (28) Connection timed out after 5001 milliseconds",
        "host not found",
        "cat pictures",
        "NAME   READY   STATUS",
        "10:00:00.000000 IP 10.0.0.1.1 > 10.0.0.2.2: Flags [S], seq 1",
        "the price is 5 $ only",
        "aws: command not found",
        "mail me@example.com for 5 $ now",
        "- run it in ~/infra $ kubectl get pods",
        "path: / # kubectl get pods shows it",
        "             ├─3456 /usr/bin/kubelet",
        "└─ReplicaSet/web-7d9fb5c6d",
        "+ nodeName: web",
        "+ kubectl get pods",
        " - kubectl get pods",
        " \u{f058} kubectl get pods",
        "  \u{e0b0} kubectl get pods",
        "I have no name! $ kubectl",
        "mail lee@example.com C:\\Users>kubectl",
        "lee@example.com:/#kubectl is a link",
        "[lee]#kubectl get pods",
    ] {
        assert_eq!(typed(line), None, "{line}");
    }
}

#[test]
fn a_prompt_says_where_it_is() {
    for (line, host, prompt) in [
        (
            "[root@ip-10-0-1-7 ~]# ip route",
            Some("ip-10-0-1-7"),
            "root@ip-10-0-1-7",
        ),
        (
            "root@web-7d9fb5c6d-x2k4q:/app# ls",
            Some("web-7d9fb5c6d-x2k4q"),
            "root@web-7d9fb5c6d-x2k4q",
        ),
        (
            "[10:22:33] user@bastion:~$ kubectl get pods",
            Some("bastion"),
            "user@bastion",
        ),
        ("/ # ls", None, "/#"),
        ("/app # ls", None, "/#"),
        ("sh-4.2$ ls", None, "sh-4.2$"),
        ("$ ls", None, "$"),
        (
            "I have no name!@ledger-0:/opt$ ls",
            Some("ledger-0"),
            "I have no name!@ledger-0",
        ),
        ("admin@WIN-0F1E C:\\>dir", Some("WIN-0F1E"), "admin@WIN-0F1E"),
        (" ops@pc \u{e0b0} ~ \u{e0b0} ip rule", Some("pc"), "ops@pc"),
    ] {
        let typed = typed(line).unwrap();
        assert_eq!(typed.host.as_deref(), host, "{line}");
        assert_eq!(typed.prompt, prompt, "{line}");
    }
}

#[test]
fn a_prompt_may_follow_an_output_without_a_newline() {
    for (line, from, text) in [
        ("}root@web-0:/# kubectl get pods", 1, "kubectl get pods"),
        ("readyroot@web-0:~# cat /etc/hosts", 5, "cat /etc/hosts"),
        (
            "10.0.0.1[ec2-user@ip-10-0-1-7 ~]$ aws eks list-clusters",
            8,
            "aws eks list-clusters",
        ),
        ("ok/ # cat /etc/resolv.conf", 2, "cat /etc/resolv.conf"),
        ("okbash-5.1# cat /etc/resolv.conf", 2, "cat /etc/resolv.conf"),
        ("okI have no name!@ledger-0:/$ cat /etc/hosts", 2, "cat /etc/hosts"),
    ] {
        let typed = typed(line).unwrap();
        assert_eq!((typed.from, typed.text.as_str()), (from, text), "{line}");
    }
}

#[test]
fn users_that_end_like_others_are_whole() {
    for (line, from, prompt) in [
        ("nonroot@pay-0:/srv$ cat /etc/hosts", 0, "nonroot@pay-0"),
        ("notroot@pay-0:/srv$ env", 0, "notroot@pay-0"),
        ("groot@pay-0:~$ ls", 0, "groot@pay-0"),
        ("oknonroot@pay-0:/srv$ cat /etc/hosts", 2, "nonroot@pay-0"),
        ("\"nonroot@pay-0:/srv$ cat /etc/hosts", 1, "nonroot@pay-0"),
        ("healthyroot@pay-0:/# cat /etc/hosts", 7, "root@pay-0"),
    ] {
        let typed = typed(line).unwrap();
        assert_eq!((typed.from, typed.prompt.as_str()), (from, prompt), "{line}");
    }
}

#[test]
fn the_upper_line_of_a_prompt_is_told_from_output() {
    for line in [
        "╭─user@mac ~/infra  ‹main*›",
        "infra on \u{e0a0} main via \u{1f40d} v3.11 on ☁️  (eu-west-1)",
        "~/src/infra main*",
        "me@laptop MINGW64 ~/infra (main)",
        "┌──(kali㉿kali)-[~]",
    ] {
        assert!(is_upper_line(line), "{line}");
    }
    for line in [
        "NAME   READY   STATUS",
        "/etc/resolv.conf: no such file or directory",
        "the pod depends on a volume",
        "nameserver 10.0.0.2",
        "}",
    ] {
        assert!(!is_upper_line(line), "{line}");
    }
}
