//! AWS resources, one file a service. Field names are those of the AWS API references.

pub mod elbv2;
