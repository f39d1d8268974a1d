//! Gateway API and Istio (their CRDs' `additionalPrinterColumns`).

use super::resources::Resource;
use super::sink::{As, Sink, json_list, object};
use crate::artifact::Value;
use crate::text::Piece;

/// The resources.
pub const RESOURCES: &[Resource] = &[
    Resource {
        names: &["gateways", "gateway", "gtw"],
        version: "gateway.networking.k8s.io/v1",
        kind: "Gateway",
        cluster: false,
        columns: &["CLASS", "ADDRESS", "PROGRAMMED"],
        layouts: &[&["NAME", "CLASS", "ADDRESS", "PROGRAMMED", "AGE"]],
        fields: &[
            ("CLASS", As::Text("/spec/gatewayClassName")),
            ("ADDRESS", As::With(address)),
            ("PROGRAMMED", As::Condition("Programmed")),
        ],
    },
    Resource {
        names: &["gatewayclasses", "gatewayclass", "gc"],
        version: "gateway.networking.k8s.io/v1",
        kind: "GatewayClass",
        cluster: true,
        columns: &["CONTROLLER", "ACCEPTED"],
        layouts: &[&["NAME", "CONTROLLER", "ACCEPTED", "AGE"]],
        fields: &[
            ("CONTROLLER", As::Text("/spec/controllerName")),
            ("ACCEPTED", As::Condition("Accepted")),
        ],
    },
    Resource {
        names: &["httproutes", "httproute"],
        version: "gateway.networking.k8s.io/v1",
        kind: "HTTPRoute",
        cluster: false,
        columns: &[],
        layouts: &[&["NAME", "HOSTNAMES", "AGE"]],
        fields: &[(
            "HOSTNAMES",
            As::With(|sink, cell| json_list(sink, "/spec/hostnames", cell)),
        )],
    },
    Resource {
        names: &["grpcroutes", "grpcroute"],
        version: "gateway.networking.k8s.io/v1",
        kind: "GRPCRoute",
        cluster: false,
        columns: &[],
        layouts: &[&["NAME", "HOSTNAMES", "AGE"]],
        fields: &[(
            "HOSTNAMES",
            As::With(|sink, cell| json_list(sink, "/spec/hostnames", cell)),
        )],
    },
    Resource {
        names: &["gateways", "gateway", "gw"],
        version: "networking.istio.io/v1",
        kind: "Gateway",
        cluster: false,
        columns: &[],
        layouts: &[&["NAME", "AGE"]],
        fields: &[],
    },
    Resource {
        names: &["virtualservices", "virtualservice", "vs"],
        version: "networking.istio.io/v1",
        kind: "VirtualService",
        cluster: false,
        columns: &["GATEWAYS", "HOSTS"],
        layouts: &[&["NAME", "GATEWAYS", "HOSTS", "AGE"]],
        fields: &[
            (
                "GATEWAYS",
                As::With(|sink, cell| json_list(sink, "/spec/gateways", cell)),
            ),
            ("HOSTS", As::With(|sink, cell| json_list(sink, "/spec/hosts", cell))),
        ],
    },
    Resource {
        names: &["destinationrules", "destinationrule", "dr"],
        version: "networking.istio.io/v1",
        kind: "DestinationRule",
        cluster: false,
        columns: &[],
        layouts: &[&["NAME", "HOST", "AGE"]],
        fields: &[("HOST", As::Text("/spec/host"))],
    },
    Resource {
        names: &["serviceentries", "serviceentry", "se"],
        version: "networking.istio.io/v1",
        kind: "ServiceEntry",
        cluster: false,
        columns: &["HOSTS", "LOCATION", "RESOLUTION"],
        layouts: &[&["NAME", "HOSTS", "LOCATION", "RESOLUTION", "AGE"]],
        fields: &[
            ("HOSTS", As::With(|sink, cell| json_list(sink, "/spec/hosts", cell))),
            ("LOCATION", As::Text("/spec/location")),
            ("RESOLUTION", As::Text("/spec/resolution")),
        ],
    },
    Resource {
        names: &["peerauthentications", "peerauthentication", "pa"],
        version: "security.istio.io/v1",
        kind: "PeerAuthentication",
        cluster: false,
        columns: &[],
        layouts: &[&["NAME", "MODE", "AGE"]],
        fields: &[("MODE", As::Text("/spec/mtls/mode"))],
    },
    Resource {
        names: &["authorizationpolicies", "authorizationpolicy", "ap"],
        version: "security.istio.io/v1",
        kind: "AuthorizationPolicy",
        cluster: false,
        columns: &[],
        layouts: &[&["NAME", "ACTION", "AGE"]],
        fields: &[("ACTION", As::Text("/spec/action"))],
    },
];

fn address(sink: &mut Sink<'_>, cell: Piece<'_>) {
    for part in cell.split(|c| c == ',') {
        sink.push("/status/addresses", object([("value", Value::from(part.str()))]), part);
    }
}
