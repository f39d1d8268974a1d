//! IPv4 and IPv6, private and public: with which of its addresses an end takes part.

use super::lab::{Lab, arrives, stopped};
use crate::flow::{Flow, Reason, Verdict};

fn source(flow: &Flow) -> &str {
    let step = flow.steps().next().unwrap();
    let (_, source) = step.before.iter().find(|(name, _)| *name == "src").unwrap();
    source
}

#[test]
fn the_sender_takes_an_address_of_the_destinations_family() {
    let lab = Lab::new();
    let flow = lab.ask("instance:i-0app", "ip:[2001:4860:4860::8888]:443");
    arrives(&flow, Verdict::Assumed, "[2001:4860:4860::8888]:443");
    assert_eq!(source(&flow), "2600:1f14:abc:de01::20");
    assert_eq!(
        source(&lab.ask("instance:i-0app", "ip:198.51.100.99:443")),
        "10.20.1.20"
    );
    // Who was named by the other one is the same sender.
    let flow = lab.ask("ip:10.20.1.20", "ip:[2001:4860:4860::8888]:443");
    assert_eq!(source(&flow), "2600:1f14:abc:de01::20");
}

#[test]
fn who_has_no_address_of_that_family_sends_nothing() {
    let none = Lab::new().ask("instance:i-0dbs", "ip:[2001:4860:4860::8888]:443");
    stopped(&none, Reason::NoRoute, "i-0dbs", false);
    // Of an interface whose addresses of IPv6 were left out it is not known.
    let mut lab = Lab::new();
    for (command, text) in &mut lab.documents {
        if command == "aws ec2 describe-network-interfaces" {
            command.push_str(" --query 'NetworkInterfaces[].{NetworkInterfaceId:NetworkInterfaceId,VpcId:VpcId,SubnetId:SubnetId,Groups:Groups,Attachment:Attachment,PrivateIpAddress:PrivateIpAddress}'");
            let all: serde_json::Value = serde_json::from_str(text).unwrap();
            let picked = all["NetworkInterfaces"].as_array().unwrap().iter().map(|interface| {
                let mut kept = interface.as_object().unwrap().clone();
                kept.retain(|name, _| {
                    [
                        "NetworkInterfaceId",
                        "VpcId",
                        "SubnetId",
                        "Groups",
                        "Attachment",
                        "PrivateIpAddress",
                    ]
                    .contains(&name.as_str())
                });
                serde_json::Value::Object(kept)
            });
            *text = serde_json::Value::Array(picked.collect()).to_string();
        }
    }
    let open = lab.ask("instance:i-0dbs", "ip:[2001:4860:4860::8888]:443");
    assert_eq!(open.verdict, Verdict::Unknown);
    assert_eq!(
        open.next[0].command,
        "aws ec2 describe-network-interfaces --network-interface-ids eni-0dbs"
    );
    // The same of its public address.
    let open = lab.ask("internet", "instance:i-0web:443");
    assert_eq!(open.verdict, Verdict::Unknown);
    assert_eq!(
        open.next[0].command,
        "aws ec2 describe-network-interfaces --network-interface-ids eni-0web"
    );
}

#[test]
fn from_the_internet_an_instance_is_reached_by_either_family() {
    arrives(
        &Lab::new().ask("internet", "instance:i-0web:443"),
        Verdict::Assumed,
        "10.20.0.10:443",
    );
    let v6 = Lab::new().edit(", 'Association': {'PublicIp': '198.51.100.10'}", "");
    arrives(
        &v6.ask("internet", "instance:i-0web:443"),
        Verdict::Assumed,
        "[2600:1f14:abc:de00::10]:443",
    );
    stopped(
        &v6.ask("internet", "instance:i-0web:80"),
        Reason::SgIngress,
        "i-0web",
        false,
    );
    // Its group lets only IPv4 in.
    let refused = v6.clone().edit(", 'Ipv6Ranges': [{'CidrIpv6': '::/0'}]", "");
    stopped(
        &refused.ask("internet", "instance:i-0web:443"),
        Reason::SgIngress,
        "i-0web",
        false,
    );
    let none = v6.edit("{'Ipv6Address': '2600:1f14:abc:de00::10'}", "");
    stopped(
        &none.ask("internet", "instance:i-0web:443"),
        Reason::NoPublicAddress,
        "i-0web",
        false,
    );
    stopped(
        &Lab::new().ask("internet", "instance:i-0dbs:5432"),
        Reason::NoPublicAddress,
        "i-0dbs",
        false,
    );
}
