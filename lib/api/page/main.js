// Puts the parts together and keeps them true: all is asked for again when the stream of changes
// opens, what a change touches when it comes, and what time alone changes every half minute.
"use strict";

// Since when there is no connection; the zone of who looks; how things were when last heard.
const page = { lost: null, zone: "UTC", verdict: null };

// A failed question is worth a line at most: the next one comes soon, and the stream of changes tells
// when there is no connection.
function attempt(promise) {
  return promise?.catch((error) => {
    if (error instanceof Refused && error.status !== 401) say(byId("found"), error.message);
    if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
  });
}

// Calls `act` soon after the first of many calls, and never more often than each `interval`.
function seldom(act, interval) {
  let timer = null;
  let last = 0;
  return () => {
    timer ??= setTimeout(() => {
      timer = null;
      last = Date.now();
      act();
    }, Math.max(50, last + interval - Date.now()));
  };
}

async function loadStats() {
  const [stats, ready] = await Promise.all([
    connection.ask("/v1/stats"), connection.ask("/readyz", {}, { also: [503] })]);
  showCounts(countsOf(stats));
  showVerdict(stats, ready);
  showHealth(stats, ready);
}

function showVerdict(stats, ready) {
  const { overdue, set } = countsOf(stats);
  const down = ready.status !== "ready";
  const known = `${plural(set, "code is", "codes are")} set`;
  page.verdict = down
    ? "oracoded cannot take news at the moment: see below."
    : overdue > 0
      ? `${plural(overdue, "code is", "codes are")} overdue; ${known}.`
      : `All is well: no news is overdue, ${known}.`;
  say(byId("verdict"), page.verdict);
  byId("verdict").className = down || overdue > 0 ? "bad" : "good";
  document.title = `${overdue > 0 ? `(${overdue} overdue) ` : ""}Access codes · oracoded`;
}

const loadCounts = seldom(() => {
  attempt(loadStats());
  attempt(codesView.loadOverdue());
}, 2000);

const touched = new Set();
const loadTouched = seldom(() => {
  for (const id of touched) {
    attempt(codesView.refresh(id));
    attempt(detail.refresh(id));
  }
  touched.clear();
}, 500);

function connected() {
  page.lost = null;
  showLink();
  loadCounts();
  attempt(codesView.load());
  attempt(detail.load());
}

function changed(change) {
  touched.add(change.access_code_id);
  loadTouched();
  loadCounts();
  // A code that has not been seen yet belongs on a page too.
  if (change.from === null) loadPage();
}
const loadPage = seldom(() => attempt(codesView.load()), 5000);

function lost() {
  page.lost ??= Date.now();
  if (page.verdict) say(byId("verdict"), `When last heard: ${page.verdict}`);
  byId("verdict").className = "";
  showLink();
}

function showLink() {
  const link = byId("link");
  const down = page.lost !== null;
  link.dataset.state = down ? "lost" : "live";
  say(link, down ? "Not connected" : "Live");
  document.body.classList.toggle("stale", down);
  byId("lost").hidden = !down;
  // Said once, and not every second again.
  say(byId("lost"), down
    ? `No connection to oracoded since ${clock(page.lost, page.zone, { seconds: true })}. What you see may be out of date; trying again.`
    : "");
}

function askForToken({ refused }) {
  const dialog = byId("sign-in");
  say(byId("sign-in-why"), refused
    ? "This token is not accepted. Another one?"
    : "This daemon tells only those who have a token. One that may read is enough.");
  if (!dialog.open) dialog.showModal();
}

function start() {
  page.zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  connection.onSignIn = askForToken;
  const changes = new Changes({ onOpen: connected, onChange: changed, onLost: lost });
  byId("token-form").addEventListener("submit", () => {
    connection.token = byId("token").value.trim();
    byId("token").value = "";
    byId("sign-out").hidden = false;
    changes.hurry?.();
  });
  byId("sign-out").hidden = !connection.token;
  byId("sign-out").addEventListener("click", () => {
    connection.token = null;
    location.reload();
  });
  codesView.start();
  detail.start();
  changes.start();
  setInterval(() => {
    codesView.tick();
    if (page.lost === null) loadCounts();
  }, 30_000);
}

start();
