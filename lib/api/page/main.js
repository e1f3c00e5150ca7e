// Puts the parts together and keeps them true: all is asked for again when the stream of changes
// opens, what a change touches when it comes, and what time alone changes every half minute.
"use strict";

// Since when there is no connection; the zone of who looks; how things were when last heard.
const page = { lost: null, zone: "UTC", verdict: null };

// A failed question is worth a line at most: the next one comes soon, and the stream of changes says
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

async function loadOverview() {
  const [stats, ready] = await Promise.all([
    connection.ask("/v1/stats"), connection.ask("/readyz", {}, { also: [503] }), arrivals.load()]);
  await alerts.load(); // it leaves out whom the arrivals show
  showCounts(countsOf(stats));
  showVerdict(stats, ready);
  showHealth(stats, ready);
}

function showVerdict(stats, ready) {
  const { text, tone } = verdictOn({ counts: countsOf(stats), ready, stats });
  page.verdict = text;
  say(byId("verdict"), text);
  byId("verdict").className = tone;
  const wrong = arrivals.group("stranded").length + arrivals.group("endangered").length;
  document.title = `${wrong > 0 ? `(${wrong} not in order) ` : ""}Access codes · oracoded`;
}

const loadCounts = seldom(() => attempt(loadOverview()), 2000);

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
  attempt(learnSession());
  loadCounts();
  attempt(codesView.load());
  attempt(detail.load());
}

async function learnSession() {
  await connection.learnSession();
  byId("sign-out").hidden = connection.session.signed_in_until === null;
  attempt(detail.load()); // now that it is known whether Seam may be asked
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

const signInWords = "This daemon answers only those who have a token. One that may read is enough.";

function askForToken(why = signInWords) {
  const dialog = byId("sign-in");
  say(byId("sign-in-why"), why);
  if (!dialog.open) dialog.showModal();
}

async function signIn(changes) {
  try {
    await connection.signIn(byId("token").value.trim(), byId("stay").checked);
  } catch (error) {
    const refused = error instanceof Refused && error.status === 401;
    return askForToken(refused ? "This token is not accepted. Another one?" : `That did not work: ${error.message}`);
  }
  byId("token").value = "";
  byId("sign-in").close();
  changes.hurry?.();
}

async function signOut() {
  await connection.signOut();
  location.reload();
}

function start() {
  page.zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  connection.onSignIn = () => byId("sign-in").open || askForToken();
  const changes = new Changes({ onOpen: connected, onChange: changed, onLost: lost });
  byId("token-form").addEventListener("submit", (event) => {
    event.preventDefault();
    signIn(changes);
  });
  byId("sign-out").addEventListener("click", () => attempt(signOut()));
  address.start();
  arrivals.start();
  codesView.start();
  detail.start();
  changes.start();
  setInterval(() => {
    codesView.tick();
    if (!document.hidden) arrivals.show();
    if (page.lost === null) loadCounts();
  }, 30_000);
}

start();
