//! The language of nftables: what the rules of `nft list ruleset` make of a packet.

mod evaluate;
mod expression;
pub mod rules;
#[cfg(test)]
mod tests;

use self::evaluate::Evaluation;
use self::rules::Nft;
use super::node::packet::{Base, Evaluated, Host, Packet, Rules};
use crate::evidence::Evidence;

impl Rules for Nft<'_> {
    fn bases(&self) -> &[Base] {
        &self.bases
    }

    fn len(&self, chain: usize) -> usize {
        self.chains.get(chain).map_or(0, |chain| chain.rules.len())
    }

    fn evaluate(&self, chain: usize, rule: usize, packet: &Packet, host: &dyn Host) -> Evaluated {
        let Some(chain) = self.chains.get(chain) else {
            return Evaluated::Passed;
        };
        let Some(rule) = chain.rules.get(rule) else {
            return Evaluated::Passed;
        };
        match Evaluation::new(self, chain, rule, packet, host).run() {
            Ok(found) => found,
            Err(question) => Evaluated::Asks(question),
        }
    }

    fn declared(&self, chain: usize) -> Option<Evidence> {
        let declared = self.chains.get(chain)?.declared.as_ref()?;
        Some(declared.get("policy").as_ref().unwrap_or(declared).evidence())
    }

    fn complete(&self) -> bool {
        self.complete
    }
}
