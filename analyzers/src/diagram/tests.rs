//! What holds for every picture.

use super::draw;
use super::testing;
use crate::export::{html, markdown, svg};
use crate::finding::page;
use crate::{Input, analyze};

/// Writes the typical pictures to a folder, to be looked at: `WHYPATH_PICTURES=dir cargo test pictures_to_look_at`.
#[test]
fn pictures_to_look_at() {
    let Some(dir) = std::env::var_os("WHYPATH_PICTURES") else {
        return;
    };
    let dir = std::path::PathBuf::from(dir);
    for (name, flow) in [
        ("hairpin", testing::hairpin()),
        ("martian", testing::martian()),
        ("lookup", testing::lookup()),
        ("refused", testing::refused()),
    ] {
        std::fs::write(dir.join(format!("{name}.svg")), svg::write(&draw(&flow))).expect("the folder is there");
    }
    // And those of every case of every page.
    for (code, page) in page::ALL.iter() {
        for case in &page.cases {
            let input = Input {
                name: "paste 1".into(),
                bytes: case.paste.clone().into_bytes(),
            };
            let analysis = analyze(vec![input], &mut |_| {});
            let name = format!("{code}-{}", case.id);
            for (n, flow) in analysis.flows.all.iter().enumerate() {
                std::fs::write(dir.join(format!("{name}-{n}.svg")), svg::write(&draw(flow)))
                    .expect("the folder is there");
            }
            std::fs::write(dir.join(format!("{name}.md")), markdown::report(&analysis)).expect("the folder is there");
            std::fs::write(dir.join(format!("{name}.html")), html::report(&analysis)).expect("the folder is there");
        }
    }
}
