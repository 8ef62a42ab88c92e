//! The process's metrics: recorded for as long as it runs, written when somebody asks.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use connector_http::observe;
use jackfield_server::Metrics;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};

use crate::config::MetricsFor;

/// Bounds of how long requests take, in seconds: from a hit in a cache nearby to the longest timeout.
const SECONDS: [f64; 12] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];
/// Bounds of how large answers are, in bytes: up to the usual cap.
const BYTES: [f64; 8] = [256.0, 1024.0, 4096.0, 16_384.0, 65_536.0, 262_144.0, 1_048_576.0, 10_485_760.0];
/// How often samples are put into their buckets, so that they do not pile up while nobody asks.
const UPKEEP: Duration = Duration::from_secs(5);

/// Begins to record, unless that is switched off. Once a process, inside of a runtime.
pub(crate) fn start(whom: MetricsFor) -> Result<Option<Metrics>> {
    let open = match whom {
        MetricsFor::Nobody => return Ok(None),
        MetricsFor::Token => false,
        MetricsFor::Anybody => true,
    };
    let buckets = |builder: PrometheusBuilder, name: &str, bounds: &[f64]| {
        builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), bounds)
    };
    let builder = buckets(PrometheusBuilder::new(), observe::SECONDS, &SECONDS)
        .and_then(|b| buckets(b, observe::RESPONSE_BYTES, &BYTES))
        .context("the metrics' buckets")?;
    let handle = builder.install_recorder().context("metrics cannot be recorded")?;
    let upkeep = handle.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP).await;
            upkeep.run_upkeep();
        }
    });
    Ok(Some(Metrics { render: Arc::new(move || handle.render()), open }))
}
