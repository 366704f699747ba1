// The page around the drawings.

const SCALES = [100, 200, 500, 1000, 2000, 5000, 10000, 15000, 20000, 30000, 60000];
// A run that ended longer ago than this has no say in the scale.
const RECENT = 120000;
// At least as large is a block, in pixels.
const SMALLEST = { width: 225, height: 82 };
const FRAME = 66;

const room = new Room();
const blocks = new Map();
const $ = (id) => document.getElementById(id);
const saved = JSON.parse($("saved").textContent);
// Those that have a block, the newest first, and those that have none any more.
let shown = [];
let folded = [];
let scale = SCALES[0];
let stopped = false;
let stood = 0;
let stale = true;
let spoken = 0;
let tabled = 0;

function clock() {
  return stopped ? stood : room.now();
}

function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(milliseconds < 9995 ? 2 : 1)} s`;
}

function write(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

function trouble(text) {
  $("trouble").hidden = !text;
  write($("trouble"), text);
}

function create(tag, name, parent) {
  const element = document.createElement(tag);
  element.className = name;
  parent.append(element);
  return element;
}

// Newest names on top; one that has folded and is back counts as new.
function place() {
  for (const [id, person] of room.people) {
    const fold = folded.indexOf(id);
    if (fold >= 0 && person.in_flight > 0) {
      folded.splice(fold, 1);
      shown.unshift(id);
    } else if (fold < 0 && !shown.includes(id)) {
      shown.unshift(id);
    }
  }
}

// Where there is no place for all, those fold that have been quiet for longest.
function arrange() {
  const main = $("blocks");
  if (main.hidden) {
    return;
  }
  const columns = Math.max(1, Math.floor(main.clientWidth / SMALLEST.width));
  const rows = Math.max(1, Math.floor((main.clientHeight || SMALLEST.height) / SMALLEST.height));
  const quiet = (id) => {
    const person = room.people.get(id);
    return person.in_flight > 0 ? Infinity : person.last;
  };
  while (shown.length < columns * rows && folded.length > 0) {
    shown.push(folded.shift());
  }
  while (shown.length > columns * rows) {
    const oldest = shown.reduce((one, other) => (quiet(other) <= quiet(one) ? other : one));
    shown.splice(shown.indexOf(oldest), 1);
    folded.unshift(oldest);
  }
  lay(main, columns);
}

function forget() {
  const known = (id) => room.people.has(id);
  shown = shown.filter(known);
  folded = folded.filter(known);
}

// As many columns as give blocks a shape that is good to draw in.
function lay(main, most) {
  const [w, h] = [main.clientWidth, main.clientHeight];
  const shape = (columns) => w / columns / (h / Math.ceil(shown.length / columns));
  let columns = 1;
  for (let more = 2; more <= Math.min(most, shown.length); more += 1) {
    if (Math.abs(Math.log(shape(more) / 2.6)) < Math.abs(Math.log(shape(columns) / 2.6))) {
      columns = more;
    }
  }
  const rows = Math.max(1, Math.ceil(shown.length / columns));
  main.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
  main.style.gridTemplateRows = `repeat(${rows}, minmax(0, 1fr))`;
  main.style.fontSize = `${Math.max(15, Math.min(24, w / columns / 17, h / rows / 5.5))}px`;
}

function block(id) {
  if (!blocks.has(id)) {
    const root = document.createElement("section");
    root.className = "block";
    const line = create("div", "", root);
    const parts = { root, name: create("h2", "", line), atOnce: create("span", "at-once", line) };
    const rest = create("p", "rest", root);
    parts.failed = create("span", "failed", rest);
    parts.rest = create("span", "", rest);
    parts.canvas = create("canvas", "", root);
    blocks.set(id, parts);
  }
  return blocks.get(id);
}

function render() {
  const now = clock();
  for (const [id, parts] of blocks) {
    if (!shown.includes(id)) {
      parts.root.remove();
      blocks.delete(id);
    }
  }
  shown.forEach((id, place) => {
    const { root } = block(id);
    const main = $("blocks");
    if (main.children[place] !== root) {
      main.insertBefore(root, main.children[place] ?? null);
    }
  });
  const durations = shown
    .map((id) => room.people.get(id))
    .filter((person) => saved || person.in_flight > 0 || now - person.last < RECENT)
    .map((person) => duration(person, now));
  if (durations.length > 0) {
    scale = fitting(Math.max(...durations));
  }
  const own = $("scale").getAttribute("aria-pressed") === "true";
  const wordy = parseFloat($("blocks").style.fontSize) > 18;
  for (const id of shown) {
    const person = room.people.get(id);
    const parts = block(id);
    const bad = failed(person);
    write(parts.name, person.name);
    parts.root.dataset.name = person.name;
    const busy = person.in_flight > 0;
    // What remains of a run is what it reached.
    write(parts.atOnce, busy ? `${person.in_flight} at once` : `at most ${person.most_in_flight}`);
    parts.root.classList.toggle("busy", busy);
    write(parts.failed, bad > 0 ? `${bad} ✕ ` : "");
    const width = own ? fitting(duration(person, now)) : scale;
    const connections = wordy ? count(person.connections, "connection") : `${person.connections} conn.`;
    // What there is no place for is cut off at the end.
    const figures = [seconds(duration(person, now)), count(person.good, "page"), connections];
    if (busy) {
      figures.push(`most ${person.most_in_flight}`);
    }
    write(parts.rest, figures.join(" · "));
    draw(parts.canvas, person, width, now);
  }
  const all = [...room.people.values()];
  const flying = all.reduce((sum, person) => sum + person.in_flight, 0);
  const wide = own ? "each block has its own scale" : `a block is ${scale / 1000} s wide`;
  write($("now"), all.length > 0 ? `${flying} at once · ${wide}` : "");
  fold(now);
  tell(all, flying, now);
}

function fitting(milliseconds) {
  return SCALES.find((step) => step >= milliseconds) ?? SCALES[SCALES.length - 1];
}

function figures(person, now) {
  return [
    person.in_flight,
    person.most_in_flight,
    person.connections,
    person.requests,
    person.good,
    failed(person),
    seconds(duration(person, now)),
    person.run,
  ];
}

function fold(now) {
  $("folded").hidden = folded.length === 0 || $("blocks").hidden;
  write($("folded").querySelector("summary"), `${count(folded.length, "older name")}`);
  const list = $("folded").querySelector("ol");
  while (list.children.length > folded.length) {
    list.lastChild.remove();
  }
  folded.forEach((id, place) => {
    const person = room.people.get(id);
    const item = list.children[place] ?? create("li", "", list);
    const pages = count(person.good, "page");
    write(item, `${person.name}: most ${person.most_in_flight}, ${pages}, ${seconds(duration(person, now))}`);
  });
}

// The figures for whoever does not see the drawings: seldom enough to be listened to.
function tell(all, flying, now) {
  const clicked = performance.now();
  if (clicked - spoken > 5000) {
    spoken = clicked;
    write($("spoken"), `${count(all.length, "name")}, ${count(flying, "request")} at once`);
  }
  if (clicked - tabled < 1000) {
    return;
  }
  tabled = clicked;
  const body = $("figures").querySelector("tbody");
  const ids = [...shown, ...folded];
  while (body.children.length > ids.length) {
    body.lastChild.remove();
  }
  ids.forEach((id, place) => {
    const person = room.people.get(id);
    let row = body.children[place];
    if (!row) {
      row = create("tr", "", body);
      create("th", "", row).scope = "row";
      figures(person, now).forEach(() => create("td", "", row));
    }
    write(row.children[0], person.name);
    figures(person, now).forEach((figure, column) => write(row.children[column + 1], String(figure)));
  });
}

let last = 0;
function frame() {
  requestAnimationFrame(frame);
  const clicked = performance.now();
  if (clicked - last < FRAME) {
    return;
  }
  const flying = [...room.people.values()].some((person) => person.in_flight > 0);
  const late = clicked - tabled > 1000;
  if (stale || late || (flying && !stopped && !saved)) {
    last = clicked;
    stale = false;
    forget();
    place();
    arrange();
    render();
  }
}

function connect() {
  if (!("EventSource" in window)) {
    trouble("This browser cannot show the board: it has no EventSource. Under /NAME/seen the board tells the figures of a name.");
    return;
  }
  const events = new EventSource("events");
  events.onmessage = (event) => {
    trouble("");
    const change = JSON.parse(event.data);
    if (stopped) {
      waiting.push(change);
      // Not for ever: whoever comes back after a long time gets the whole state.
      if (waiting.length > 1200) {
        events.close();
        waiting = null;
      }
      return;
    }
    room.apply(change);
    stale = true;
  };
  events.onerror = () => {
    trouble("The board does not answer, or has too many viewers. This page keeps on asking.");
    // The browser asks again by itself, except where the answer was a refusal.
    if (events.readyState === EventSource.CLOSED && waiting) {
      setTimeout(connect, 3000);
    }
  };
}

// What has come while the page stands still; null if it is too much.
let waiting = [];

$("stop").addEventListener("click", () => {
  stood = room.now();
  stopped = !stopped;
  $("stop").setAttribute("aria-pressed", String(stopped));
  write($("stop"), stopped ? "Go on" : "Stop");
  if (!stopped) {
    if (waiting) {
      waiting.forEach((change) => room.apply(change));
    } else {
      connect();
    }
    waiting = [];
  }
  stale = true;
});

$("scale").addEventListener("click", () => {
  const own = $("scale").getAttribute("aria-pressed") !== "true";
  $("scale").setAttribute("aria-pressed", String(own));
  stale = true;
});

$("table").addEventListener("click", () => {
  const wanted = $("table").getAttribute("aria-pressed") !== "true";
  $("table").setAttribute("aria-pressed", String(wanted));
  $("figures").classList.toggle("unseen", !wanted);
  $("blocks").hidden = wanted;
  stale = true;
});

$("clear").addEventListener("click", async () => {
  try {
    const answer = await fetch("clear", { method: "POST" });
    trouble(answer.ok ? "" : await answer.text());
  } catch {
    trouble("The board does not answer.");
  }
});

$("save").addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([file()], { type: "text/html" }));
  link.download = "board.html";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
});

// This page with what it shows in it, which may ask for nothing.
function file() {
  const page = document.documentElement.cloneNode(true);
  const inside = (id) => page.querySelector(`#${id}`);
  inside("blocks").replaceChildren();
  inside("folded").querySelector("ol").replaceChildren();
  inside("figures").querySelector("tbody").replaceChildren();
  inside("saved").textContent = JSON.stringify(room.whole(clock())).replaceAll("<", "\\u003c");
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";
  page.querySelector("meta").after(policy);
  return `<!doctype html>\n${page.outerHTML}\n`;
}

if (saved) {
  room.apply(saved);
  stopped = true;
  stood = saved.at;
  write($("address"), `as it was on ${new Date(document.lastModified).toLocaleString()}`);
  for (const id of ["stop", "clear", "save"]) {
    $(id).hidden = true;
  }
} else {
  write($("address"), document.body.dataset.address);
  connect();
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  readColours();
  stale = true;
});
addEventListener("resize", () => {
  stale = true;
});
readColours();
requestAnimationFrame(frame);
