// One sentence on how things are. "All is well" needs knowledge: what is not known is said first.
"use strict";

// What is wrong, the worst first: [sentence, …].
function troubles({ counts, ready, stats }) {
  const found = [];
  const say = (count, one, many) => count > 0 && found.push(`${plural(count, one, many)}.`);
  if (ready.status !== "ready") found.push("oracoded cannot take deliveries at the moment: see below.");
  say(arrivals.group("stranded").length, "guest is in the house and the PIN does not work", "guests are in the house and their PINs do not work");
  say(arrivals.group("endangered").length, "guest arrives within 24 hours and is not in order", "guests arrive within 24 hours and are not in order");
  for (const { kind } of alerts.ofDaemon()) found.push(`${alertWords[kind] ?? kind}: see the alerts.`);
  say(alerts.ofOthers().length, "code is in trouble long before its start", "codes are in trouble long before their start");
  say(counts.overdue, "code is overdue", "codes are overdue");
  const { trouble } = stats.polling;
  if (trouble && alerts.ofDaemon().length === 0) found.push(`Trouble with Seam: ${trouble}.`);
  return found;
}

// What is not known.
function doubts({ counts, ready, stats }) {
  const found = [];
  const { seam, backfill } = ready.checks;
  if (!stats.polling.enabled) found.push("Seam is not asked: there is no API key.");
  else if (!stats.polling.last_success_at) found.push("Seam has not answered yet.");
  else if (seam?.ok === false && !stats.polling.trouble) found.push(`${seam.why}.`);
  if (stats.polling.enabled && backfill?.ok === false) found.push(`Not up to date: ${backfill.why}.`);
  if (!stats.deliveries.last_at) found.push(`No delivery has come since oracoded started, ${ago(stats.started_at, new Date(stats.now))}.`);
  if (counts.unknown > 0) found.push(`Where ${plural(counts.unknown, "code stands", "codes stand")} is not known.`);
  return found;
}

// At most: the rest stands below.
const sentences = 3;

// {text, tone: bad | doubtful | good}
function verdictOn(seen) {
  const bad = troubles(seen);
  const unsure = doubts(seen);
  const known = `${plural(seen.counts.set, "code is", "codes are")} set.`;
  if (bad.length > 0) return { text: [...bad, ...unsure].slice(0, sentences).join(" "), tone: "bad" };
  if (unsure.length > 0) return { text: [...unsure, known].join(" "), tone: "doubtful" };
  return { text: `All is well: every guest in the house or arriving within 24 hours is in order, ${known}`, tone: "good" };
}
