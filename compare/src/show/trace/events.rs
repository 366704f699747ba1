//! Trace events, as their readers take them.

use std::collections::BTreeMap;

use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace<'a> {
    pub display_time_unit: &'static str,
    pub trace_events: Vec<Event<'a>>,
}

/// Times are in microseconds.
#[derive(Serialize)]
#[serde(tag = "ph")]
pub enum Event<'a> {
    #[serde(rename = "M")]
    Metadata {
        name: &'static str,
        pid: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        tid: Option<usize>,
        args: About,
    },
    #[serde(rename = "X")]
    Slice {
        name: String,
        cat: &'static str,
        pid: usize,
        tid: usize,
        ts: f64,
        dur: f64,
        args: What<'a>,
    },
    #[serde(rename = "C")]
    Counter {
        name: &'static str,
        pid: usize,
        ts: f64,
        args: BTreeMap<&'static str, i64>,
    },
}

#[derive(Serialize)]
#[serde(untagged)]
pub enum About {
    Name { name: String },
    Place { sort_index: usize },
}

#[derive(Serialize)]
#[serde(untagged)]
pub enum What<'a> {
    Run {
        workers: usize,
        failure: Option<&'a str>,
    },
    Request {
        path: &'a str,
        status: Option<u16>,
        bytes: Option<usize>,
        good: bool,
    },
    Job {
        job: &'a str,
    },
}
