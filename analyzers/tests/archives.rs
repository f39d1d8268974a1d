//! What holds for every archive: nothing panics, everything that is wrong is said, and what comes out is bounded by what went in.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use std::io::Write as _;

use peak_alloc::PeakAlloc;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use whypath_analyzers::Input;
use whypath_analyzers::analysis::{self, Choices};
use whypath_analyzers::archive::{self, FREE, Fault, RATIO};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The checksum of gzip and zip, by its polynomial and bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ if sum & 1 == 0 { 0 } else { 0xEDB8_8320 }
        })
    })
}

fn numbers(out: &mut Vec<u8>, all: &[u32]) {
    for number in all {
        out.extend_from_slice(&number.to_le_bytes());
    }
}

fn len(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = b"\x1f\x8b\x08\x08\0\0\0\0\0\x03name\0".to_vec();
    out.extend_from_slice(&miniz_oxide::deflate::compress_to_vec(bytes, 6));
    numbers(&mut out, &[crc(bytes), len(bytes)]);
    out
}

fn tar(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, body) in members {
        let mut block = [0_u8; 512];
        let _ = (&mut block[..100]).write(name.as_bytes());
        let _ = (&mut block[124..136]).write(format!("{:011o}", body.len()).as_bytes());
        block[156] = if name.ends_with('/') { b'5' } else { b'0' };
        block[257..265].copy_from_slice(b"ustar\x0000");
        block[148..156].copy_from_slice(b"        ");
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend_from_slice(&block);
        out.extend_from_slice(body);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.extend_from_slice(&[0; 1024]);
    out
}

fn zip(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, body) in members {
        let packed = miniz_oxide::deflate::compress_to_vec(body, 6);
        let at = len(&out);
        let mut shared = b"\x14\0\0\0\x08\0\0\0\0\0".to_vec();
        numbers(&mut shared, &[crc(body), len(&packed), len(body)]);
        shared.extend_from_slice(&u16::try_from(name.len()).unwrap().to_le_bytes());
        shared.extend_from_slice(&[0, 0]);
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&shared);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(&packed);
        directory.extend_from_slice(b"PK\x01\x02\x14\x03");
        directory.extend_from_slice(&shared);
        directory.extend_from_slice(&[0; 10]);
        numbers(&mut directory, &[at]);
        directory.extend_from_slice(name.as_bytes());
    }
    let count = u16::try_from(members.len()).unwrap().to_le_bytes();
    let (at, size) = (len(&out), len(&directory));
    out.extend_from_slice(&directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    out.extend_from_slice(&count);
    out.extend_from_slice(&count);
    numbers(&mut out, &[size, at]);
    out.extend_from_slice(&[0, 0]);
    out
}

fn members() -> Vec<(&'static str, Vec<u8>)> {
    let log = "E1121 10:15:30.123456    2841 kubelet.go:2430] no route to host 10.0.3.17\n".repeat(300);
    vec![
        ("networking/", Vec::new()),
        (
            "networking/resolv.conf",
            b"nameserver 10.100.0.10\noptions ndots:5\n".to_vec(),
        ),
        ("var_log/kubelet.log", log.into_bytes()),
        ("system/core", b"\x7fELF\x02\x01\x01\0\0\0\0\0".to_vec()),
        (
            "networking/iprule.txt",
            b"0:\tfrom all lookup local\n32766:\tfrom all lookup main\n".to_vec(),
        ),
    ]
}

/// Archives of all kinds, one in another too.
fn archives() -> Vec<(&'static str, Vec<u8>)> {
    let all = members();
    let inner = vec![
        ("inner.zip", zip(&all)),
        ("text.gz", gzip(b"text\n")),
        ("c.log", all[2].1.clone()),
    ];
    vec![
        ("tar", tar(&all)),
        ("tar.gz", gzip(&tar(&all))),
        ("zip", zip(&all)),
        ("gz", gzip(&all[2].1)),
        ("tar.gz of zip and gz", gzip(&tar(&inner))),
        ("zip of tar.gz", zip(&[("in.tar.gz", gzip(&tar(&all)))])),
    ]
}

fn input(bytes: Vec<u8>) -> Input {
    Input {
        name: "bundle".to_owned(),
        bytes,
    }
}

/// Opens an archive within the memory that its size allows, and reads what came out.
fn check(bytes: Vec<u8>) -> Result<(), TestCaseError> {
    let size = bytes.len();
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let opened = archive::open(input(bytes.clone()));
    let peak = MEMORY.peak_usage().saturating_sub(before);
    let most = FREE.max(size * RATIO);
    // What is taken apart and what came out of it are in memory together, and a vector that grows has both of its sizes.
    prop_assert!(peak <= 4 * most, "{} bytes in memory for {}", peak, size);
    prop_assert!(opened.inputs.iter().map(|input| input.bytes.len()).sum::<usize>() <= most);
    for (name, fault) in &opened.faults {
        prop_assert!(name.starts_with("bundle"));
        let said = fault.to_string();
        prop_assert!(said.len() > 20 && said.ends_with(['.', '”']), "{}", said);
    }
    let mut names: Vec<&str> = opened.inputs.iter().map(|input| input.name.as_str()).collect();
    names.sort_unstable();
    prop_assert!(names.iter().all(|name| name.starts_with("bundle")));
    drop(opened);
    let analysis = analysis::read_unpacked(analysis::unpack(vec![input(bytes)]), &Choices::default(), &mut |_| {});
    for problem in &analysis.problems {
        prop_assert!(analysis.sources.get(problem.span.source).is_some());
    }
    Ok(())
}

/// One test, so that nothing else allocates meanwhile.
#[test]
fn any_damage_is_survived_and_said() {
    let wholes = archives();
    for (name, bytes) in &wholes {
        let opened = archive::open(input(bytes.clone()));
        let wrong = opened
            .faults
            .iter()
            .find(|(_, fault)| !matches!(fault, Fault::Repeated { .. }));
        assert!(wrong.is_none(), "{name}: {wrong:?}");
        let texts = opened.inputs.iter().map(|input| input.bytes.len()).sum::<usize>();
        assert!(texts >= members()[2].1.len(), "{name}");
    }
    let mut runner = TestRunner::new(Config {
        cases: 800,
        failure_persistence: None,
        ..Config::default()
    });
    let damage = (
        0..wholes.len(),
        prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        prop::option::of(any::<prop::sample::Index>()),
        prop::option::of((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..600_usize)),
    );
    runner
        .run(&damage, |(which, flips, cut, moved)| {
            let mut bytes = wholes[which].1.clone();
            if let Some((from, to, length)) = moved {
                // A piece of it once more, somewhere.
                let from = from.index(bytes.len());
                let piece = bytes[from..bytes.len().min(from + length)].to_vec();
                let to = to.index(bytes.len());
                bytes.splice(to..to, piece);
            }
            for (at, bits) in flips {
                let at = at.index(bytes.len());
                bytes[at] ^= bits;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            check(bytes)
        })
        .unwrap();
    // Cut anywhere, every archive says so.
    for (name, bytes) in &wholes {
        // Of a tar archive's end mark the first half is enough.
        for end in (20..bytes.len() - if *name == "tar" { 1024 } else { 0 }).step_by(97) {
            let opened = archive::open(input(bytes[..end].to_vec()));
            let said = !opened.faults.is_empty() || !archive::is_archive(&bytes[..end]);
            assert!(said, "{name} cut at {end} of {}", bytes.len());
        }
    }
}
