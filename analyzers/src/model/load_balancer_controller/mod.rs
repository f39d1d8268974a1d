//! What the AWS Load Balancer Controller makes of a Service of type LoadBalancer, or of a group of Ingresses: the load balancer, its
//! listeners with their rules, target groups and security groups, each value with the annotation, the field or the documented default that
//! decided it. A pure function of what was pasted.
//!
//! The facts are those of the controller's documentation ("Ingress annotations", "Service annotations", "IngressClass", "Configuration") and,
//! where that is silent, of `pkg/ingress/model_build_*.go` and `pkg/service/model_build_*.go`.

mod action;
pub mod annotation;
mod attribute;
mod backend;
mod binding;
mod condition;
pub mod group;
mod health_check;
pub mod ingress;
pub mod listen_port;
mod name;
mod optimizer;
mod refusal;
pub mod security_group;
pub mod service;
mod service_port;
mod settings;
pub mod stack;
mod surroundings;
pub mod tag;
#[cfg(test)]
mod tests;

pub use group::{Group, GroupId, Member};
pub use name::Name;
pub use refusal::Refusal;
pub use settings::Settings;
pub use stack::Stack;
pub use surroundings::{Existing, Subnet, Surroundings, Vpc};

/// What an object becomes.
#[derive(Debug, Clone, PartialEq)]
pub enum Made {
    /// A load balancer.
    Stack(Box<Stack>),
    /// Nothing: it is not the controller's, or it goes. Why, in a sentence.
    Nothing(String),
}
