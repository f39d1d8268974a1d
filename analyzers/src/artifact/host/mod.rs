//! What tools print of a machine itself: its services, memory, disks, kernel, clock and containers. One format a file.

pub mod containers;
pub mod resources;
pub mod systemctl;
pub mod time_sync;
pub mod uname;
