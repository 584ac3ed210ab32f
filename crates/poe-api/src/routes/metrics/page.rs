//! How metrics are written.

use std::fmt;

use prometheus_client::encoding::{
    DescriptorEncoder, EncodeCounterValue, EncodeGaugeValue, MetricEncoder, NoLabelSet,
};
use prometheus_client::metrics::MetricType;

use crate::routes::metrics::Form;
use crate::server::Seconds;

/// The few shapes that our metrics have, each under the name of its samples.
pub(super) struct Page<'a> {
    pub(super) encoder: DescriptorEncoder<'a>,
    pub(super) form: Form,
}

impl Page<'_> {
    /// OpenMetrics describes a family, whose samples get their `_total` or `_info` from the encoder. The classic form
    /// describes the samples themselves and has no infos.
    fn metric<'s>(
        &'s mut self,
        name: &'s str,
        help: &str,
        kind: MetricType,
    ) -> Result<MetricEncoder<'s>, fmt::Error> {
        let (name, kind) = match (self.form, kind) {
            (Form::OpenMetrics, MetricType::Counter) => (name.trim_end_matches("_total"), kind),
            (Form::OpenMetrics, MetricType::Info) => (name.trim_end_matches("_info"), kind),
            (Form::Classic, MetricType::Info) => (name, MetricType::Gauge),
            _ => (name, kind),
        };
        self.encoder.encode_descriptor(name, help, None, kind)
    }

    pub(super) fn counter(&mut self, name: &str, help: &str, value: impl CountValue) -> fmt::Result {
        let form = self.form;
        count(&mut self.metric(name, help, MetricType::Counter)?, form, value)
    }

    pub(super) fn counters<const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: [(&str, u64); N],
    ) -> fmt::Result {
        let form = self.form;
        let mut metric = self.metric(name, help, MetricType::Counter)?;
        values.iter().try_for_each(|(which, value)| {
            count(&mut metric.encode_family(&[(label, *which)])?, form, *value)
        })
    }

    pub(super) fn info(&mut self, name: &str, help: &str, label: &str, value: &str) -> fmt::Result {
        let form = self.form;
        let mut metric = self.metric(name, help, MetricType::Info)?;
        match form {
            Form::Classic => metric.encode_family(&[(label, value)])?.encode_gauge(&1_u64),
            Form::OpenMetrics => metric.encode_info(&[(label, value)]),
        }
    }

    pub(super) fn histogram(&mut self, name: &str, help: &str, took: &Seconds) -> fmt::Result {
        let buckets: Vec<_> = took.buckets().collect();
        let mut metric = self.metric(name, help, MetricType::Histogram)?;
        metric.encode_histogram::<NoLabelSet>(took.sum_s(), took.count(), &buckets, None)
    }

    /// Samples with any labels, of which there must be few.
    pub(super) fn gauges_of<'l, const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = ([(&'l str, &'l str); N], u64)>,
    ) -> fmt::Result {
        let mut metric = self.metric(name, help, MetricType::Gauge)?;
        samples
            .into_iter()
            .try_for_each(|(labels, value)| metric.encode_family(&labels)?.encode_gauge(&value))
    }

    /// Counts with any labels, of which there must be few.
    pub(super) fn counters_of<'l, const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = ([(&'l str, &'l str); N], u64)>,
    ) -> fmt::Result {
        let form = self.form;
        let mut metric = self.metric(name, help, MetricType::Counter)?;
        samples
            .into_iter()
            .try_for_each(|(labels, value)| count(&mut metric.encode_family(&labels)?, form, value))
    }

    pub(super) fn gauge(
        &mut self,
        name: &str,
        help: &str,
        value: impl EncodeGaugeValue + Copy,
    ) -> fmt::Result {
        self.metric(name, help, MetricType::Gauge)?.encode_gauge(&value)
    }

    pub(super) fn gauges<const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: [(&str, u64); N],
    ) -> fmt::Result {
        let mut metric = self.metric(name, help, MetricType::Gauge)?;
        values
            .iter()
            .try_for_each(|(which, value)| metric.encode_family(&[(label, *which)])?.encode_gauge(value))
    }
}

/// The sample of a counter. A gauge's is written under the name that was described, which is the classic way.
fn count(metric: &mut MetricEncoder<'_>, form: Form, value: impl CountValue) -> fmt::Result {
    match form {
        Form::Classic => metric.encode_gauge(&value),
        Form::OpenMetrics => metric.encode_counter::<NoLabelSet, _, u64>(&value, None),
    }
}

/// A number that both forms can write as a count.
pub(super) trait CountValue: EncodeCounterValue + EncodeGaugeValue + Copy {}

impl CountValue for u64 {}
impl CountValue for f64 {}
