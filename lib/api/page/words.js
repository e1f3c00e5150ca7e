// Elements, words and times. Whatever comes from outside becomes a text node, never markup.
"use strict";

// element("p", {class: "quiet", hidden: true}, "text", child, null): attributes, then children.
function element(tag, attributes = {}, ...children) {
  const made = tag === "svg" || tag === "path" || tag === "circle" || tag === "rect" || tag === "title"
    ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const byId = (id) => document.getElementById(id);

// Writes only what differs: a screen reader says again whatever is written again.
function say(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

// What a status looks like: beside its colour a shape, for those who do not see the colour.
const shapes = {
  set: "M2.5 8.5 6.5 12.5 13.5 4",
  setting: "M8 2.5a5.5 5.5 0 1 1-5.5 5.5",
  unset: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 1 1 0-11",
  removing: "M3 8h10",
  unknown: "M5.5 5.8C5.6 2 10.6 2.2 10.5 5.6 10.4 7.6 8 7.6 8 10M8 12.7v.6",
  overdue: "M8 2.5V9M8 12.5v.6",
  ended: "M4 4l8 8M12 4l-8 8",
};

function glyph(kind) {
  return element("svg", { class: "glyph", viewBox: "0 0 16 16", "aria-hidden": "true" },
    element("path", { d: shapes[kind] ?? shapes.unknown }));
}

const statusWords = {
  set: "Set", setting: "Being set", unset: "Not set yet", removing: "Being removed", unknown: "Unknown",
};
const endedWords = { removed: "Removed", deleted: "Deleted", expired: "Expired" };

// Which of the shapes and colours a code gets.
function kindOf(code) {
  if (code.ended) return "ended";
  return code.overdue ? "overdue" : code.status;
}

function badge(code) {
  const word = code.ended ? endedWords[code.ended.reason] ?? "Ended" : statusWords[code.status] ?? code.status;
  const kind = kindOf(code);
  return element("span", { class: `badge ${kind}` }, glyph(kind), kind === "overdue" ? `${word}, overdue` : word);
}

const plural = (count, one, many) => `${number(count)} ${count === 1 ? one : many}`;
const number = (count) => Number(count).toLocaleString(navigator.languages);

// ---- Times. Every one is shown in the zone of a lock, or else in UTC, and says in which; as the
// reader's own language writes it.

const formats = new Map();

function format(zone, options, locale = navigator.languages) {
  const key = `${zone} ${locale} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale, { timeZone: zone, ...options }));
  return formats.get(key);
}

// The zone's name if this browser knows it.
function knownZone(name) {
  try {
    return name && new Intl.DateTimeFormat("en", { timeZone: name }) ? name : null;
  } catch {
    return null;
  }
}

const thisYear = (at, zone) =>
  format(zone, { year: "numeric" }).format(at) === format(zone, { year: "numeric" }).format(new Date());

const clockParts = (seconds) => ({ hour: "2-digit", minute: "2-digit", ...(seconds ? { second: "2-digit" } : {}) });

// "Fri, Mar 5, 03:00 PM" or "Fr., 5. März, 15:00", with the year where it is another, and seconds
// where they matter.
function when(text, zone, { seconds = false } = {}) {
  const at = new Date(text);
  return format(zone, {
    weekday: "short", day: "numeric", month: "short", ...(thisYear(at, zone) ? {} : { year: "numeric" }), ...clockParts(seconds),
  }).format(at);
}

const clock = (at, zone, { seconds = false } = {}) => format(zone, clockParts(seconds)).format(new Date(at));

// "GMT+1" for Berlin in March, "UTC" for UTC.
function zoneWord(zone, at = new Date()) {
  if (zone === "UTC") return "UTC";
  const part = format(zone, { timeZoneName: "short" }).formatToParts(new Date(at))
    .find(({ type }) => type === "timeZoneName");
  return part ? part.value : zone;
}

// Milliseconds that the wall clock of `zone` is ahead of UTC at `at`.
function offsetOf(at, zone) {
  const parts = Object.fromEntries(
    format(zone, {
      year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
      hourCycle: "h23",
    }, "en-GB").formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const wall = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
  return wall - Math.floor(at / 1000) * 1000;
}

// 90 s → "1 min", for people: one unit, rounded down.
function span(ms) {
  const seconds = Math.abs(ms) / 1000;
  if (seconds < 1) return `${Math.round(Math.abs(ms))} ms`;
  if (seconds < 10) return `${seconds.toFixed(1).replace(/\.0$/, "")} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} days`;
}

function ago(text, now = Date.now()) {
  const ms = now - new Date(text);
  if (Math.abs(ms) < 5000) return "just now";
  return ms > 0 ? `${span(ms)} ago` : `in ${span(ms)}`;
}

// What a code means for its guest, in one sentence.
function outlook(code, zone, now = Date.now()) {
  const at = (text) => when(text, zone);
  const begun = code.starts_at && new Date(code.starts_at) <= now;
  if (code.ended) return `${endedWords[code.ended.reason] ?? "Ended"} ${at(code.ended.at)}`;
  if (code.ready) return `Opens the door until ${at(code.ends_at)}`;
  if (code.ends_at && new Date(code.ends_at) <= now) return `Its window ended ${at(code.ends_at)}`;
  const wrong = whatIsWrong(code);
  if (begun) return `In the house since ${at(code.starts_at)}: ${wrong}`;
  if (code.starts_at && wrong === "") return `Will open the door from ${at(code.starts_at)}`;
  if (code.starts_at && (code.in_order === false || code.errors.length > 0)) return `Arrives ${at(code.starts_at)}: ${wrong}`;
  if (code.status === "set") return "Set, but its window is not known yet";
  if (code.expected_by && !code.overdue) return `Next step expected ${at(code.expected_by)}`;
  return wrong || "Waiting for Seam";
}

// That Seam should have spoken of it by now; null where it need not have.
function lateness(code, zone, now = Date.now()) {
  if (!code.overdue || !code.expected_by) return null;
  return `An event from Seam was due ${when(code.expected_by, zone)}, ${ago(code.expected_by, now)}`;
}
