//! How long questions take whose answers need all of a large cluster, once its outputs are read.

// The macros of criterion write functions without documentation.
#![allow(missing_docs)]

mod inputs;

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use whypath_analyzers::flow::packet_path::{self, Endpoint, Protocol, Query};
use whypath_analyzers::flow::policy::{Matrix, reach};
use whypath_analyzers::{Analysis, Input, analysis};

/// Services, each with about ten rules.
const SERVICES: usize = 10_000;
const PODS: usize = 500;
const POLICIES: usize = 200;

fn read(text: String) -> Analysis {
    let input = Input {
        name: "paste 1".to_owned(),
        bytes: text.into_bytes(),
    };
    analysis::read(vec![input], &mut |_| {})
}

fn packet_paths(criterion: &mut Criterion) {
    let analysis = read(inputs::cluster::iptables_save(SERVICES));
    let last = inputs::cluster::service_address(SERVICES - 1);
    let (Ok(source), Ok(address)) = ("10.64.9.9".parse(), last.parse()) else {
        return;
    };
    let query = Query {
        from: Endpoint::Ip {
            address: source,
            port: None,
        },
        to: Endpoint::Ip {
            address,
            port: Some(80),
        },
        protocol: Protocol::Tcp,
        at: None,
    };
    criterion.bench_function("path through the rules of 10,000 Services", |bencher| {
        bencher.iter(|| {
            let flow = packet_path::compute(&analysis.model(), black_box(&query));
            assert_eq!(flow.outcomes.len(), 3);
            flow
        });
    });
}

fn reachability(criterion: &mut Criterion) {
    let analysis = read(inputs::cluster::policies(PODS, POLICIES));
    criterion.bench_function("reach of 500 pods under 200 policies", |bencher| {
        bencher.iter(|| {
            let model = analysis.model();
            let matrix = Matrix::new(black_box(&model));
            reach::report(&analysis, &reach::compute(&matrix))
        });
    });
}

criterion_group! {
    name = flows;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(1500));
    targets = packet_paths, reachability
}
criterion_main!(flows);
