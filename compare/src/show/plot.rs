//! The plot of the sweep: time against workers, beside the ideal.

use maud::{Markup, html};

use super::seconds;
use crate::measure::{Comparison, Step};

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 430.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = WIDTH - 190.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = HEIGHT - 56.0;

/// The plot, if there was a sweep. Both axes are logarithmic: the ideal is a straight line.
pub fn of(comparison: &Comparison) -> Option<Markup> {
    let sweep = &comparison.sweep;
    let curves = curves(comparison);
    // The ideal alone is no comparison.
    if curves.iter().all(|curve| curve.index == 0) {
        return None;
    }
    let points = curves.iter().flat_map(|curve| &curve.points);
    let (mut fastest, mut slowest) = (f64::MAX, f64::MIN);
    for (_, time) in points {
        (fastest, slowest) = (fastest.min(*time), slowest.max(*time));
    }
    let (least, most) = (sweep.first()?.workers as f64, sweep.last()?.workers as f64);
    let across = Scale::new(least, most, LEFT, RIGHT);
    let up = Scale::new(fastest / 1.2, slowest * 1.2, BOTTOM, TOP);
    let times = (-6..6).flat_map(|power| [1.0, 2.0, 5.0].map(|factor| factor * 10_f64.powi(power)));
    let times = times.filter(|time| (fastest / 1.2..slowest * 1.2).contains(time));
    let names = spread(curves.iter().map(|curve| up.at(curve.last())).collect());
    Some(html! {
        svg.plot.timeline xmlns="http://www.w3.org/2000/svg" role="img"
            viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) width=(WIDTH) height=(HEIGHT)
            aria-label="Time against workers" {
            rect.card x="0.5" y="0.5" width=(WIDTH - 1.0) height=(HEIGHT - 1.0) rx="10" {}
            text x="24" y="36" {
                tspan.title { "Where do more workers stop helping?" }
                tspan.quiet dx="10" { "time against workers, both axes logarithmic" }
            }
            g.axis {
                @for time in times {
                    @let y = up.at(time);
                    line x1=(LEFT) y1=(format!("{y:.1}")) x2=(RIGHT) y2=(format!("{y:.1}")) {}
                    text.side x=(LEFT - 8.0) y=(format!("{:.1}", y + 4.0)) { (time) " s" }
                }
                @for step in sweep {
                    @let x = across.at(step.workers as f64);
                    line x1=(format!("{x:.1}")) y1=(TOP) x2=(format!("{x:.1}")) y2=(BOTTOM) {}
                    text x=(format!("{x:.1}")) y=(BOTTOM + 18.0) { (step.workers) }
                }
                text x=(format!("{:.1}", (LEFT + RIGHT) / 2.0)) y=(BOTTOM + 38.0) { "workers" }
            }
            @for (curve, name_y) in curves.iter().zip(names) {
                g.curve data-model=(curve.short) {
                    polyline points=(curve.line(&across, &up)) {}
                    @for (workers, time) in &curve.points {
                        path d=(curve.mark(across.at(*workers), up.at(*time))) {
                            title { (curve.name) ", " (workers) " workers: " (seconds(*time)) " s" }
                        }
                    }
                    text.name x=(RIGHT + 16.0) y=(format!("{:.1}", name_y + 4.0)) { (curve.name) }
                }
            }
        }
    })
}

pub const STYLE: &str = include_str!("plot.css");

struct Curve {
    name: String,
    short: String,
    /// Workers and seconds.
    points: Vec<(f64, f64)>,
    /// Which of the marks it has: the curves differ without colour, too.
    index: usize,
}

/// The ideal, then a curve for every program.
fn curves(comparison: &Comparison) -> Vec<Curve> {
    let sweep = &comparison.sweep;
    let names = sweep
        .first()
        .map(|step| &step.programs[..])
        .unwrap_or_default();
    let ideal = sweep.iter().map(|step| (step.workers as f64, step.ideal_s));
    let mut curves = vec![Curve {
        name: "ideal".into(),
        short: "ideal".into(),
        points: ideal.collect(),
        index: 0,
    }];
    for (place, program) in names.iter().enumerate() {
        let time = |step: &Step| Some((step.workers as f64, step.programs[place].time_s?));
        curves.push(Curve {
            name: program.name.into(),
            short: program.name.replace("-downloader", ""),
            points: sweep.iter().filter_map(time).collect(),
            index: place + 1,
        });
    }
    for curve in &mut curves {
        // A logarithmic axis has no place for zero.
        curve.points.retain(|(_, time)| *time > 0.0);
    }
    curves.retain(|curve| !curve.points.is_empty());
    curves
}

impl Curve {
    fn last(&self) -> f64 {
        self.points.last().map_or(1.0, |(_, time)| *time)
    }

    fn line(&self, across: &Scale, up: &Scale) -> String {
        let points = self.points.iter();
        let points =
            points.map(|(workers, time)| format!("{:.1},{:.1}", across.at(*workers), up.at(*time)));
        points.collect::<Vec<_>>().join(" ")
    }

    fn mark(&self, x: f64, y: f64) -> String {
        match self.index {
            0 => String::new(),
            1 => format!("M{:.1} {:.1}h8v8h-8z", x - 4.0, y - 4.0),
            2 => format!(
                "M{:.1} {y:.1}a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z",
                x - 4.5
            ),
            _ => format!("M{x:.1} {:.1}l5 9h-10z", y - 5.5),
        }
    }
}

/// A logarithmic scale.
struct Scale {
    least: f64,
    most: f64,
    from: f64,
    to: f64,
}

impl Scale {
    fn new(least: f64, most: f64, from: f64, to: f64) -> Self {
        // One single value still needs a place.
        let most = most.max(least * 1.001);
        Self {
            least,
            most,
            from,
            to,
        }
    }

    fn at(&self, value: f64) -> f64 {
        let share = (value / self.least).ln() / (self.most / self.least).ln();
        self.from + (self.to - self.from) * share
    }
}

/// Moves names apart that would cover each other.
fn spread(heights: Vec<f64>) -> Vec<f64> {
    let mut order: Vec<usize> = (0..heights.len()).collect();
    order.sort_by(|a, b| heights[*a].total_cmp(&heights[*b]));
    let mut spread = heights.clone();
    // From the lowest up: there is room above, and figures of the axis below.
    let mut floor = BOTTOM + 16.0;
    for index in order.into_iter().rev() {
        spread[index] = heights[index].min(floor - 16.0);
        floor = spread[index];
    }
    spread
}
