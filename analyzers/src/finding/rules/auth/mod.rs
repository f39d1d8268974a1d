//! Who is asking, how is it proved, what may it do.

pub mod irsa_trust;
