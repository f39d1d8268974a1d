//! The committed table of the shapes of AWS answers, written again from botocore's service models.

use std::fs;
use std::process::{Command, Stdio};

use crate::error::{Error, Result};
use crate::project::Project;

/// Runs `aws_shapes.py` with the `python3` on PATH, which needs botocore (it comes with aws-cli 1).
pub fn write(project: &Project) -> Result<()> {
    let mut command = Command::new("python3");
    command.arg(project.root().join("xtask/src/aws_shapes.py"));
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| Error::Start {
            program: "python3".to_owned(),
            source,
        })?;
    if !output.status.success() {
        return Err(Error::Failed {
            command: "python3 xtask/src/aws_shapes.py".to_owned(),
            status: output.status.to_string(),
        });
    }
    let path = project.root().join("analyzers/src/artifact/aws/shapes.txt");
    fs::write(&path, output.stdout).map_err(|source| Error::File {
        doing: "write",
        path: path.clone(),
        source,
    })
}
