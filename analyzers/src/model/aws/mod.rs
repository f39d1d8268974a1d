//! AWS resources, one file a service. Field names are those of the AWS API references.

pub mod cidr;
pub mod ec2;
pub mod eks;
pub mod elbv2;
pub mod listing;
