// A code's life as a drawing: its window above, its status below, now as a line through both.
"use strict";

const hour = 3_600_000;
const tickSteps = [hour / 4, hour, 3 * hour, 6 * hour, 12 * hour, 24 * hour, 48 * hour, 168 * hour, 336 * hour, 720 * hour];

const instant = (text) => (text ? new Date(text).getTime() : null);

// From the first thing known of a code to the last, with some air on both sides.
function rangeOf(code, transitions, now) {
  const moments = [
    instant(code.created_at), instant(code.starts_at), instant(code.ends_at), instant(code.expected_by),
    instant(code.ended?.at), ...transitions.map(({ at }) => instant(at)), code.ended ? null : now,
  ].filter((at) => at !== null);
  const first = Math.min(...moments);
  const length = Math.max(Math.max(...moments) - first, hour);
  return { from: first - length * 0.03, to: first + length * 1.03 };
}

// Where each status begins and ends.
function stretches(code, transitions, now) {
  const end = instant(code.ended?.at) ?? now;
  return transitions.map(({ to, at }, index) => ({
    status: to,
    from: instant(at),
    to: Math.max(instant(at), index + 1 < transitions.length ? instant(transitions[index + 1].at) : end),
  })).filter(({ from, to }) => to > from);
}

// Round local times, at most seven of them.
function ticks({ from, to }, zone) {
  const step = tickSteps.find((size) => (to - from) / size <= 7) ?? (to - from) / 6;
  const found = [];
  // Counted on the lock's wall clock, so that days begin at its midnight on both sides of a change
  // of clocks.
  const first = Math.ceil((from + offsetOf(from, zone)) / step) * step;
  for (let wall = first; found.length < 9; wall += step) {
    const at = wall - offsetOf(wall - offsetOf(wall, zone), zone);
    if (at > to) break;
    const words = step < 24 * hour && wall % (24 * hour) !== 0
      ? clock(at, zone)
      : format(zone, { day: "numeric", month: "short" }).format(at);
    found.push({ at, words });
  }
  return found;
}

function drawTimeline(code, transitions, zone, now = Date.now()) {
  const range = rangeOf(code, transitions, now);
  const percent = (at) => Math.min(100, Math.max(0, ((at - range.from) / (range.to - range.from)) * 100));
  const place = (made, from, to) => {
    made.style.insetInlineStart = `${percent(from)}%`;
    if (to !== undefined) made.style.width = `max(3px, ${percent(to) - percent(from)}%)`;
    return made;
  };

  const windowLane = element("div", { class: "lane window" });
  if (code.starts_at || code.ends_at) {
    windowLane.append(place(element("span", { class: "band" }, element("i", {}, "Window")),
      instant(code.starts_at) ?? range.from, instant(code.ends_at) ?? range.to));
  }
  const statusLane = element("div", { class: "lane status" });
  for (const { status, from, to } of stretches(code, transitions, now)) {
    statusLane.append(place(element("span", { class: `band ${status}` }, element("i", {}, statusWords[status])), from, to));
  }
  if (code.ended) statusLane.append(place(element("span", { class: "end" }, glyph("ended")), instant(code.ended.at)));
  const lanes = element("div", { class: "lanes" },
    ...ticks(range, zone).map(({ at, words }) => place(element("span", { class: "tick" }, element("i", {}, words)), at)),
    windowLane, statusLane);
  if (now > range.from && now < range.to) lanes.append(place(element("span", { class: "now" }, element("i", {}, "now")), now));

  lanes.setAttribute("role", "img");
  lanes.setAttribute("aria-label", timelineWords(code, transitions, zone));
  return element("figure", { class: "timeline" }, lanes);
}

// Labels are whole or not there: at the right edge one stands before its line, and one that would
// touch the one before it, or is longer than its band, is left out. Needs the drawing to be laid out.
function fitLabels(lanes) {
  const edge = lanes.getBoundingClientRect();
  const taken = { tick: -Infinity };
  for (const label of lanes.querySelectorAll(".tick i, .now i")) {
    const inLine = label.parentElement.classList;
    inLine.remove("before");
    label.hidden = false;
    if (label.getBoundingClientRect().right > edge.right) inLine.add("before");
    if (!inLine.contains("tick")) continue;
    const { left, right } = label.getBoundingClientRect();
    label.hidden = left < taken.tick + 6 || left < edge.left;
    if (!label.hidden) taken.tick = right;
  }
  for (const band of lanes.querySelectorAll(".band i")) {
    band.hidden = false;
    band.hidden = band.parentElement.scrollWidth > band.parentElement.clientWidth;
  }
}

window.addEventListener("resize", () => document.querySelectorAll(".lanes").forEach(fitLabels));

// The drawing for those who do not see it; the steps below tell the rest.
function timelineWords(code, transitions, zone) {
  const window = code.starts_at && code.ends_at
    ? `Window from ${when(code.starts_at, zone)} to ${when(code.ends_at, zone)}. ` : "Window not known. ";
  const path = transitions.map(({ to }) => statusWords[to].toLowerCase()).join(", then ");
  const end = code.ended ? `, then ${endedWords[code.ended.reason].toLowerCase()}` : "";
  return `Time line. ${window}Status: ${path || "nothing known"}${end}.`;
}
