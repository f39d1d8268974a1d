//! Which node, which instance and which pod is meant by a name, an id or an address: looked up once for the whole paste, because a
//! cluster has thousands of each, and every target and every pod asks.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::node::ip_in_name;
use super::{Entity, Model, Pod};
use crate::artifact;

/// The instances. Where several have the same name or address, the first in the paste counts, as for who reads from the top.
#[derive(Default)]
pub(super) struct Instances<'a> {
    /// In the order of the paste.
    pub all: Vec<artifact::Node<'a>>,
    by_id: BTreeMap<&'a str, usize>,
    by_dns: BTreeMap<&'a str, usize>,
    by_ip: BTreeMap<IpAddr, usize>,
}

impl<'a> Instances<'a> {
    /// Indexes the instances.
    pub fn new(instances: Vec<artifact::Node<'a>>) -> Self {
        let mut index = Self::default();
        for (place, instance) in instances.iter().enumerate() {
            if let Some(id) = instance.str_of("InstanceId") {
                index.by_id.entry(id).or_insert(place);
            }
            if let Some(dns) = instance.str_of("PrivateDnsName").filter(|dns| !dns.is_empty()) {
                index.by_dns.entry(dns).or_insert(place);
            }
            if let Some(ip) = instance.str_of("PrivateIpAddress").and_then(|ip| ip.parse().ok()) {
                index.by_ip.entry(ip).or_insert(place);
            }
        }
        index.all = instances;
        index
    }

    /// The first instance with that id, that private DNS name, or one of those addresses.
    pub fn find(&self, id: Option<&str>, dns: &str, addresses: [Option<IpAddr>; 2]) -> Option<&artifact::Node<'a>> {
        let by_id = id.and_then(|id| self.by_id.get(id));
        let by_ip = addresses.into_iter().flatten().filter_map(|ip| self.by_ip.get(&ip));
        let place = by_id.into_iter().chain(self.by_dns.get(dns)).chain(by_ip).min()?;
        self.all.get(*place)
    }

    /// The instance with that id.
    pub fn by_id(&self, id: &str) -> Option<&artifact::Node<'a>> {
        self.all.get(*self.by_id.get(id)?)
    }
}

/// The nodes and pods.
#[derive(Default)]
pub(super) struct Names<'a> {
    /// The name of the Node on an instance.
    named: BTreeMap<String, &'a str>,
    /// The names of nodes that pods tell, in the order of the pods, and where the address in a name leads.
    told: BTreeMap<&'a str, usize>,
    told_ip: BTreeMap<IpAddr, (usize, &'a str)>,
    /// The place among the entities of the living pod with an address; `None` where there are several.
    pods: BTreeMap<IpAddr, Option<usize>>,
}

impl<'a> Names<'a> {
    /// Indexes what the model's objects say; `model` has its instances by now.
    pub fn new(model: &Model<'a>) -> Self {
        let mut index = Self::default();
        for entity in model.all("Node") {
            if let Some(id) = model.host_by_node(entity.name).instance {
                index.named.entry(id.value).or_insert(entity.name);
            }
        }
        let pods = model.kubernetes.iter().enumerate();
        for (place, entity) in pods.filter(|(_, entity)| entity.kind == "Pod") {
            index.learn_pod(model, place, entity);
        }
        index
    }

    /// The name of the Node on that instance.
    pub fn node_on(&self, id: &str) -> Option<&str> {
        self.named.get(id).copied()
    }

    /// The node's name in a pod's row that is that DNS name, or holds that address.
    pub fn told(&self, dns: Option<&str>, ip: Option<IpAddr>) -> Option<&str> {
        let by_dns = dns.and_then(|dns| self.told.get_key_value(dns));
        let by_dns = by_dns.map(|(name, place)| (*place, *name));
        let by_ip = ip.and_then(|ip| self.told_ip.get(&ip));
        let by_ip = by_ip.map(|(place, name)| (*place, *name));
        by_dns.into_iter().chain(by_ip).min().map(|(_, name)| name)
    }

    /// The place among the entities of the only living pod with that address.
    pub fn pod(&self, ip: IpAddr) -> Option<usize> {
        *self.pods.get(&ip)?
    }

    fn learn_pod(&mut self, model: &Model<'a>, place: usize, entity: &Entity<'a>) {
        if let Some(name) = entity.str(&["spec", "nodeName"])
            && !self.told.contains_key(name)
        {
            if let Some(ip) = ip_in_name(name) {
                self.told_ip.entry(ip).or_insert((place, name));
            }
            self.told.insert(name, place);
        }
        let ip = entity.str(&["status", "podIP"]).and_then(|ip| ip.parse().ok());
        if let Some(ip) = ip
            && Pod(entity).is_alive()
            && Pod(entity).host_network(model).is_none_or(|on_host| !on_host.value)
        {
            self.pods.entry(ip).and_modify(|pod| *pod = None).or_insert(Some(place));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::analysis::{Analysis, Input, read};

    fn pasted(text: &str) -> Analysis {
        let input = Input {
            name: "paste 1".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        read(vec![input], &mut |_| {})
    }

    const INSTANCES: &str = r#"$ aws ec2 describe-instances
{"Reservations": [{"Instances": [
 {"InstanceId": "i-0aaaaaaaaaaaaaaa1", "PrivateIpAddress": "10.0.0.1", "PrivateDnsName": "ip-10-0-0-1.ec2.internal"},
 {"InstanceId": "i-0aaaaaaaaaaaaaaa2", "PrivateIpAddress": "10.0.0.2", "PrivateDnsName": ""},
 {"InstanceId": "i-0aaaaaaaaaaaaaaa3", "PrivateIpAddress": "10.0.0.2", "PrivateDnsName": ""}]}]}
"#;

    #[test]
    fn an_instance_is_found_by_its_id_its_name_and_its_address() {
        let analysis = pasted(INSTANCES);
        let model = analysis.model();
        let id = |node: &str| model.host_by_node(node).instance.map(|fact| fact.value);
        assert_eq!(id("ip-10-0-0-1.ec2.internal").as_deref(), Some("i-0aaaaaaaaaaaaaaa1"));
        assert_eq!(id("ip-10-0-0-2.ec2.internal").as_deref(), Some("i-0aaaaaaaaaaaaaaa2"));
        assert_eq!(id("ip-10-0-0-9.ec2.internal"), None);
        assert_eq!(model.host_by_instance("i-0aaaaaaaaaaaaaaa3").name, None);
    }

    #[test]
    fn a_pod_names_the_node_of_an_instance_where_no_node_was_pasted() {
        let text = format!(
            "{INSTANCES}$ kubectl get pods -A -o wide\n\
             NAMESPACE   NAME   READY   STATUS    RESTARTS   AGE   IP         NODE                       NOMINATED NODE\n\
             a           p-1    1/1     Running   0          1d    10.1.0.1   ip-10-0-0-2.ec2.internal   <none>\n"
        );
        let analysis = pasted(&text);
        let name = |id: &str| analysis.model().host_by_instance(id).name;
        assert_eq!(name("i-0aaaaaaaaaaaaaaa2").as_deref(), Some("ip-10-0-0-2.ec2.internal"));
        assert_eq!(name("i-0aaaaaaaaaaaaaaa1"), None);
    }

    /// What has its node's address is reached by any of that node's ports: the address is the node's.
    #[test]
    fn a_pod_on_its_nodes_network_does_not_take_its_address() {
        let analysis = pasted(
            "$ kubectl get pods -A -o wide\n\
             NAMESPACE   NAME    READY   STATUS    RESTARTS   AGE   IP         NODE                       NOMINATED NODE\n\
             a           proxy   1/1     Running   0          1d    10.1.0.7   ip-10-1-0-7.ec2.internal   <none>\n\
             a           web     1/1     Running   0          1d    10.1.0.8   ip-10-1-0-7.ec2.internal   <none>\n",
        );
        let model = analysis.model();
        let pod = |ip: &str| model.pod_by_ip(ip.parse().unwrap()).map(|pod| pod.name);
        assert_eq!((pod("10.1.0.7"), pod("10.1.0.8")), (None, Some("web")));
    }

    #[test]
    fn an_address_that_two_living_pods_have_names_none() {
        let analysis = pasted(
            "$ kubectl get pods -A -o wide\n\
             NAMESPACE   NAME   READY   STATUS      RESTARTS   AGE   IP         NODE   NOMINATED NODE\n\
             a           p-1    1/1     Running     0          1d    10.1.0.1   n-1    <none>\n\
             a           p-2    1/1     Running     0          1d    10.1.0.2   n-1    <none>\n\
             a           p-3    1/1     Running     0          1d    10.1.0.2   n-1    <none>\n\
             a           p-4    0/1     Succeeded   0          1d    10.1.0.1   n-1    <none>\n",
        );
        let model = analysis.model();
        let pod = |ip: &str| model.pod_by_ip(ip.parse().unwrap()).map(|pod| pod.name);
        assert_eq!(pod("10.1.0.1"), Some("p-1"));
        assert_eq!(pod("10.1.0.2"), None);
        assert_eq!(pod("10.1.0.3"), None);
    }
}
