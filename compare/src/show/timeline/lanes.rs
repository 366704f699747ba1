//! The lanes of one program, and the bars in them.

use maud::{Markup, html};

use super::{LEFT, RIGHT, px};
use crate::measure::Measured;
use crate::run::Bar;

/// A picture with more rows than these is a wall.
const MOST_ROWS: usize = 500;

/// A program with fewer bars than these has each of them drawn, however short it is.
const MANY: usize = 5_000;

/// A bar or a gap that is shorter than this, in pixels, cannot be seen by itself.
const VISIBLE: f64 = 0.4;

/// A stretch of time, and how high the lanes are on its axis.
pub struct Axis {
    /// Or only the beginning, enlarged.
    pub whole: bool,
    pub end: f64,
    pub lane: f64,
    pub lanes_together: f64,
}

impl Axis {
    pub fn x(&self, time: f64) -> f64 {
        LEFT + (RIGHT - LEFT) * time.min(self.end) / self.end
    }

    /// How many lanes there are to see: the zoomed axis ends before some of them begin.
    fn lanes(&self, tracks: Tracks) -> usize {
        if self.whole {
            return tracks.lanes;
        }
        lanes_of(tracks.bars.iter().filter(|bar| bar.start < self.end))
    }

    /// How many rows the lanes are drawn in: where there are too many, several share one.
    pub fn rows<'a>(&self, tracks: impl Into<Tracks<'a>>) -> usize {
        self.lanes(tracks.into()).min(MOST_ROWS)
    }

    pub fn lane_height<'a>(&self, tracks: impl Into<Tracks<'a>>) -> f64 {
        (self.lanes_together / self.rows(tracks).max(1) as f64).clamp(0.6, self.lane)
    }
}

/// Bars, and how many lanes there are for them.
#[derive(Clone, Copy)]
pub struct Tracks<'a> {
    bars: &'a [Bar],
    lanes: usize,
}

impl<'a> Tracks<'a> {
    /// What a downloader computed beside, if it did.
    pub fn beside(measured: &'a Measured) -> Option<Self> {
        let bars = &measured.computations;
        let lanes = lanes_of(bars);
        (lanes > 0).then_some(Self { bars, lanes })
    }
}

impl<'a> From<&'a Measured> for Tracks<'a> {
    fn from(measured: &'a Measured) -> Self {
        Self {
            bars: &measured.bars,
            lanes: measured.lanes.unwrap_or(0),
        }
    }
}

fn lanes_of<'a>(bars: impl IntoIterator<Item = &'a Bar>) -> usize {
    let lanes = bars.into_iter().map(|bar| bar.lane + 1);
    lanes.max().unwrap_or(0)
}

/// What is drawn of a program: bars, row by row.
pub struct Lanes<'a> {
    rows: Vec<Vec<Stroke<'a>>>,
    /// Whether bars or lanes had to be drawn together.
    pub thinned: bool,
}

/// One bar, or several that cannot be told apart.
struct Stroke<'a> {
    first: &'a Bar,
    bars: usize,
    /// In pixels.
    left: f64,
    right: f64,
    /// When the last of them ended.
    end: f64,
}

impl<'a> Lanes<'a> {
    pub fn of(tracks: impl Into<Tracks<'a>>, axis: &Axis) -> Self {
        let tracks = tracks.into();
        let (lanes, rows) = (axis.lanes(tracks), axis.rows(tracks));
        let mut drawn: Vec<Vec<Stroke<'a>>> = (0..rows).map(|_| Vec::new()).collect();
        let mut thinned = rows < lanes;
        // Of every row the last stroke of good, of failed and of abandoned bars.
        let mut last = vec![[None; 3]; rows];
        let many = tracks.bars.len() > MANY;
        for bar in tracks.bars.iter().filter(|bar| bar.start < axis.end) {
            let row = bar.lane * rows / lanes;
            let (left, right) = (axis.x(bar.start), axis.x(bar.end));
            let last = &mut last[row][bar.kind()];
            let before = last.map(|place: usize| &mut drawn[row][place]);
            match before {
                Some(before) if many && right - left < VISIBLE && left - before.right < VISIBLE => {
                    before.bars += 1;
                    before.right = before.right.max(right);
                    before.end = before.end.max(bar.end);
                    thinned = true;
                }
                _ => {
                    *last = Some(drawn[row].len());
                    drawn[row].push(Stroke {
                        first: bar,
                        bars: 1,
                        left,
                        right,
                        end: bar.end,
                    });
                }
            }
        }
        Self {
            rows: drawn,
            thinned,
        }
    }

    /// The bars from `top` down, then a cross for what failed.
    pub fn drawn(&self, axis: &Axis, height: f64, top: f64, hover: bool) -> Markup {
        // Where lanes are thin, gaps between them would be stripes that mean nothing.
        let thickness = if height < 3.0 { height } else { height - 1.5 };
        let y = |row: usize| top + row as f64 * height;
        let failed = |stroke: &Stroke| !stroke.first.good && !stroke.first.abandoned;
        html! {
            @for (row, strokes) in self.rows.iter().enumerate() {
                g.lane {
                    @for stroke in strokes {
                        @let width = stroke.right - stroke.left;
                        rect.bar.failed[failed(stroke)].abandoned[stroke.first.abandoned] x=(px(stroke.left)) y=(px(y(row)))
                            width=(px((width - width.min(4.0) * 0.2).max(0.2)))
                            height=(px(thickness)) {
                            @if hover { title { (stroke.story()) } }
                        }
                    }
                }
            }
            @for (row, strokes) in self.rows.iter().enumerate() {
                @for stroke in strokes.iter().filter(|stroke| failed(stroke)) {
                    @let x = (stroke.left + stroke.right) / 2.0;
                    (cross(x.min(axis.x(axis.end)), y(row) + thickness / 2.0))
                }
            }
        }
    }
}

impl Bar {
    /// 0: good, 1: failed, 2: abandoned.
    fn kind(&self) -> usize {
        match (self.good, self.abandoned) {
            (_, true) => 2,
            (false, false) => 1,
            (true, false) => 0,
        }
    }
}

impl Stroke<'_> {
    fn story(&self) -> String {
        let bar = self.first;
        let outcome = ["", ", failed", ", abandoned"][bar.kind()];
        let (start, length) = (bar.start, 1e3 * (self.end - bar.start));
        match self.bars {
            1 => format!(
                "{}{outcome}: began at {start:.3} s, took {length:.1} ms",
                bar.what
            ),
            bars => format!(
                "{bars} bars{outcome}: from {start:.3} s to {:.3} s",
                self.end
            ),
        }
    }
}

/// A bar that failed must be seen without colour, too, and where it is thinner than a line.
pub fn cross(x: f64, y: f64) -> Markup {
    let arm = 3.2;
    let [left, right] = [x - arm, x + arm].map(px);
    let [top, bottom] = [y - arm, y + arm].map(px);
    html! {
        path.cross d=(format!("M{left} {top}L{right} {bottom}M{left} {bottom}L{right} {top}")) {}
    }
}
