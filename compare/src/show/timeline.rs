//! The picture of what happened: a lane per connection, thread or worker, a bar per request or job.
//!
//! All downloaders share an axis, and so do all that compute. Their beginning is shown once more,
//! enlarged, where a program would be a speck: on an axis of 14 s one of 0.2 s is.

mod lanes;

use maud::{Markup, PreEscaped, html};

use super::{circumstances, seconds, times};
use crate::measure::{Comparison, Figures, Measured};
use crate::programs::{Model, Work};
use lanes::{Axis, Lanes, Tracks, cross};

/// All lengths are in pixels of a picture that is so wide.
const WIDTH: f64 = 960.0;
const LEFT: f64 = 178.0;
const RIGHT: f64 = WIDTH - 24.0;
const GAP: f64 = 14.0;

/// What the picture looks like. Rules without variables: not only browsers understand them.
pub const STYLE: &str = include_str!("timeline.css");

/// The picture as a file of its own.
pub fn alone(comparison: &Comparison) -> String {
    svg(comparison, false).into_string()
}

/// The picture as a part of a page, where the reader can point at a bar.
pub fn in_page(comparison: &Comparison) -> Markup {
    svg(comparison, true)
}

fn svg(comparison: &Comparison, hover: bool) -> Markup {
    let mut picture = Picture {
        y: 24.0,
        parts: Vec::new(),
        hover,
        thinned: false,
    };
    let anything_failed = comparison
        .programs
        .iter()
        .filter_map(|program| program.measured.as_ref())
        .any(|measured| measured.bars.iter().any(|bar| !bar.good && !bar.abandoned));
    let anything_abandoned = measured(comparison, Work::Downloads)
        .iter()
        .any(|(_, measured)| measured.bars.iter().any(|bar| bar.abandoned));
    let downloads = measured(comparison, Work::Downloads);
    if !downloads.is_empty() {
        picture.title(
            "What the practice site saw",
            "a lane per connection, a bar per page",
        );
        if anything_abandoned {
            picture.legend_of_abandoned();
        }
        picture.downloads(&downloads, anything_failed);
    }
    let computations = measured(comparison, Work::Computations);
    if !computations.is_empty() {
        let queue = |(program, _): &(&Figures, _)| program.kind == Model::Queue;
        let explanation = if computations.iter().any(queue) {
            "a lane per thread or worker of a queue, a bar per job"
        } else {
            "a lane per thread, a bar per job"
        };
        picture.title("What the cores did", explanation);
        picture.computations(&computations);
    }
    picture.caption(comparison);
    let height = picture.y.ceil();
    html! {
        svg.timeline xmlns="http://www.w3.org/2000/svg" viewBox=(format!("0 0 {WIDTH} {height}"))
            width=(WIDTH) height=(height) role="img" aria-label="Timelines of all programs" {
            @if !hover { style { (PreEscaped(STYLE)) } }
            defs {
                pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse"
                    patternTransform="rotate(45)" {
                    rect.hatch width="2" height="5" {}
                }
            }
            rect.card x="0.5" y="0.5" width=(WIDTH - 1.0) height=(height - 1.0) rx="10" {}
            @for part in &picture.parts { (part) }
        }
    }
}

/// The programs that there is something to draw of.
fn measured(comparison: &Comparison, work: Work) -> Vec<(&Figures, &Measured)> {
    let programs = comparison.of(work).into_iter();
    programs
        .filter_map(|program| Some((program, program.measured.as_ref()?)))
        .filter(|(_, measured)| !measured.bars.is_empty())
        .collect()
}

/// The picture as far as it is drawn, from the top down to `y`.
struct Picture {
    y: f64,
    parts: Vec<Markup>,
    hover: bool,
    /// Whether anything was too small to be drawn by itself.
    thinned: bool,
}

impl Picture {
    fn title(&mut self, title: &str, explanation: &str) {
        let y = self.y + 12.0;
        self.parts.push(html! {
            text x="24" y=(y) {
                tspan.title { (title) }
                tspan.quiet dx="10" { (explanation) }
            }
        });
        self.y += 34.0;
    }

    fn downloads(&mut self, programs: &[(&Figures, &Measured)], anything_failed: bool) {
        if anything_failed {
            self.legend();
        }
        self.whole_and_beginning(programs, 8.0, 60.0);
    }

    fn computations(&mut self, programs: &[(&Figures, &Measured)]) {
        self.whole_and_beginning(programs, 13.0, 160.0);
    }

    /// The lanes of all programs, and once more their beginning, if there is one that would
    /// be a speck otherwise. A variation may be one.
    fn whole_and_beginning(
        &mut self,
        programs: &[(&Figures, &Measured)],
        lane: f64,
        lanes_together: f64,
    ) {
        let lengths = programs.iter().map(|(_, measured)| measured.length());
        let longest = lengths.fold(1e-6, f64::max);
        let shortest = programs
            .iter()
            .filter(|(program, _)| program.varies.is_none())
            .map(|(_, measured)| measured.length())
            .fold(longest, f64::min);
        let whole = Axis {
            whole: true,
            end: longest,
            lane,
            lanes_together,
        };
        self.programs(programs, &whole);
        let zoom = Axis {
            whole: false,
            end: 1.6 * shortest.max(1e-6),
            lane: 13.0,
            lanes_together: 200.0,
        };
        if longest > 2.0 * zoom.end {
            self.enlarge(&whole, &zoom);
            self.programs(programs, &zoom);
        }
        self.y += 20.0;
    }

    /// The lanes of all programs, one program below the other, over one axis.
    fn programs(&mut self, programs: &[(&Figures, &Measured)], axis: &Axis) {
        let top = self.y;
        let mut bands = Vec::new();
        for &(program, measured) in programs {
            let height = axis.lane_height(measured) * axis.rows(measured) as f64;
            // A name takes two lines of text, however few the lanes are.
            let band = height.max(30.0);
            let lanes = Lanes::of(measured, axis);
            self.thinned |= lanes.thinned;
            let top = self.y + (band - height) / 2.0;
            bands.push(html! {
                g.program.whole[axis.whole].python[program.twin.is_some()].thin[axis.lane_height(measured) < 3.0]
                    data-program=(program.name) data-model=(program.short_name()) {
                    (lanes.drawn(axis, axis.lane_height(measured), top, self.hover))
                }
            });
            bands.push(label(program, measured, self.y + band / 2.0));
            if axis.whole {
                bands.push(verdict(program, measured, axis, self.y + band / 2.0));
            }
            self.y += band;
            if let Some(tracks) = Tracks::beside(measured) {
                bands.push(self.beside(tracks, axis));
            }
            self.y += GAP;
        }
        self.grid(axis, top);
        self.parts.extend(bands);
    }

    /// What a downloader computed meanwhile, over the same axis.
    fn beside(&mut self, tracks: Tracks, axis: &Axis) -> Markup {
        let (rows, lanes) = (axis.rows(tracks) as f64, Lanes::of(tracks, axis));
        let top = self.y + 4.0;
        self.thinned |= lanes.thinned;
        self.y = top + (13.0 * rows).max(13.0);
        html! {
            g data-model="parallel" { (lanes.drawn(axis, 13.0, top, self.hover)) }
            text.quiet x="24" y=(px((top + self.y) / 2.0 + 4.0)) { "computing, by thread" }
        }
    }

    /// The lines of an axis from `top` down to here, and its figures.
    fn grid(&mut self, axis: &Axis, top: f64) {
        let step = step(axis.end);
        let ticks = (0..)
            .map(|tick| f64::from(tick) * step)
            .take_while(|time| *time <= axis.end * 1.0001);
        let decimals = (-step.log10().floor()).max(0.0) as usize;
        self.parts.push(html! {
            g.axis {
                @for time in ticks {
                    @let x = axis.x(time);
                    line x1=(px(x)) y1=(px(top - 6.0)) x2=(px(x)) y2=(px(self.y)) {}
                    text x=(px(x)) y=(px(self.y + 14.0)) { (format!("{time:.decimals$} s")) }
                }
            }
        });
        self.y += 22.0;
    }

    /// Says that what follows is the beginning of what is above.
    fn enlarge(&mut self, whole: &Axis, zoom: &Axis) {
        let (top, bottom) = (self.y - 18.0, self.y + 34.0);
        let points = [
            (LEFT, top),
            (whole.x(zoom.end), top),
            (RIGHT, bottom),
            (LEFT, bottom),
        ];
        let points: Vec<String> = points
            .iter()
            .map(|(x, y)| format!("{},{}", px(*x), px(*y)))
            .collect();
        let factor = whole.end / zoom.end;
        self.parts.insert(
            0,
            html! {
                polygon.beam points=(points.join(" ")) {}
            },
        );
        self.parts.push(html! {
            text.title x="24" y=(px(bottom - 18.0)) { "The first " (seconds(zoom.end)) " s" }
            text.quiet x="24" y=(px(bottom - 2.0)) { "enlarged " (format!("{factor:.0}")) " times" }
        });
        self.y = bottom + 12.0;
    }

    fn legend(&mut self) {
        let y = self.y;
        self.parts.push(html! {
            g data-model="legend" {
                rect.bar.failed x="24" y=(px(y - 6.0)) width="22" height="10" {}
                (cross(35.0, y - 1.0))
                text.quiet x="54" y=(px(y + 3.0)) {
                    "a page that failed: it may cost its connection, and the next page needs another lane"
                }
            }
        });
        self.y += 22.0;
    }

    fn legend_of_abandoned(&mut self) {
        let y = self.y;
        self.parts.push(html! {
            g data-model="legend" {
                rect.bar.abandoned x="24" y=(px(y - 6.0)) width="22" height="10" {}
                text.quiet x="54" y=(px(y + 3.0)) {
                    "a request that was abandoned: its client left before the answer"
                }
            }
        });
        self.y += 22.0;
    }

    fn caption(&mut self, comparison: &Comparison) {
        let y = self.y;
        self.parts.push(html! {
            text.quiet x="24" y=(px(y)) {
                (circumstances(comparison))
                @if let Some(processor) = &comparison.machine.processor { ", " (processor) }
            }
        });
        self.y += 20.0;
        if self.thinned {
            let y = self.y;
            self.parts.push(html! {
                text.quiet x="24" y=(px(y)) {
                    "Too many to be seen one by one: what is next to each other is drawn together. "
                    "The figures of --json are complete."
                }
            });
            self.y += 20.0;
        }
    }
}

fn label(program: &Figures, measured: &Measured, y: f64) -> Markup {
    // There is no room for more letters left of the lanes.
    let too_long = program.name.len() > 22;
    html! {
        text.name[program.varies.or(program.twin).is_none()] x="24" y=(px(y - 2.0))
            textLength=[too_long.then_some("150")] lengthAdjust="spacingAndGlyphs" { (program.name) }
        text.quiet x="24" y=(px(y + 13.0)) {
            tspan.figure { (seconds(measured.time_s)) " s" } ", "
            // The model is that of its twin above.
            (program.twin.map_or(program.model.as_str(), |_| program.dialect()))
        }
    }
}

/// How many times as fast it was, beside its last bar, if there is room.
fn verdict(program: &Figures, measured: &Measured, axis: &Axis, y: f64) -> Markup {
    let x = axis.x(measured.length()) + 10.0;
    let words = match (measured.twin_speed_up, measured.speed_up) {
        (Some(factor), _) => Some(format!("Rust {} as fast", times(factor))),
        (None, Some(factor)) if program.workers > 1 => Some(format!("{} as fast", times(factor))),
        _ => None,
    };
    let words = words.filter(|words| x + 7.0 * (words.len() as f64) < RIGHT);
    html! {
        @if let Some(words) = words {
            text.verdict x=(px(x)) y=(px(y + 4.0)) { (words) }
        }
    }
}

/// The distance of the marks on an axis: 1, 2 or 5 times a power of ten, at most eight marks.
fn step(end: f64) -> f64 {
    let power = 10_f64.powf((end / 8.0).log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .map(|factor| factor * power)
        .into_iter()
        .find(|step| end / step <= 8.0)
        .unwrap_or(end)
}

/// A tenth of a pixel is as much as anybody can see.
fn px(length: f64) -> String {
    let text = format!("{length:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}
