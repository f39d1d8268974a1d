//! Archives that real tools make of the samples: every member has its bytes again, whole and cut; and bundles laid out as collectors lay
//! them out, whose members are read as what they are. Without a tool, what it makes is counted as ignored.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use whypath_analyzers::analysis::{self, Choices, Unpacked};
use whypath_analyzers::archive::{FREE, Fault, RATIO};
use whypath_analyzers::{Analysis, Input};
use whypath_tests::capture_file;

/// A way to pack the folder `files` as the file `packed`: its name, the programs that it needs, and a line for the shell.
struct Maker {
    name: &'static str,
    programs: &'static [&'static str],
    line: &'static str,
    /// Whether links are packed as links: they are not read then.
    links: bool,
    /// The ending of the file's name.
    ending: &'static str,
}

const fn maker(name: &'static str, programs: &'static [&'static str], line: &'static str, links: bool) -> Maker {
    Maker {
        name,
        programs,
        line,
        links,
        ending: "",
    }
}

const MAKERS: [Maker; 18] = [
    maker("tar", &["tar"], "tar cf packed -C files .", true),
    maker(
        "tar, GNU names",
        &["tar"],
        "tar --format=gnu -cf packed -C files .",
        true,
    ),
    maker("tar, pax", &["tar"], "tar --format=pax -cf packed -C files .", true),
    maker("tar czf", &["tar", "gzip"], "tar czf packed -C files .", true),
    maker(
        "tar, ustar",
        &["tar"],
        "tar --format=ustar -cf packed -C files ./short ./empty",
        true,
    ),
    maker(
        "tar, v7",
        &["tar"],
        "tar --format=v7 -cf packed -C files ./short ./empty",
        true,
    ),
    maker(
        "gzip -1 of tar",
        &["tar", "gzip"],
        "tar cf - -C files . | gzip -1 > packed",
        true,
    ),
    maker(
        "zip",
        &["zip"],
        "cd files && zip -qr ../packed.zip . && mv ../packed.zip ../packed",
        false,
    ),
    maker(
        "zip, stored",
        &["zip"],
        "cd files && zip -0qr ../packed.zip . && mv ../packed.zip ../packed",
        false,
    ),
    maker(
        "zip, links as links",
        &["zip"],
        "cd files && zip -yqr ../packed.zip . && mv ../packed.zip ../packed",
        true,
    ),
    // To a pipe: what is written cannot be changed any more, so sizes and checksums follow the members.
    maker(
        "zip to a pipe",
        &["zip"],
        "cd files && zip -qr - . | cat > ../packed",
        false,
    ),
    maker(
        "zip64",
        &["zip"],
        "cd files && zip -fz -qr ../packed.zip . && mv ../packed.zip ../packed",
        false,
    ),
    maker(
        "zip of tar.gz",
        &["zip", "tar"],
        "tar czf in.tgz -C files . && zip -q packed.zip in.tgz && mv packed.zip packed",
        true,
    ),
    maker(
        "tar.gz of zip",
        &["zip", "tar"],
        "(cd files && zip -qr ../in.zip .) && tar czf packed in.zip",
        false,
    ),
    maker(
        "python's zipfile",
        &["python3"],
        "cd files && python3 -m zipfile -c ../packed *",
        false,
    ),
    maker(
        "python's tarfile",
        &["python3"],
        "cd files && python3 -m tarfile -c ../packed.tar.gz * && mv ../packed.tar.gz ../packed",
        true,
    ),
    maker(
        "bsdtar, pax",
        &["bsdtar"],
        "bsdtar --format=pax -cf packed -C files .",
        true,
    ),
    maker(
        "bsdtar, zip",
        &["bsdtar"],
        "bsdtar --format=zip -cf packed -C files .",
        true,
    ),
];

/// What is packed in a way that is not opened.
const OTHERS: [Maker; 4] = [
    Maker {
        ending: ".tar.xz",
        ..maker("xz", &["tar", "xz"], "tar cf - -C files . | xz -1 > packed", true)
    },
    Maker {
        ending: ".tar.bz2",
        ..maker(
            "bzip2",
            &["tar", "bzip2"],
            "tar cf - -C files . | bzip2 -1 > packed",
            true,
        )
    },
    Maker {
        ending: ".tar.zst",
        ..maker("zstd", &["tar", "zstd"], "tar cf - -C files . | zstd -q > packed", true)
    },
    Maker {
        ending: ".7z",
        ..maker(
            "7z",
            &["7z"],
            "7z a -bd packed.7z files > log && mv packed.7z packed",
            true,
        )
    },
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for maker in &MAKERS {
        let missing = missing(maker);
        let trial = Trial::test(maker.name, move || round_trip(maker));
        trials.push(trial.with_ignored_flag(missing));
    }
    for maker in &OTHERS {
        let missing = missing(maker);
        let trial = Trial::test(format!("{}, named", maker.name), move || named(maker));
        trials.push(trial.with_ignored_flag(missing));
    }
    trials.push(Trial::test("gzip, one text and two", gzip).with_ignored_flag(!has("gzip")));
    trials.push(Trial::test("zip, encrypted", encrypted).with_ignored_flag(!has("zip")));
    trials.push(Trial::test("tar, hard links", hard_links).with_ignored_flag(!has("tar")));
    trials.push(Trial::test("tar, sparse files", sparse).with_ignored_flag(!has("tar")));
    trials.push(Trial::test("gzip, a bomb", bomb).with_ignored_flag(!has("gzip")));
    let tools = has("tar") && has("gzip");
    trials.push(Trial::test("captures in archives", captures).with_ignored_flag(!tools));
    for (name, members) in bundles() {
        trials.push(Trial::test(format!("bundle of {name}"), move || bundle(&members)).with_ignored_flag(!has("tar")));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn has(program: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .output();
    found.is_ok_and(|output| output.status.success())
}

fn missing(maker: &Maker) -> bool {
    let absent = maker.programs.iter().find(|program| !has(program));
    if let Some(program) = absent {
        println!("skipped, {}: there is no {program}", maker.name);
    }
    absent.is_some()
}

/// A folder that goes away again.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let word: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        let path = std::env::temp_dir().join(format!("whypath-{}-{word}", std::process::id()));
        fs::create_dir_all(path.join("files")).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.0.join("files").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn shell(&self, line: &str) -> Result<(), Failed> {
        let output = Command::new("sh").args(["-c", line]).current_dir(&self.0).output()?;
        if output.status.success() {
            return Ok(());
        }
        Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
    }

    fn packed(&self) -> Vec<u8> {
        fs::read(self.0.join("packed")).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn unpack(name: &str, bytes: Vec<u8>) -> Unpacked {
    let name = name.to_owned();
    analysis::unpack(vec![Input { name, bytes }])
}

/// The samples, by paths of their own: short ones, which every format takes, and odd ones.
fn samples() -> BTreeMap<String, Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let mut all = BTreeMap::new();
    for folder in fs::read_dir(root).unwrap().flatten() {
        for file in fs::read_dir(folder.path()).unwrap().flatten() {
            let folder = folder.file_name().into_string().unwrap();
            let name = file.file_name().into_string().unwrap();
            all.insert(format!("short/{folder}/{name}"), fs::read(file.path()).unwrap());
        }
    }
    let long = format!("{}/{}", "namespaces/openshift-".repeat(9), "current.log".repeat(8));
    all.insert(long, b"a long path\n".to_vec());
    all.insert("übermäßig/日本 1.log".to_owned(), b"another alphabet\n".to_vec());
    all.insert("large".to_owned(), b"10.0.3.17 -> 10.0.1.7: RST\n".repeat(40_000));
    all
}

/// What is in an archive comes out of it, whole; and of a part of it, the beginning.
fn round_trip(maker: &Maker) -> Result<(), Failed> {
    let folder = Folder::new(maker.name);
    let mut wanted = samples();
    for (name, bytes) in &wanted {
        folder.write(name, bytes);
    }
    folder.write("empty", b"");
    folder.shell("ln -s large files/link")?;
    folder.shell(maker.line)?;
    if maker.line.contains("./short") {
        wanted.retain(|name, _| name.starts_with("short/"));
    } else if !maker.links {
        let large = wanted["large"].clone();
        wanted.insert("link".to_owned(), large);
    }
    let packed = folder.packed();
    let outer = |name: &str| -> String {
        let inside = name.strip_prefix("packed/").unwrap();
        let inside = inside
            .strip_prefix("in.tgz/")
            .or_else(|| inside.strip_prefix("in.zip/"));
        inside
            .unwrap_or_else(|| name.strip_prefix("packed/").unwrap())
            .to_owned()
    };
    let whole = unpack("packed", packed.clone());
    let found: BTreeMap<String, Vec<u8>> = whole
        .inputs
        .iter()
        .map(|input| (outer(&input.name), input.bytes.clone()))
        .collect();
    let names = |all: &BTreeMap<String, Vec<u8>>| all.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found), names(&wanted));
    assert!(found == wanted, "bytes differ");
    for (name, fault) in &whole.faults {
        let expected =
            matches!(fault, Fault::Skipped { .. }) || (maker.links && matches!(fault, Fault::Links { count: 1, .. }));
        assert!(expected, "{name}: {fault}");
    }
    for share in 1..20 {
        let cut = unpack("packed", packed[..packed.len() * share / 20].to_vec());
        assert!(!cut.faults.is_empty(), "{share} of 20");
        for input in cut.inputs {
            let name = outer(&input.name);
            // Only a zip file's directory, at its end, says for certain that a member is a link.
            if maker.links && name == "link" {
                assert_eq!(input.bytes, b"large");
                continue;
            }
            assert!(wanted[&name].starts_with(&input.bytes), "{name} at {share} of 20");
        }
    }
    Ok(())
}

/// The command that is named makes of it an archive that is opened.
fn named(maker: &Maker) -> Result<(), Failed> {
    let folder = Folder::new(maker.name);
    folder.write("resolv.conf", b"nameserver 10.100.0.10\n");
    folder.shell(maker.line)?;
    let name = format!("my bundle{}", maker.ending);
    let refused = unpack(&name, folder.packed());
    assert!(refused.inputs.is_empty());
    let [(_, Fault::Packing { command, .. })] = &refused.faults[..] else {
        return Err(format!("{:?}", refused.faults).into());
    };
    fs::rename(folder.0.join("packed"), folder.0.join(&name))?;
    folder.shell(command)?;
    let again = fs::read(folder.0.join("my bundle.tar.gz"))?;
    let opened = unpack("again", again);
    assert_eq!(opened.inputs.len(), 1, "{:?}", opened.faults);
    assert_eq!(opened.inputs[0].bytes, b"nameserver 10.100.0.10\n");
    Ok(())
}

fn gzip() -> Result<(), Failed> {
    let folder = Folder::new("gzip");
    folder.write("a", b"first\n");
    folder.write("b", b"second\n");
    folder.shell("gzip -kN files/a && gzip -kn files/b && cat files/a.gz files/b.gz > packed")?;
    let opened = unpack("both.log.gz", folder.packed());
    assert_eq!(opened.inputs[0].name, "both.log.gz");
    assert_eq!(opened.inputs[0].bytes, b"first\nsecond\n");
    assert_eq!(opened.faults, []);
    Ok(())
}

fn encrypted() -> Result<(), Failed> {
    let folder = Folder::new("encrypted");
    folder.write("a", b"secret\n");
    folder.write("b", b"open\n");
    folder.shell("cd files && zip -qP pass ../packed.zip a && zip -q ../packed.zip b && mv ../packed.zip ../packed")?;
    let opened = unpack("x.zip", folder.packed());
    assert_eq!(opened.inputs.len(), 1);
    assert_eq!(opened.inputs[0].name, "x.zip/b");
    assert_eq!(
        opened.faults,
        [("x.zip".to_owned(), Fault::Encrypted { member: "a".to_owned() })]
    );
    Ok(())
}

fn hard_links() -> Result<(), Failed> {
    let folder = Folder::new("hard links");
    folder.write("a", b"text\n");
    folder.shell("ln files/a files/b && tar cf packed -C files a b")?;
    let opened = unpack("x.tar", folder.packed());
    assert_eq!(opened.inputs.len(), 1);
    let links = Fault::Links {
        count: 1,
        member: "b".to_owned(),
        target: "a".to_owned(),
    };
    assert_eq!(opened.faults, [("x.tar".to_owned(), links)]);
    Ok(())
}

fn sparse() -> Result<(), Failed> {
    for format in ["gnu", "pax"] {
        let folder = Folder::new(&format!("sparse {format}"));
        folder.write("b", b"text\n");
        folder.shell(&format!(
            "truncate -s 1M files/a && echo end >> files/a && tar --format={format} -S -cf packed -C files a b"
        ))?;
        let opened = unpack("x.tar", folder.packed());
        assert_eq!(opened.inputs.len(), 1, "{format}");
        assert_eq!(opened.inputs[0].bytes, b"text\n", "{format}");
        assert_eq!(
            opened.faults,
            [("x.tar".to_owned(), Fault::Sparse { member: "a".to_owned() })],
            "{format}"
        );
    }
    Ok(())
}

fn bomb() -> Result<(), Failed> {
    let folder = Folder::new("bomb");
    folder.shell("head -c 40000000 /dev/zero | gzip -9 > packed")?;
    let packed = folder.packed();
    assert!(packed.len() * RATIO < FREE);
    let opened = unpack("zeros.gz", packed);
    assert!(opened.inputs.is_empty());
    assert_eq!(opened.faults, [("zeros.gz".to_owned(), Fault::Bomb)]);
    Ok(())
}

/// A capture is read wherever it lies, and other files that are no text are not.
fn captures() -> Result<(), Failed> {
    let folder = Folder::new("captures");
    folder.write("node.pcap", &capture_file::file());
    folder.write("core", b"\x7fELF\x02\x01\x01\0\0");
    let alone = read(unpack("node.pcap", capture_file::file()));
    for line in [
        "gzip -c files/node.pcap > packed",
        "tar czf packed -C files .",
        "gzip -k files/node.pcap && rm files/node.pcap && tar cf packed -C files .",
    ] {
        folder.shell(line)?;
        let analysis = read(unpack("x", folder.packed()));
        let formats: Vec<&str> = analysis.segments.iter().map(|segment| segment.format.name()).collect();
        assert_eq!(formats, ["pcap"], "{line}");
        let text = |analysis: &Analysis| analysis.sources.text(analysis.segments[0].body).to_owned();
        assert_eq!(text(&analysis), text(&alone), "{line}");
    }
    Ok(())
}

/// A member of a bundle: its path, what is in it, and the formats that its parts have to be read as.
type Member = (&'static str, Content, &'static [&'static str]);

/// What is in a member.
#[derive(Clone, Copy)]
enum Content {
    /// The output of a sample.
    Sample(&'static str),
    /// Several, each under a title as EKS's collector writes them.
    Titled(&'static [(&'static str, &'static str)]),
    Text(&'static str),
}

use Content::{Sample, Text, Titled};

const POD_LIST: &str = r#"{
    "kind": "PodList",
    "apiVersion": "v1",
    "items": [{"metadata": {"name": "cart-0", "namespace": "shop"}, "spec": {}, "status": {"podIP": "10.0.3.17"}}]
}
"#;
const NODE_LIST: &str = r#"{
    "kind": "NodeList",
    "apiVersion": "v1",
    "items": [{"metadata": {"name": "ip-10-0-1-7.ec2.internal"}, "spec": {}, "status": {}}]
}
"#;
const PODS: &str = r#"[
  {"metadata": {"name": "cart-0", "namespace": "shop"}, "spec": {}, "status": {"podIP": "10.0.3.17"}}
]
"#;
const POD_YAML: &str = "---\napiVersion: v1\nitems:\n- metadata:\n    name: cart-0\n    namespace: shop\n  spec: {}\n  status:\n    podIP: 10.0.3.17\nkind: PodList\n";
const DUMP_LOG: &str = "==== START logs for container app of pod shop/cart-0 ====\n\
    listening on :8080\n# kubectl get pods\n==== END logs for container app of pod shop/cart-0 ====\n";
const APP_LOG: &str = "listening on :8080\n# ready\nGET /healthz 200\n";
const ENIS: &str = r#"{"AvailableIPs": ["10.0.3.17"], "AssignedIPs": 4}"#;

#[allow(clippy::too_many_lines, reason = "a list")]
fn bundles() -> Vec<(&'static str, Vec<Member>)> {
    vec![
        (
            "EKS's log collector",
            vec![
                (
                    "networking/iptables-save.txt",
                    Sample("iptables-save/kube-proxy-vpc-cni.txt"),
                    &["iptables-save"],
                ),
                (
                    "networking/iptables-filter.txt",
                    Sample("iptables-list/filter-nv.txt"),
                    &["iptables-list"],
                ),
                (
                    "networking/iproute.txt",
                    Sample("ip-route/node-all-tables.txt"),
                    &["ip-route"],
                ),
                ("networking/iprule.txt", Sample("ip-rule/node.txt"), &["ip-rule"]),
                (
                    "networking/resolv.conf",
                    Sample("resolv.conf/node.txt"),
                    &["resolv.conf"],
                ),
                (
                    "networking/conntrack.txt",
                    Titled(&[
                        ("conntrack -S", "conntrack-stats/node.txt"),
                        ("conntrack -L", "conntrack/node.txt"),
                    ]),
                    &["conntrack-stats", "conntrack"],
                ),
                ("sysctls/sysctl_all.txt", Sample("sysctl/net.txt"), &["sysctl"]),
                ("kubelet/kubelet.log", Sample("log/kubelet.txt"), &["log"]),
                ("var_log/aws-routed-eni/ipamd.log", Sample("log/ipamd.txt"), &["log"]),
                (
                    "var_log/kube-system_coredns-5d78c9869d-4xk2p_0f5a3c1e-8d2b-4a6f-9c7e-1b2d3f4a5c6d/coredns/0.log",
                    Text(APP_LOG),
                    &["log"],
                ),
                ("ipamd/enis.json", Text(ENIS), &["json"]),
                (
                    "system/last_reboot.txt",
                    Text("wtmp begins Thu Nov 21 09:00:00 2024\n"),
                    &["unknown"],
                ),
            ],
        ),
        (
            "must-gather",
            vec![
                ("namespaces/shop/core/pods.yaml", Text(POD_YAML), &["kubernetes-yaml"]),
                (
                    "namespaces/shop/pods/cart-0/cart-0.yaml",
                    Sample("kubernetes-yaml/pod.txt"),
                    &["kubernetes-yaml"],
                ),
                (
                    "namespaces/shop/pods/cart-0/app/app/logs/current.log",
                    Text(APP_LOG),
                    &["log"],
                ),
                (
                    "cluster-scoped-resources/core/nodes/a.json",
                    Text(NODE_LIST),
                    &["kubernetes-json"],
                ),
                (
                    "host_service_logs/masters/kubelet_service.log",
                    Sample("log/kubelet.txt"),
                    &["log"],
                ),
            ],
        ),
        (
            "kubectl cluster-info dump",
            vec![
                ("nodes.json", Text(NODE_LIST), &["kubernetes-json"]),
                ("shop/pods.json", Text(POD_LIST), &["kubernetes-json"]),
                ("shop/cart-0/logs.txt", Text(DUMP_LOG), &["kubectl-dump-log"]),
            ],
        ),
        (
            "troubleshoot.sh",
            vec![
                ("cluster-resources/nodes.json", Text(NODE_LIST), &["kubernetes-json"]),
                ("cluster-resources/pods/shop.json", Text(PODS), &["kubernetes-json"]),
                (
                    "cluster-resources/pods/logs/shop/cart-0/app.log",
                    Text(APP_LOG),
                    &["log"],
                ),
                ("app-logs/shop/cart-0/app.log", Text(APP_LOG), &["log"]),
                (
                    "host-collectors/run-host/resolv.txt",
                    Sample("resolv.conf/node.txt"),
                    &["resolv.conf"],
                ),
            ],
        ),
        (
            "sosreport",
            vec![
                (
                    "sosreport-node/sos_commands/networking/ip_address",
                    Sample("ip-addr/node.txt"),
                    &["ip-addr"],
                ),
                (
                    "sosreport-node/sos_commands/networking/ip_route_show_table_all",
                    Sample("ip-route/node-all-tables.txt"),
                    &["ip-route"],
                ),
                (
                    "sosreport-node/sos_commands/networking/ethtool_-S_eth0",
                    Sample("ethtool-stats/ena.txt"),
                    &["ethtool-stats"],
                ),
                (
                    "sosreport-node/sos_commands/kernel/sysctl_-a",
                    Sample("sysctl/net.txt"),
                    &["sysctl"],
                ),
                (
                    "sosreport-node/etc/resolv.conf",
                    Sample("resolv.conf/node.txt"),
                    &["resolv.conf"],
                ),
                ("sosreport-node/var/log/messages", Text(APP_LOG), &["log"]),
            ],
        ),
    ]
}

/// A sample without its command.
fn output(sample: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(sample);
    let text = fs::read_to_string(path).unwrap();
    text.split_once('\n').unwrap().1.to_owned()
}

fn read(unpacked: Unpacked) -> Analysis {
    analysis::read_unpacked(unpacked, &Choices::default(), &mut |_| {})
}

fn bundle(members: &[Member]) -> Result<(), Failed> {
    let folder = Folder::new(members[0].0);
    for (name, content, _) in members {
        let text = match content {
            Sample(sample) => output(sample),
            Text(text) => (*text).to_owned(),
            Titled(parts) => parts
                .iter()
                .flat_map(|(command, sample)| {
                    ["*** Output of ", command, " *** \n", &output(sample)].map(str::to_owned)
                })
                .collect(),
        };
        folder.write(name, text.as_bytes());
    }
    folder.shell("tar czf packed -C files .")?;
    let unpacked = unpack("bundle.tar.gz", folder.packed());
    assert_eq!(unpacked.faults, []);
    let analysis = read(unpacked);
    for (name, _, wanted) in members {
        let name = format!("bundle.tar.gz/{name}");
        let found: Vec<&str> = analysis
            .segments
            .iter()
            .filter(|segment| analysis.sources.name(segment.span.source) == name)
            .map(|segment| segment.format.name())
            .collect();
        assert_eq!(found, *wanted, "{name}");
    }
    for (_, artifact) in analysis.artifacts.iter() {
        let kinds: Vec<&str> = artifact.kinds.iter().map(|(kind, _)| kind.as_str()).collect();
        let name = analysis.sources.name(artifact.span.source);
        if name.ends_with("/ipamd/enis.json") {
            assert_eq!(kinds, ["ipamd/v1/enis"]);
        }
        if name.ends_with("/shop/core/pods.yaml")
            || name.ends_with("/pods/shop.json")
            || name.ends_with("/shop/pods.json")
        {
            assert_eq!(kinds, ["v1/Pod"], "{name}");
        }
    }
    Ok(())
}
