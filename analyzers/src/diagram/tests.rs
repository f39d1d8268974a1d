//! What holds for every picture.

use super::draw;
use super::testing;
use crate::export::svg;

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
}
