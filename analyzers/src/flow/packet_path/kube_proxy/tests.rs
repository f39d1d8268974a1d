//! Packets to Services.
