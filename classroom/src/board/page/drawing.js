// A lane for every connection, a bar for every request.

// A bar that is shorter than this is drawn as long as this.
const SHORTEST = 1;
const HIGHEST_ROW = 22;

const drawing = { colours: {}, hatches: {} };

function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["block", "grid", "good", "flight", "failed", "faint"]) {
    drawing.colours[name] = style.getPropertyValue(`--${name}`).trim();
  }
  drawing.hatches = {};
}

function hatch(context, ratio) {
  if (!drawing.hatches[ratio]) {
    const tile = document.createElement("canvas");
    const size = Math.round(6 * ratio);
    tile.width = tile.height = size;
    const pen = tile.getContext("2d");
    pen.fillStyle = drawing.colours.block;
    pen.fillRect(0, 0, size, size);
    pen.strokeStyle = drawing.colours.failed;
    pen.lineWidth = 2 * ratio;
    pen.beginPath();
    for (const shift of [-size, 0, size]) {
      pen.moveTo(shift, size);
      pen.lineTo(shift + size, 0);
    }
    pen.stroke();
    drawing.hatches[ratio] = tile;
  }
  return context.createPattern(drawing.hatches[ratio], "repeat");
}

// Draws the last `width` milliseconds of a run, or all of it, and counts the bars.
function draw(canvas, person, width, now) {
  const ratio = devicePixelRatio || 1;
  const [w, h] = [canvas.clientWidth, canvas.clientHeight];
  const [pixels, lines] = [Math.round(w * ratio), Math.round(h * ratio)];
  if (canvas.width !== pixels || canvas.height !== lines) {
    canvas.width = pixels;
    canvas.height = lines;
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, w, h);
  pen.fillStyle = drawing.colours.grid;
  for (let part = 0; part <= 5; part += 1) {
    pen.fillRect(Math.min(w - 1, (part * w) / 5), 0, 1, h);
  }
  const start = person.began + Math.max(0, duration(person, now) - width);
  const x = (time) => ((time - start) * w) / width;
  const end = (bar) => (bar.outcome === IN_FLIGHT ? now : bar.end);
  const bars = [...person.bars.values()].filter((bar) => end(bar) >= start);
  const lanes = [...new Set(bars.map((bar) => bar.lane))].sort((one, other) => one - other);
  const rows = new Map(lanes.map((lane, row) => [lane, row]));
  const row = Math.min(HIGHEST_ROW, h / Math.max(1, lanes.length));
  const high = Math.max(1, row > 3 ? row - 1 : row);
  const crosses = [];
  const counts = { bars: 0, failed: 0, flying: 0 };
  for (const bar of bars) {
    const left = Math.max(0, x(bar.start));
    const top = rows.get(bar.lane) * row;
    // A little space lets two bars in a row be seen as two.
    const right = x(end(bar));
    const long = Math.max(SHORTEST, right - left - (right - left > 4 ? 1 : 0));
    counts.bars += 1;
    if (bar.outcome === IN_FLIGHT) {
      pen.fillStyle = drawing.colours.flight;
      counts.flying += 1;
    } else if (bar.outcome === GOOD) {
      pen.fillStyle = drawing.colours.good;
    } else {
      pen.fillStyle = hatch(pen, 1);
      counts.failed += 1;
      crosses.push([left + long / 2, top + high / 2]);
    }
    pen.fillRect(left, top, long, high);
    if (bar.outcome > GOOD && high > 3) {
      pen.strokeStyle = drawing.colours.failed;
      pen.lineWidth = 1;
      pen.strokeRect(left + 0.5, top + 0.5, Math.max(0, long - 1), high - 1);
    }
  }
  // On top of everything, and large enough to be seen, however thin its bar is.
  const arm = Math.min(6, Math.max(3.5, high / 2));
  const strokes = [
    [drawing.colours.block, 5],
    [drawing.colours.failed, 2],
  ];
  for (const [colour, thick] of strokes) {
    pen.strokeStyle = colour;
    pen.lineWidth = thick;
    pen.beginPath();
    for (const [middle, centre] of crosses) {
      const [cx, cy] = [Math.min(w - arm, Math.max(arm, middle)), Math.min(h - arm, Math.max(arm, centre))];
      pen.moveTo(cx - arm, cy - arm);
      pen.lineTo(cx + arm, cy + arm);
      pen.moveTo(cx + arm, cy - arm);
      pen.lineTo(cx - arm, cy + arm);
    }
    pen.stroke();
  }
  // What was drawn, for whoever checks it.
  Object.assign(canvas.dataset, counts, { lanes: lanes.length });
}
