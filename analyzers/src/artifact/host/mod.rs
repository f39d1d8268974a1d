//! What tools print of a machine itself: its services, memory, disks, kernel, clock, files, packages and containers. One format a file.

pub mod containers;
pub mod counts;
pub mod docker;
pub mod files;
pub mod grep_lines;
pub mod limits;
pub mod mounts;
pub mod one_line;
pub mod packages;
pub mod resources;
pub mod shell_error;
pub mod systemctl;
pub mod time_sync;
pub mod tool_table;
pub mod top;
pub mod uname;
pub mod value_line;
pub mod version;
pub mod windows_dir;
