(() => {
"use strict";
const root = document.querySelector(".player");
if (!root || !root.querySelector("canvas").getContext) return;
root.hidden = false;
const $ = (selector, from) => (from || root).querySelector(selector);
const NONE = 65535, LARGEST = 65534;
const COLOUR = {near: "#ff8a3d", late: "#ffe14d", far: "#63b7ea", pickup: "#c3a8f0", loaded: "#ffffff", empty: "#2fc6a8", waiting: "#f08bc0", idle: "#5f7283", store: "#75889b"};
const brand = getComputedStyle(root);
for (const way of ["near", "far", "pickup"]) COLOUR[way] = brand.getPropertyValue("--" + way).trim() || COLOUR[way];
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const u16 = (text) => new Uint16Array(bytes(text).buffer);
const u32 = (text) => new Uint32Array(bytes(text).buffer);
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

// One day: its columns as typed arrays, and where each courier's rides and shifts begin in them.
function day(stage) {
  const d = JSON.parse($(".replay-data", stage).textContent);
  const wide = (part, names) => names.forEach((name) => { part[name] = u16(part[name]); });
  wide(d.couriers, ["x", "y", "shiftOf", "on", "off"]);
  wide(d.rides, ["courier", "from", "until", "busy", "x0", "y0", "x1", "y1"]);
  wide(d.orders, ["x", "y", "placed", "ready", "left", "done", "took", "promise", "cost", "store", "courier"]);
  d.rides.load = bytes(d.rides.load);
  d.orders.kind = bytes(d.orders.kind);
  d.orders.id = u32(d.orders.id);
  for (const name in d.counts) if (name !== "step") d.counts[name] = u32(d.counts[name]);
  const starts = (owner, many) => {
    const first = new Uint32Array(many + 1);
    for (const one of owner) first[one + 1]++;
    for (let i = 0; i < many; i++) first[i + 1] += first[i];
    return first;
  };
  d.many = d.couriers.name.length;
  d.firstRide = starts(d.rides.courier, d.many);
  d.firstShift = starts(d.couriers.shiftOf, d.many);
  d.canvas = $(".map canvas", stage);
  d.out = {};
  stage.querySelectorAll("[data-n]").forEach((node) => { d.out[node.dataset.n] = node; });
  const none = (series) => !series[series.length - 1];
  if (none(d.counts.pickup)) d.out.pickup.parentNode.hidden = true;
  return d;
}
const stages = $(".stages");
const days = [...root.querySelectorAll(".stage")].map(day);
if (days.length > 1) stages.classList.add("several");
const span = Math.max(...days.map((d) => d.span));
const startHour = days[0].startHour;
let now = +root.dataset.start, playing = false, before = 0, hover = null, pinned = null, pointer = null, cost = 0;

const clock = (s) => {
  const minutes = Math.floor(startHour * 60 + s / 60 + 1e-6), of = ((minutes % 1440) + 1440) % 1440, date = Math.floor(minutes / 1440);
  const two = (n) => String(n).padStart(2, "0");
  return (date > 0 ? "day " + (date + 1) + " " : "") + two(Math.floor(of / 60)) + ":" + two(of % 60);
};
const grouped = (n) => Math.round(n).toLocaleString("en");
// Number of the first values that are at most `value`, between two places of a rising column.
const upTo = (column, value, low, high) => {
  while (low < high) {
    const middle = (low + high) >> 1;
    if (column[middle] <= value) low = middle + 1; else high = middle;
  }
  return low;
};

function fit(d) {
  const width = d.canvas.parentNode.clientWidth, most = Math.max(300, innerHeight * 0.72);
  const height = Math.round(Math.min(most, Math.max(240, width * d.height / d.width)));
  const sharp = Math.min(devicePixelRatio || 1, 2), edge = 18;
  d.canvas.style.height = height + "px";
  d.canvas.width = width * sharp;
  d.canvas.height = height * sharp;
  const scale = Math.min((width - 2 * edge) / d.width, (height - 2 * edge) / d.height);
  const left = (width - d.width * scale) / 2, top = (height - d.height * scale) / 2;
  Object.assign(d, {sharp, w: width, h: height, sx: d.width * scale / LARGEST, sy: d.height * scale / LARGEST, left, bottom: height - top, scale});
  d.X = (x) => d.left + x * d.sx;
  d.Y = (y) => d.bottom - y * d.sy;
  const ground = d.ground = document.createElement("canvas"), g = ground.getContext("2d");
  ground.width = d.canvas.width;
  ground.height = d.canvas.height;
  g.scale(sharp, sharp);
  g.fillStyle = "#0f161d";
  g.fillRect(0, 0, width, height);
  // A line every kilometre, or as many as leave room between them.
  let step = 1000;
  while (step * scale < 14) step *= 5;
  for (let m = 0, n = 0; m <= Math.max(d.width, d.height); m += step, n++) {
    g.strokeStyle = n % 5 ? "#151f28" : "#1f2c38";
    g.lineWidth = 1;
    g.beginPath();
    if (m <= d.width) { g.moveTo(left + m * scale, top); g.lineTo(left + m * scale, d.bottom); }
    if (m <= d.height) { g.moveTo(left, d.bottom - m * scale); g.lineTo(left + d.width * scale, d.bottom - m * scale); }
    g.stroke();
  }
  const five = 5 * step * scale;
  g.fillStyle = "#8fa1b3";
  g.font = "12px Inter,sans-serif";
  g.fillRect(left + 8, d.bottom - 10, five, 2);
  g.fillText(step * 5 / 1000 + " km", left + 12 + five, d.bottom - 5);
}

// Where a ride is at a tick; along streets first east or west, then north or south.
const place = [0, 0];
function along(d, r, tick) {
  const q = d.rides, x0 = q.x0[r], y0 = q.y0[r], dx = q.x1[r] - x0, dy = q.y1[r] - y0;
  const part = Math.max(0, Math.min(1, (tick - q.from[r]) / Math.max(1, q.until[r] - q.from[r])));
  if (!d.streets) { place[0] = x0 + dx * part; place[1] = y0 + dy * part; return; }
  const across = Math.abs(dx) * d.sx, gone = part * (across + Math.abs(dy) * d.sy);
  if (gone <= across) { place[0] = x0 + Math.sign(dx) * gone / d.sx; place[1] = y0; }
  else { place[0] = x0 + dx; place[1] = y0 + Math.sign(dy) * (gone - across) / d.sy; }
}
// What a courier does: "loaded", "empty", "waiting", "door", "idle" or "" off duty; `place` is where.
function doing(d, c, tick) {
  const ride = upTo(d.rides.from, tick, d.firstRide[c], d.firstRide[c + 1]) - 1;
  d.ride = ride < d.firstRide[c] ? -1 : ride;
  if (d.ride >= 0) {
    along(d, ride, tick);
    const store = d.rides.load[ride] & 128;
    if (tick < d.rides.until[ride]) return d.rides.load[ride] & 127 ? "loaded" : "empty";
    if (tick < d.rides.busy[ride]) return store ? "waiting" : "door";
  } else { place[0] = d.couriers.x[c]; place[1] = d.couriers.y[c]; }
  for (let s = d.firstShift[c]; s < d.firstShift[c + 1]; s++) if (d.couriers.on[s] <= tick && tick < d.couriers.off[s]) return "idle";
  return "";
}

function draw(d, t) {
  const g = d.canvas.getContext("2d"), tick = t / d.tick, o = d.orders, X = d.X, Y = d.Y;
  g.setTransform(1, 0, 0, 1, 0, 0);
  g.drawImage(d.ground, 0, 0);
  g.setTransform(d.sharp, 0, 0, d.sharp, 0, 0);
  const big = Math.max(0.75, Math.min(1.25, d.w / 900)), fade = Math.max(90, pace() * 0.7) / d.tick;
  const dots = {near: [], late: [], pickup: [], picked: []}, rings = [];
  const seen = d.seen = [];
  for (let i = 0, end = upTo(o.placed, tick, 0, o.placed.length); i < end; i++) {
    const kind = o.kind[i] & 3, done = o.done[i];
    if (kind === 1) {
      const age = tick - o.placed[i];
      if (age < fade) { rings.push(i, age / fade, COLOUR.far); seen.push(i); }
      if (done !== NONE && tick >= done && tick - done < fade) rings.push(i, (tick - done) / fade, COLOUR.far);
    } else if (tick < done) {
      seen.push(i);
      if (kind === 2) (o.ready[i] <= tick ? dots.picked : dots.pickup).push(i);
      else (o.promise[i] !== NONE && tick > o.placed[i] + o.promise[i] * 60 / d.tick ? dots.late : dots.near).push(i);
    } else if (tick - done < fade) rings.push(i, (tick - done) / fade, o.kind[i] & 8 ? COLOUR.idle : kind ? COLOUR.pickup : COLOUR.near);
  }
  const each = (list, radius, colour, hollow) => {
    g.beginPath();
    for (const i of list) { const x = X(o.x[i]), y = Y(o.y[i]); g.moveTo(x + radius, y); g.arc(x, y, radius, 0, 7); }
    if (hollow) { g.strokeStyle = colour; g.lineWidth = 2; g.stroke(); } else { g.fillStyle = colour; g.fill(); }
  };
  for (let k = 0; k < rings.length; k += 3) {
    const i = rings[k], part = rings[k + 1];
    g.globalAlpha = 1 - part;
    g.strokeStyle = rings[k + 2];
    g.lineWidth = 1.5;
    g.beginPath();
    g.arc(X(o.x[i]), Y(o.y[i]), (3 + 8 * part) * big, 0, 7);
    g.stroke();
  }
  g.globalAlpha = 1;
  const size = 2.8 * big;
  g.fillStyle = COLOUR.store;
  for (const [, x, y, far] of d.stores) { if (far) g.fillStyle = COLOUR.far; g.fillRect(X(x) - size, Y(y) - size, 2 * size, 2 * size); g.fillStyle = COLOUR.store; }
  each(dots.near, 2.7 * big, COLOUR.near);
  each(dots.late, 3.4 * big, COLOUR.late, true);
  each(dots.pickup, 2.7 * big, COLOUR.pickup, true);
  each(dots.picked, 3 * big, COLOUR.pickup);
  // Couriers: a fading trail behind those who ride.
  const groups = {loaded: [], empty: [], waiting: [], idle: []}, tails = {loaded: [], empty: []};
  const back = (calm ? 0 : Math.max(150, Math.min(420, pace() * 0.6))) / d.tick;
  let riding = 0, duty = 0;
  const at = d.at = [];
  for (let c = 0; c < d.many; c++) {
    const what = doing(d, c, tick);
    if (!what) continue;
    duty++;
    const x = X(place[0]), y = Y(place[1]), r = d.ride;
    at.push(c, x, y);
    (groups[what] || groups.idle).push(x, y);
    if (what === "loaded" || what === "empty") {
      riding++;
      along(d, r, tick - back);
      const bx = X(place[0]), by = Y(place[1]);
      // The corner between both, if the trail goes round one.
      const turned = d.streets && bx !== x && by !== y;
      tails[what].push(bx, by, turned ? X(d.rides.x1[r]) : bx, turned ? Y(d.rides.y0[r]) : by, x, y);
    }
  }
  for (const what of ["empty", "loaded"]) {
    g.strokeStyle = COLOUR[what];
    g.lineWidth = 2 * big;
    g.globalAlpha = 0.45;
    g.beginPath();
    const tail = tails[what];
    for (let k = 0; k < tail.length; k += 6) { g.moveTo(tail[k], tail[k + 1]); g.lineTo(tail[k + 2], tail[k + 3]); g.lineTo(tail[k + 4], tail[k + 5]); }
    g.stroke();
  }
  g.globalAlpha = 1;
  for (const what of ["idle", "waiting", "empty", "loaded"]) {
    const radius = (what === "idle" ? 2.2 : 4) * big, list = groups[what];
    g.fillStyle = COLOUR[what];
    g.beginPath();
    for (let k = 0; k < list.length; k += 2) { g.moveTo(list[k] + radius, list[k + 1]); g.arc(list[k], list[k + 1], radius, 0, 7); }
    g.fill();
    if (what !== "idle") { g.strokeStyle = "#0f161d"; g.lineWidth = 1.2; g.stroke(); }
  }
  const step = Math.min(Math.floor(t / d.counts.step), d.counts.near.length - 1), n = (name) => d.counts[name][step];
  const parcels = n("far") - n("shipped");
  if (d.warehouse) {
    const s = 8 * big, x = Math.max(s + 2, Math.min(d.w - s - 2, d.left + d.warehouse[0] * d.sx)), y = Math.max(s + 2, Math.min(d.h - s - 2, d.bottom - d.warehouse[1] * d.sy));
    d.dc = [x, y];
    g.fillStyle = COLOUR.far;
    g.fillRect(x - s, y - s, 2 * s, 2 * s);
    g.font = "600 " + Math.round(13 * big) + "px Inter,sans-serif";
    const word = "warehouse: " + grouped(parcels) + " parcels", wide = g.measureText(word).width, left = x + s + wide + 18 < d.w ? x + s + 8 : x - s - 8 - wide;
    g.fillStyle = "#0f161de0";
    g.fillRect(left - 4, y - 10, wide + 8, 20);
    g.fillStyle = COLOUR.far;
    g.fillText(word, left, y + 5);
  }
  const delivered = n("nearDelivered");
  const show = {near: grouped(n("near")), far: grouped(n("far")), pickup: grouped(n("pickup")), open: grouped(n("near") - n("nearDone")), late: delivered ? (100 * n("nearLate") / delivered).toFixed(1) + "%" : "–", parcels: grouped(parcels), riding: grouped(riding), duty: grouped(duty)};
  for (const name in show) if (d.out[name].textContent !== show[name]) d.out[name].textContent = show[name];
  d.told = {near: n("near"), far: n("far"), open: n("near") - n("nearDone"), riding, duty};
  const mark = pinned || hover;
  if (mark && mark.day === d) {
    const spot = mark.where(tick);
    if (spot) { g.strokeStyle = "#fff"; g.lineWidth = 2; g.beginPath(); g.arc(spot[0], spot[1], 11 * big, 0, 7); g.stroke(); }
  }
}

// The words about one thing on the map.
const b = (text) => "<b>" + String(text).replace(/[&<>]/g, (c) => ({"&": "&amp;", "<": "&lt;", ">": "&gt;"}[c])) + "</b>";
const span_ = (minutes) => minutes < 120 ? minutes + " min" : (minutes / 60).toFixed(1) + " h";
function orderStory(d, i, tick) {
  const o = d.orders, kind = o.kind[i] & 3, at = (v) => clock(v * d.tick), past = (v) => v !== NONE && v <= tick, said = [];
  said.push(b("Order " + grouped(o.id[i])) + ", " + ["near", "far", "pick-up"][kind] + ", placed " + at(o.placed[i]));
  if (o.store[i] !== NONE) said.push("store " + b(d.stores[o.store[i]][0]));
  if (past(o.ready[i])) said.push("packed " + at(o.ready[i]));
  if (past(o.left[i])) said.push((kind === 1 ? "left " : "picked up ") + at(o.left[i]) + (o.courier[i] !== NONE ? " by " + b(d.couriers.name[o.courier[i]]) : ""));
  else if (o.courier[i] !== NONE && past(o.ready[i])) said.push("for " + b(d.couriers.name[o.courier[i]]));
  const ended = o.kind[i] & 8 ? "cancelled" : kind === 2 ? "fetched" : "delivered";
  if (past(o.done[i])) said.push(ended + " " + at(o.done[i]) + " after " + span_(o.took[i]));
  else if (o.took[i] !== NONE && kind === 1) said.push(ended + " after " + span_(o.took[i]));
  if (o.promise[i] !== NONE) said.push("promise " + span_(o.promise[i]) + (past(o.done[i]) && !(o.kind[i] & 8) ? o.kind[i] & 4 ? ", late" : ", kept" : ""));
  if (past(o.done[i]) && o.cost[i] !== NONE) said.push("cost " + d.currency + (o.cost[i] / 10).toFixed(1));
  return said.join(" · ");
}
function courierStory(d, c, tick) {
  const o = d.orders, what = doing(d, c, tick), carried = [], coming = [];
  const words = {loaded: "rides with goods", empty: "rides to a store or waiting place", waiting: "is at a store", door: "is at a door", idle: "is free", "": "is off duty"};
  let done = 0;
  for (let i = 0; i < o.placed.length && o.placed[i] <= tick; i++) if (o.courier[i] === c) {
    if (o.done[i] <= tick) done += o.kind[i] & 8 ? 0 : 1;
    else if (o.left[i] <= tick) carried.push(grouped(o.id[i]));
    else if (o.ready[i] <= tick) coming.push(grouped(o.id[i]));
  }
  const list = (word, ids) => ids.length ? " · " + word + " " + (ids.length > 1 ? "orders " : "order ") + b(ids.join(", ")) : "";
  return b(d.couriers.name[c]) + " " + words[what] + list("carries", carried) + list("fetches", coming) + " · " + done + " delivered so far";
}
function storeStory(d, s, tick) {
  const o = d.orders;
  let served = 0, open = 0, ready = 0;
  for (let i = 0; i < o.placed.length && o.placed[i] <= tick; i++) if (o.store[i] === s) {
    served++;
    if (tick < o.done[i] && (o.left[i] > tick)) { if (o.ready[i] <= tick) ready++; else open++; }
  }
  return b(d.stores[s][0]) + " · " + served + " orders so far · " + open + " being picked or in its queue · " + ready + " packed and waiting";
}
const ofOrder = (d, i) => ({day: d, say: (tick) => orderStory(d, i, tick), where: () => [d.X(d.orders.x[i]), d.Y(d.orders.y[i])]});
const ofCourier = (d, c) => ({day: d, say: (tick) => courierStory(d, c, tick), where: (tick) => doing(d, c, tick) ? [d.X(place[0]), d.Y(place[1])] : null});
const ofStore = (d, s) => ({day: d, say: (tick) => storeStory(d, s, tick), where: () => [d.X(d.stores[s][1]), d.Y(d.stores[s][2])]});
function nearest(d, x, y) {
  let best = 144, found = null;
  const look = (px, py, make, bonus) => {
    const miss = (px - x) ** 2 + (py - y) ** 2 - bonus;
    if (miss < best) { best = miss; found = make; }
  };
  d.stores.forEach(([, sx, sy], s) => look(d.X(sx), d.Y(sy), () => ofStore(d, s), 0));
  for (const i of d.seen) look(d.X(d.orders.x[i]), d.Y(d.orders.y[i]), () => ofOrder(d, i), 4);
  for (let k = 0; k < d.at.length; k += 3) look(d.at[k + 1], d.at[k + 2], () => ofCourier(d, d.at[k]), 9);
  return found && found();
}
const story = $(".story");
function tell() {
  const mark = pinned || hover, words = mark ? mark.say(now / mark.day.tick) : "";
  // The line keeps its place once it was there, so that the map does not jump.
  if (words) story.hidden = false;
  if (story.innerHTML !== words) story.innerHTML = words || root.dataset.point;
}

const histogram = $(".histogram"), seek = $(".seek"), clockOut = $(".clock");
function bars() {
  const sharp = Math.min(devicePixelRatio || 1, 2), width = histogram.clientWidth, height = histogram.clientHeight;
  histogram.width = width * sharp;
  histogram.height = height * sharp;
  const g = histogram.getContext("2d"), d = days[0], many = Math.max(24, Math.min(144, Math.floor(width / 5)));
  g.scale(sharp, sharp);
  const upto = (series, s) => { const step = Math.floor(s / d.counts.step) - 1; return step < 0 ? 0 : series[Math.min(step, series.length - 1)]; };
  const names = ["near", "pickup", "far"], stacks = [];
  let most = 1;
  for (let k = 0; k < many; k++) {
    const part = names.map((name) => upto(d.counts[name], span * (k + 1) / many) - upto(d.counts[name], span * k / many));
    most = Math.max(most, part[0] + part[1] + part[2]);
    stacks.push(part);
  }
  stacks.forEach((part, k) => {
    let y = height;
    g.globalAlpha = (k + 0.5) * span / many <= now ? 1 : 0.38;
    part.forEach((value, which) => {
      const tall = value / most * (height - 2);
      g.fillStyle = COLOUR[names[which]];
      g.fillRect(k * width / many, y - tall, width / many - 1, tall);
      y -= tall;
    });
  });
}

const speed = $(".speed");
const pace = () => +speed.value;
let lastBars = -1;
function show() {
  const begun = performance.now();
  days.forEach((d) => draw(d, Math.min(now, d.span)));
  const words = clock(now);
  if (clockOut.textContent !== words) {
    clockOut.textContent = words;
    seek.setAttribute("aria-valuetext", words);
  }
  seek.value = now;
  root.dataset.t = now.toFixed(1);
  const cut = Math.round(now / span * 144);
  if (cut !== lastBars) { lastBars = cut; bars(); }
  tell();
  cost += ((performance.now() - begun) - cost) * (cost ? 0.1 : 1);
}
function goTo(s) { now = Math.max(0, Math.min(span, s)); show(); }
function frame() {
  if (!playing) return;
  const at = performance.now();
  now += Math.min(250, at - before) / 1000 * pace();
  before = at;
  if (now >= span) { now = span; pause(); }
  show();
  next();
}
// The next frame of the screen; on a machine too busy to give one, a quarter of a second later all the same.
function next() {
  let gone = false;
  const go = () => { if (!gone) { gone = true; clearTimeout(late); frame(); } };
  const late = setTimeout(go, 250);
  requestAnimationFrame(go);
}
function play() {
  if (playing) return;
  if (now >= span) now = 0;
  playing = true;
  before = performance.now();
  mode();
  next();
}
function pause() { playing = false; mode(); }
function mode() {
  root.classList.toggle("playing", playing);
  $(".play span").textContent = playing ? root.dataset.pause : root.dataset.play;
}
$(".play").addEventListener("click", () => playing ? pause() : play());
seek.max = Math.ceil(span);
seek.addEventListener("input", () => goTo(+seek.value));
speed.addEventListener("change", show);
const step = (by) => {
  speed.selectedIndex = Math.max(0, Math.min(speed.options.length - 1, speed.selectedIndex + by));
  show();
};
root.addEventListener("keydown", (event) => {
  const typing = event.target.matches("select,.find input"), button = event.target.matches("button");
  if (event.ctrlKey || event.metaKey || event.altKey || (typing && event.key !== "Escape")) return;
  const jump = event.shiftKey ? 600 : 60;
  const keys = {ArrowRight: () => goTo(now + jump), ArrowLeft: () => goTo(now - jump), Home: () => goTo(0), End: () => goTo(span), "+": () => step(1), "=": () => step(1), "-": () => step(-1), Escape: () => { pinned = null; show(); }};
  if (!button) keys[" "] = () => playing ? pause() : play();
  if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
});
days.forEach((d) => {
  const under = (event) => { const box = d.canvas.getBoundingClientRect(); return nearest(d, event.clientX - box.left, event.clientY - box.top); };
  d.canvas.addEventListener("pointermove", (event) => { hover = under(event); if (!playing) show(); });
  d.canvas.addEventListener("pointerleave", () => { hover = null; if (!playing) show(); });
  d.canvas.addEventListener("click", (event) => { pinned = under(event); show(); });
});
$(".find").addEventListener("submit", (event) => {
  event.preventDefault();
  const id = parseInt($(".find input").value.replace(/[^0-9]/g, ""), 10), d = days[0], i = d.orders.id.indexOf(id);
  if (i < 0) { pinned = {day: d, say: () => "No order " + b(isNaN(id) ? "?" : grouped(id)) + " is shown.", where: () => null}; show(); return; }
  pinned = ofOrder(d, i);
  const end = d.orders.done[i];
  goTo((end !== NONE && (d.orders.kind[i] & 3) !== 1 ? end : d.orders.placed[i]) * d.tick + 1);
});

// A moment in the address: #t=69300 (seconds after the start) or #t=19:15, with &play to set it going.
function fromHash() {
  const found = /[#&]t=([0-9.]+)(?::([0-9]{2}))?(&play)?/.exec(location.hash);
  if (!found) return false;
  pause();
  goTo(found[2] ? (+found[1] * 60 + +found[2]) * 60 - startHour * 3600 : +found[1]);
  root.scrollIntoView({block: "center"});
  if (found[3]) play();
  return true;
}
addEventListener("hashchange", fromHash);
let width = 0;
new ResizeObserver(() => {
  if (stages.clientWidth === width) return;
  width = stages.clientWidth;
  days.forEach(fit);
  lastBars = -1;
  show();
}).observe(stages);
days.forEach(fit);
mode();
show();
if (document.fonts) document.fonts.ready.then(() => { days.forEach(fit); show(); });
if (!fromHash() && document.querySelector("[data-autoplay]") && !calm) { goTo(Math.max(0, now - 3600)); play(); }
window.__replay = {t: () => now, span, seek: goTo, play, pause, playing: () => playing, counts: () => days.map((d) => d.told), story: () => story.textContent, point: (x, y) => { hover = nearest(days[0], x, y); show(); }, places: () => days[0].at, ms: () => cost};
})();
