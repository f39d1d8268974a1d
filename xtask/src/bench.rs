//! How long the analyzers' stages take.

use crate::error::Result;
use crate::process;
use crate::project::Project;

/// Runs the benchmarks; no browser and no wasm is needed for them. The last is the table beside other tools.
pub fn bench(project: &Project) -> Result<()> {
    for name in ["stages", "capture", "flows", "compare"] {
        let mut cargo = process::cargo();
        process::run(
            project
                .prepare(&mut cargo)
                .args(["bench", "--package", "whypath-analyzers", "--bench", name]),
        )?;
    }
    Ok(())
}
