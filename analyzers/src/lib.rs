//! Pasted bytes in, explained flows out.
