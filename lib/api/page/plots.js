// How the daemon itself is doing: its checks, how late deliveries come, how asking Seam goes.
"use strict";

// Of what is checked the things that people can picture; others are named only when they fail.
const checkWords = {
  store: "Events are stored safely", listener: "Webhooks from Seam are taken", seam: "Seam answers when asked",
  backfill: "Missed events are fetched", disk: "The disk has space", certificate: "The certificate is good",
};

function countsOf({ access_codes }) {
  return { ...access_codes.by_status, overdue: access_codes.overdue, ended: access_codes.ended };
}

// Sixty bars, one for each minute, the last one now. `bars`: [{height: 0…1, bad, title}]; null: nothing then.
function bars(label, drawn) {
  return element("div", {},
    element("div", { class: "plot", role: "img", "aria-label": label },
      ...drawn.map((bar) => {
        const made = element("span", { class: bar === null ? "none" : bar.bad ? "bad" : null, title: bar?.title });
        if (bar) made.style.height = `${Math.max(4, bar.height * 100)}%`;
        return made;
      })),
    element("div", { class: "scale quiet", "aria-hidden": "true" }, element("span", {}, "an hour ago"), element("span", {}, "now")));
}

// The given minutes as the sixty up to now; null where there is none.
function lastHour(minutes, now) {
  const byMinute = new Map(minutes.map((minute) => [Math.floor(instant(minute.at) / 60_000), minute]));
  const last = Math.floor(now / 60_000);
  return Array.from({ length: 60 }, (_, index) => byMinute.get(last - 59 + index) ?? null);
}

// From a tenth of a second to an hour, each power of ten as high as the other.
const heightOf = (ms) => Math.min(1, Math.max(0, Math.log10(Math.max(ms, 100) / 100) / Math.log10(36_000)));

const lateAfter = 5 * 60_000;

function lagPlot({ deliveries }, now) {
  const { lag_last_hour: hour, last_at } = deliveries;
  const words = hour.count === 0
    ? "No delivery in the last hour."
    : `${plural(hour.count, "delivery", "deliveries")} in the last hour: half came within ${span(hour.p50_ms)}, the slowest took ${span(hour.max_ms)}.`;
  return element("section", { "aria-labelledby": "lag-title" },
    element("h3", { id: "lag-title" }, "How late webhooks come"),
    element("p", {}, words),
    bars(`Delay of deliveries by minute. ${words}`, lastHour(deliveries.lag_by_minute, now).map((minute) =>
      minute && minute.count > 0 ? {
        height: heightOf(minute.p95_ms), bad: minute.p95_ms > lateAfter,
        title: `${clock(minute.at, page.zone)}: ${plural(minute.count, "delivery", "deliveries")}, 95 % within ${span(minute.p95_ms)}`,
      } : null)),
    element("p", { class: "quiet" }, last_at ? `The last one came ${ago(last_at, now)}.` : "None has come yet."));
}

function pollPlot({ polling }, now) {
  const minutes = lastHour(polling.by_minute, now);
  const sum = (what) => polling.by_minute.reduce((total, minute) => total + minute[what], 0);
  const most = Math.max(1, ...polling.by_minute.map(({ answered, failed }) => answered + failed));
  const failed = sum("failed");
  const words = !polling.enabled
    ? "Seam is not asked: there is no API key."
    : polling.trouble
      ? `Trouble: ${polling.trouble}.`
      : `${plural(sum("answered"), "answer", "answers")} in the last hour${failed > 0 ? `, ${plural(failed, "failure", "failures")}` : ""}.`;
  return element("section", { "aria-labelledby": "poll-title" },
    element("h3", { id: "poll-title" }, "Asking Seam"),
    element("p", { class: polling.trouble ? "bad" : null }, words),
    bars(`Requests to Seam by minute. ${words}`, minutes.map((minute) => minute ? {
      height: (minute.answered + minute.failed) / most, bad: minute.failed > 0,
      title: `${clock(minute.at, page.zone)}: ${number(minute.answered)} answered, ${number(minute.failed)} failed`,
    } : null)),
    element("p", { class: "quiet" }, polling.last_success_at ? `Seam last answered ${ago(polling.last_success_at, now)}.` : "Seam has not answered yet."));
}

function checkList({ checks }) {
  // Without a key nobody asks Seam, and nothing is fetched.
  const idle = checks.seam?.asked === false ? ["seam", "backfill"] : [];
  const shown = ([name, { ok }]) => !ok || (checkWords[name] && !idle.includes(name));
  return element("section", { "aria-labelledby": "checks-title" },
    element("h3", { id: "checks-title" }, "Checks"),
    element("ul", { class: "checks" }, ...Object.entries(checks).filter(shown).map(([name, { ok, why }]) =>
      element("li", { class: ok ? null : "bad" }, glyph(ok ? "set" : "overdue"),
        element("span", {}, checkWords[name] ?? name, ok ? null : `: ${why ?? "no"}`)))));
}

function showHealth(stats, ready) {
  const now = instant(stats.now);
  byId("health").replaceChildren(checkList(ready), lagPlot(stats, now), pollPlot(stats, now));
}
