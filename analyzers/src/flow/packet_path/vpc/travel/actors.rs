//! Who acts on the way: instances, interfaces, subnets and NAT gateways, each in the zones that it is in.

use super::{Traveller, gateway_actor};
use crate::flow::{Actor, ActorKind};

impl Traveller<'_, '_> {
    pub(super) fn zones(&self, vpc: &str, subnet: &str) -> Vec<String> {
        [Some(vpc), self.network.zone_name(subnet), Some(subnet)]
            .into_iter()
            .flatten()
            .filter(|zone| !zone.is_empty())
            .map(str::to_owned)
            .collect()
    }

    pub fn interface(&self, at: usize) -> Actor {
        let Some(interface) = self.network.interface(at) else {
            return gateway_actor("a network interface");
        };
        let mut details: Vec<String> = interface.primary().map(|ip| ip.to_string()).into_iter().collect();
        let (id, kind, name) = match interface.instance {
            Some(instance) => {
                let named = self
                    .network
                    .instances
                    .get(instance)
                    .into_iter()
                    .flat_map(|node| node.list("Tags"))
                    .find(|tag| tag.str_of("Key") == Some("Name"))
                    .and_then(|tag| tag.str_of("Value"));
                details.extend(named.map(str::to_owned));
                (format!("instance:{instance}"), ActorKind::Instance, instance)
            }
            None => (format!("eni:{}", interface.id), ActorKind::Interface, interface.id),
        };
        details.extend((interface.id != name).then(|| interface.id.to_owned()));
        Actor {
            id,
            kind,
            name: name.to_owned(),
            details,
            zones: self.zones(interface.vpc, interface.subnet),
        }
    }

    pub fn subnet(&self, vpc: &str, subnet: &str) -> Actor {
        let block = self
            .network
            .subnets
            .get(subnet)
            .and_then(|node| node.str_of("CidrBlock"));
        Actor {
            id: format!("subnet:{subnet}"),
            kind: ActorKind::Subnet,
            name: subnet.to_owned(),
            details: block.map(str::to_owned).into_iter().collect(),
            zones: self.zones(vpc, subnet),
        }
    }

    /// A NAT gateway: in its subnet, where it has one.
    pub fn nat_actor(&self, id: &str, vpc: &str, subnet: Option<&str>) -> Actor {
        Actor {
            zones: subnet.map_or_else(|| vec![vpc.to_owned()], |subnet| self.zones(vpc, subnet)),
            ..gateway_actor(id)
        }
    }
}
