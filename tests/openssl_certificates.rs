//! Certificates that the real openssl makes, decoded as `openssl x509` prints them. Where openssl is missing, the test says that it was
//! skipped.

use std::path::Path;
use std::process::Command;

use whypath_analyzers::artifact::Content;
use whypath_tests::analyze_texts;

/// What openssl prints; `None` where it is not installed.
fn openssl(folder: &Path, args: &[&str]) -> Option<String> {
    let output = Command::new("openssl").args(args).current_dir(folder).output().ok()?;
    assert!(
        output.status.success(),
        "openssl {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A name in one notation: `CN = a` of OpenSSL 3.0 and `CN=a` of 3.2.
fn name(text: &str) -> String {
    text.replace(" = ", "=")
}

/// Key options, subject, extensions.
const CASES: &[(&[&str], &str, &[&str])] = &[
    (
        &["rsa:2048"],
        "/C=US/O=Shop/CN=api.example.com",
        &["subjectAltName=DNS:api.example.com,DNS:*.example.com,IP:10.0.0.7,URI:spiffe://cluster.local/ns/shop"],
    ),
    (
        &["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
        "/CN=kubernetes",
        &[
            "basicConstraints=critical,CA:TRUE,pathlen:1",
            "keyUsage=critical,keyCertSign,cRLSign",
        ],
    ),
    (
        &["ec", "-pkeyopt", "ec_paramgen_curve:secp384r1"],
        "/O=system:masters/CN=admin",
        &[
            "extendedKeyUsage=clientAuth,serverAuth",
            "subjectAltName=email:a@example.com",
        ],
    ),
    (&["ed25519"], "/O=Smith, Sons/CN=x", &["subjectAltName=DNS:x"]),
    (&["rsa:1024"], "/DC=example/CN=Zürich", &[]),
];

#[test]
fn certificates_are_decoded_as_openssl_does() {
    let folder = std::env::temp_dir().join(format!("whypath-openssl-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for keys");
    for (key, subject, extensions) in CASES {
        let mut args = vec!["req", "-x509", "-utf8", "-nodes", "-days", "400", "-keyout", "key.pem"];
        args.extend(["-out", "cert.pem", "-subj", subject, "-newkey"]);
        args.extend(*key);
        for extension in *extensions {
            args.extend(["-addext", extension]);
        }
        if Command::new("openssl").arg("version").output().is_err() {
            eprintln!("SKIPPED: there is no openssl here");
            return;
        }
        openssl(&folder, &args);
        compare(&folder);
    }
    std::fs::remove_dir_all(&folder).expect("the folder goes again");
}

fn compare(folder: &Path) {
    let pem = std::fs::read_to_string(folder.join("cert.pem")).expect("openssl wrote it");
    let analysis = analyze_texts(&[("cert", &pem)]);
    let (_, artifact) = analysis.artifacts.iter().next().expect("an artifact");
    let Content::Document(document) = &artifact.content else {
        panic!("a certificate is a document");
    };
    let value = document.value.to_json();
    let certificate = &value["certificates"][0];
    let args = "x509 -in cert.pem -noout -nameopt utf8,sep_comma_plus_space,space_eq,sname,esc_2253 -subject -issuer -dates -serial";
    let args: Vec<&str> = args.split(' ').collect();
    let printed = openssl(folder, &args).expect("openssl is there");
    let mut compared = 0;
    for line in printed.lines() {
        let (field, expected) = line.split_once('=').expect("name=value");
        let decoded = certificate[field].as_str().unwrap_or_default();
        // `esc_2253` writes `\,` where the default writes the value in quotes.
        let plain = |text: &str| name(text).replace(['\\', '"'], "");
        assert_eq!(plain(decoded), plain(expected.trim()), "{field} of {pem}");
        compared += 1;
    }
    assert_eq!(compared, 5, "{printed}");
    let text = openssl(folder, &["x509", "-in", "cert.pem", "-noout", "-text"]).expect("openssl is there");
    below(
        &text,
        "X509v3 Subject Alternative Name:",
        &certificate["subjectAltName"],
    );
    below(&text, "X509v3 Key Usage:", &certificate["keyUsage"]);
    below(&text, "X509v3 Extended Key Usage:", &certificate["extendedKeyUsage"]);
    let algorithm = certificate["signatureAlgorithm"].as_str().unwrap_or_default();
    assert!(text.contains(&format!("Signature Algorithm: {algorithm}\n")), "{text}");
    if let Some(size) = certificate["publicKey"]["size"].as_u64() {
        assert!(text.contains(&format!("Public-Key: ({size} bit)")), "{text}");
    }
    let authority = text.contains("CA:TRUE");
    assert_eq!(
        certificate["basicConstraints"]["ca"].as_bool(),
        Some(authority),
        "{text}"
    );
}

/// The line below an extension's name is the list that was decoded, and where there is none, none was decoded.
fn below(text: &str, title: &str, decoded: &serde_json::Value) {
    let printed = text
        .lines()
        .skip_while(|line| !line.trim_start().starts_with(title))
        .nth(1)
        .map(|line| line.trim().to_owned());
    let decoded = decoded.as_array().map(|list| {
        let names: Vec<&str> = list.iter().filter_map(serde_json::Value::as_str).collect();
        names.join(", ")
    });
    assert_eq!(decoded, printed, "{title}");
}
