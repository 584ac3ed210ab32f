//! How fast signals go their way.

use serde::Serialize;
use utoipa::ToSchema;

use crate::server::{Latency, SignalLatency, Spread};

/// Percentiles and worst, beside the limits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Latency)]
pub(crate) struct LatencyView {
    alarm: Signal,
    trouble: Signal,
}

/// How long signals of one class took from what caused them, beside what they may take.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignalLatency)]
struct Signal {
    received_to_decided: SpreadView,
    received_to_committed: SpreadView,
    received_to_notified: SpreadView,
    limit_of_trade_ms: u64,
    limit_of_ours_ms: u64,
}

/// Nothing that was never measured is shown as 0 ms.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Spread)]
struct SpreadView {
    count: u64,
    p50_ms: Option<f64>,
    p90_ms: Option<f64>,
    p99_ms: Option<f64>,
    worst_ms: Option<f64>,
}

impl From<Latency> for LatencyView {
    fn from(latency: Latency) -> Self {
        LatencyView { alarm: latency.alarms.into(), trouble: latency.troubles.into() }
    }
}

impl From<SignalLatency> for Signal {
    fn from(signal: SignalLatency) -> Self {
        Signal {
            received_to_decided: signal.received_to_decided.into(),
            received_to_committed: signal.received_to_committed.into(),
            received_to_notified: signal.received_to_notified.into(),
            limit_of_trade_ms: signal.limit_of_trade.as_millis() as u64,
            limit_of_ours_ms: signal.limit_of_ours.as_millis() as u64,
        }
    }
}

impl From<Spread> for SpreadView {
    fn from(spread: Spread) -> Self {
        let measured = |ms: f64| (spread.count > 0).then_some(ms);
        SpreadView {
            count: spread.count,
            p50_ms: measured(spread.p50_ms),
            p90_ms: measured(spread.p90_ms),
            p99_ms: measured(spread.p99_ms),
            worst_ms: measured(spread.worst_ms),
        }
    }
}
