//! A certificate's fields (RFC 5280, section 4.1), written as OpenSSL writes them.

use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::{Map, Value, json};

use super::der::{Element, Reader, oid, tag};

/// The names that OpenSSL gives to attributes, algorithms, curves, extensions and purposes (crypto/objects/objects.txt).
fn known(oid: &str) -> Option<&'static str> {
    Some(match oid {
        "2.5.4.3" => "CN",
        "2.5.4.4" => "SN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "street",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.12" => "title",
        "2.5.4.42" => "GN",
        "2.5.4.46" => "dnQualifier",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        "1.2.840.113549.1.9.1" => "emailAddress",
        "1.2.840.113549.1.1.1" => "rsaEncryption",
        "1.2.840.113549.1.1.5" => "sha1WithRSAEncryption",
        "1.2.840.113549.1.1.10" => "rsassaPss",
        "1.2.840.113549.1.1.11" => "sha256WithRSAEncryption",
        "1.2.840.113549.1.1.12" => "sha384WithRSAEncryption",
        "1.2.840.113549.1.1.13" => "sha512WithRSAEncryption",
        "1.2.840.113549.1.1.4" => "md5WithRSAEncryption",
        "1.2.840.10045.2.1" => "id-ecPublicKey",
        "1.2.840.10045.4.1" => "ecdsa-with-SHA1",
        "1.2.840.10045.4.3.2" => "ecdsa-with-SHA256",
        "1.2.840.10045.4.3.3" => "ecdsa-with-SHA384",
        "1.2.840.10045.4.3.4" => "ecdsa-with-SHA512",
        "1.2.840.10045.3.1.7" => "prime256v1",
        "1.3.132.0.34" => "secp384r1",
        "1.3.132.0.35" => "secp521r1",
        "1.3.101.112" => "ED25519",
        "1.3.101.113" => "ED448",
        "1.3.6.1.5.5.7.3.1" => "TLS Web Server Authentication",
        "1.3.6.1.5.5.7.3.2" => "TLS Web Client Authentication",
        "1.3.6.1.5.5.7.3.3" => "Code Signing",
        "1.3.6.1.5.5.7.3.4" => "E-mail Protection",
        "1.3.6.1.5.5.7.3.8" => "Time Stamping",
        "1.3.6.1.5.5.7.3.9" => "OCSP Signing",
        "2.5.29.37.0" => "Any Extended Key Usage",
        _ => return None,
    })
}

fn name_of(body: &[u8]) -> String {
    let dotted = oid(body);
    known(&dotted).map_or(dotted, str::to_owned)
}

/// The bits of KeyUsage (RFC 5280, 4.2.1.3) in OpenSSL's words.
const USAGES: [&str; 9] = [
    "Digital Signature",
    "Non Repudiation",
    "Key Encipherment",
    "Data Encipherment",
    "Key Agreement",
    "Certificate Sign",
    "CRL Sign",
    "Encipher Only",
    "Decipher Only",
];

/// The fields of a certificate; `None` where the bytes are none.
pub fn certificate(der: &[u8]) -> Option<Map<String, Value>> {
    let mut certificate = Reader(Reader(der).expect(tag::SEQUENCE)?);
    let mut tbs = Reader(certificate.expect(tag::SEQUENCE)?);
    tbs.optional(0xa0);
    let serial = tbs.expect(tag::INTEGER)?;
    let algorithm = Reader(tbs.expect(tag::SEQUENCE)?).expect(tag::OID)?;
    let issuer = tbs.expect(tag::SEQUENCE)?;
    let mut validity = Reader(tbs.expect(tag::SEQUENCE)?);
    let (before, after) = (time(validity.next()?)?, time(validity.next()?)?);
    let subject = tbs.expect(tag::SEQUENCE)?;
    let key = tbs.expect(tag::SEQUENCE)?;
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("serial", number(serial).into());
    put("signatureAlgorithm", name_of(algorithm).into());
    put("issuer", distinguished_name(issuer).into());
    put("subject", distinguished_name(subject).into());
    put("notBefore", before.into());
    put("notAfter", after.into());
    put("publicKey", public_key(key)?);
    while let Some(element) = tbs.next() {
        if element.tag == 0xa3 {
            let mut list = Reader(Reader(element.body).expect(tag::SEQUENCE)?);
            while let Some(one) = list.expect(tag::SEQUENCE) {
                extension(one, &mut fields);
            }
        }
    }
    Some(fields)
}

/// A number as `openssl x509 -serial` prints it: in hexadecimal, whole bytes.
fn number(body: &[u8]) -> String {
    let bytes = match body {
        [0, rest @ ..] if !rest.is_empty() => rest,
        all => all,
    };
    hex(bytes, "")
}

fn hex(bytes: &[u8], between: &str) -> String {
    let mut text = String::with_capacity(bytes.len() * (2 + between.len()));
    for (at, byte) in bytes.iter().enumerate() {
        if at > 0 {
            text.push_str(between);
        }
        let _ = write!(text, "{byte:02X}");
    }
    text
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A time (RFC 5280, 4.1.2.5) as OpenSSL prints it: `May  7 09:14:21 2024 GMT`.
fn time(element: Element<'_>) -> Option<String> {
    let text = std::str::from_utf8(element.body).ok()?.strip_suffix('Z')?;
    let (year, rest) = if element.tag == tag::UTC_TIME {
        let year: u32 = text.get(..2)?.parse().ok()?;
        // Two digits are of 1950 to 2049.
        (if year < 50 { 2000 + year } else { 1900 + year }, text.get(2..)?)
    } else {
        (text.get(..4)?.parse().ok()?, text.get(4..)?)
    };
    let part = |at: usize| rest.get(at..at + 2)?.parse::<usize>().ok();
    let month = MONTHS.get(part(0)?.checked_sub(1)?)?;
    let (day, hour, minute, second) = (part(2)?, part(4)?, part(6)?, part(8)?);
    Some(format!("{month} {day:2} {hour:02}:{minute:02}:{second:02} {year} GMT"))
}

fn string(element: Element<'_>) -> String {
    if element.tag == tag::BMP_STRING {
        let units: Vec<u16> = element
            .body
            .chunks_exact(2)
            .map(|pair| pair.iter().fold(0, |unit, byte| (unit << 8) | u16::from(*byte)))
            .collect();
        return String::from_utf16_lossy(&units);
    }
    String::from_utf8_lossy(element.body).into_owned()
}

/// `C = US, O = Amazon, CN = Amazon Root CA 1`
fn distinguished_name(body: &[u8]) -> String {
    let mut parts = Vec::new();
    let mut sets = Reader(body);
    while let Some(set) = sets.next() {
        let mut pairs = Reader(set.body);
        let mut together = Vec::new();
        while let Some(pair) = pairs.expect(tag::SEQUENCE) {
            let mut pair = Reader(pair);
            if let (Some(kind), Some(value)) = (pair.expect(tag::OID), pair.next()) {
                let text = string(value);
                // OpenSSL quotes values with separators in them.
                if text.contains([',', '+', '"', ';', '<', '>']) {
                    together.push(format!("{} = \"{}\"", name_of(kind), text.replace('"', "\\\"")));
                } else {
                    together.push(format!("{} = {text}", name_of(kind)));
                }
            }
        }
        parts.push(together.join(" + "));
    }
    parts.join(", ")
}

/// The algorithm and size of a SubjectPublicKeyInfo's contents.
pub fn public_key(body: &[u8]) -> Option<Value> {
    let mut key = Reader(body);
    let mut algorithm = Reader(key.expect(tag::SEQUENCE)?);
    let name = name_of(algorithm.expect(tag::OID)?);
    let curve = algorithm.optional(tag::OID).map(name_of);
    let bits = key.expect(tag::BIT_STRING)?.get(1..)?;
    Some(match (name.as_str(), curve) {
        ("rsaEncryption" | "rsassaPss", _) => {
            let modulus = Reader(Reader(bits).expect(tag::SEQUENCE)?).expect(tag::INTEGER)?;
            let skipped = modulus.iter().take_while(|byte| **byte == 0).count();
            let used = modulus.get(skipped..)?;
            let size = used.len() * 8 - used.first().map_or(0, |byte| byte.leading_zeros() as usize);
            json!({"algorithm": name, "size": size})
        }
        (_, Some(curve)) => {
            let size = match curve.as_str() {
                "prime256v1" => Some(256),
                "secp384r1" => Some(384),
                "secp521r1" => Some(521),
                _ => None,
            };
            match size {
                Some(size) => json!({"algorithm": name, "curve": curve, "size": size}),
                None => json!({"algorithm": name, "curve": curve}),
            }
        }
        _ => json!({"algorithm": name}),
    })
}

/// One extension (RFC 5280, 4.2.1) into the fields; those that say nothing about a connection are left out.
fn extension(body: &[u8], fields: &mut Map<String, Value>) {
    let mut reader = Reader(body);
    let Some(id) = reader.expect(tag::OID).map(oid) else {
        return;
    };
    reader.optional(tag::BOOLEAN);
    let Some(value) = reader.expect(tag::OCTET_STRING) else {
        return;
    };
    let read = match id.as_str() {
        "2.5.29.14" => Reader(value)
            .expect(tag::OCTET_STRING)
            .map(|id| ("subjectKeyIdentifier", hex(id, ":").into())),
        "2.5.29.35" => Reader(value)
            .expect(tag::SEQUENCE)
            .and_then(|inner| Reader(inner).optional(0x80))
            .map(|id| ("authorityKeyIdentifier", hex(id, ":").into())),
        "2.5.29.15" => key_usage(value).map(|usage| ("keyUsage", usage)),
        "2.5.29.17" => Reader(value)
            .expect(tag::SEQUENCE)
            .map(|names| ("subjectAltName", alternative_names(names))),
        "2.5.29.19" => Reader(value)
            .expect(tag::SEQUENCE)
            .map(|inner| ("basicConstraints", constraints(inner))),
        "2.5.29.37" => Reader(value)
            .expect(tag::SEQUENCE)
            .map(|inner| ("extendedKeyUsage", purposes(inner))),
        _ => None,
    };
    if let Some((name, value)) = read {
        fields.insert(name.to_owned(), value);
    }
}

fn key_usage(value: &[u8]) -> Option<Value> {
    let bits = Reader(value).expect(tag::BIT_STRING)?.get(1..)?;
    let set = |at: usize| bits.get(at / 8).is_some_and(|byte| byte & (0x80 >> (at % 8)) != 0);
    let usages: Vec<&str> = USAGES
        .iter()
        .enumerate()
        .filter(|(at, _)| set(*at))
        .map(|(_, name)| *name)
        .collect();
    Some(json!(usages))
}

fn constraints(inner: &[u8]) -> Value {
    let mut reader = Reader(inner);
    let authority = reader
        .optional(tag::BOOLEAN)
        .is_some_and(|value| value.iter().any(|byte| *byte != 0));
    match reader.optional(tag::INTEGER) {
        Some([length]) => json!({"ca": authority, "pathLen": length}),
        _ => json!({"ca": authority}),
    }
}

fn purposes(inner: &[u8]) -> Value {
    let mut reader = Reader(inner);
    let mut names = Vec::new();
    while let Some(purpose) = reader.expect(tag::OID) {
        names.push(name_of(purpose));
    }
    json!(names)
}

/// GeneralNames (RFC 5280, 4.2.1.6): `DNS:a.example`, `IP Address:10.0.0.1`.
fn alternative_names(inner: &[u8]) -> Value {
    let mut reader = Reader(inner);
    let mut names = Vec::new();
    while let Some(name) = reader.next() {
        let text = || String::from_utf8_lossy(name.body).into_owned();
        names.push(match name.tag {
            0x81 => format!("email:{}", text()),
            0x82 => format!("DNS:{}", text()),
            0x86 => format!("URI:{}", text()),
            0x87 => format!("IP Address:{}", address(name.body)),
            0xa4 => {
                let inner = Reader(name.body).expect(tag::SEQUENCE).unwrap_or_default();
                format!("DirName:{}", distinguished_name(inner))
            }
            0x88 => format!("Registered ID:{}", oid(name.body)),
            _ => "othername:<unsupported>".to_owned(),
        });
    }
    json!(names)
}

fn address(bytes: &[u8]) -> String {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Ipv4Addr::from(four).to_string();
    }
    match <[u8; 16]>::try_from(bytes) {
        Ok(sixteen) => Ipv6Addr::from(sixteen).to_string(),
        Err(_) => "<invalid>".to_owned(),
    }
}
