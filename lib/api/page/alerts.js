// What a person has to look after: alerts about the daemon, and about codes that do not stand among
// the arrivals already.
"use strict";

const alertsAsked = 100;
const codeAlertsShown = 10;

const alertWords = {
  not_in_order: "Not in order", failed: "Seam reports an error", seam_unreachable: "Seam does not answer",
  seam_key: "The API key is refused", codes_missing: "Codes are missing at Seam", webhooks_failing: "Deliveries fail",
  clock: "The clock is wrong", disk: "The disk", certificate: "A certificate",
};

// The daemon's sentences have instants in UTC; here they are the reader's.
const withLocalTimes = (text) =>
  text.replace(/(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:[\d.]+)?(Z| UTC)/g, (_, day, time) => when(`${day}T${time}Z`, page.zone));

// That a target of notifications does not take this one; null where it has, or was not tried yet.
function undelivered({ target, state, attempts, last_error }) {
  if (state === "delivered" || (state === "pending" && attempts === 0)) return null;
  const word = state === "failed" ? `${target} was not notified` : `${target} is not notified yet`;
  return element("span", { class: "since" }, ` ${word}${last_error ? `: ${last_error}` : ""}.`);
}

const alerts = {
  loaded: false,
  open: [],
  more: false,
  codes: new Map(), // of those shown: id → code, null where it could not be had
  asked: 0,

  async load() {
    const turn = ++this.asked;
    const answer = await connection.ask("/v1/alerts", { open: "true", limit: alertsAsked });
    if (turn !== this.asked) return;
    this.open = answer.alerts;
    this.more = answer.next_cursor !== null;
    this.loaded = true;
    await this.learn();
    if (turn === this.asked) this.show();
  },

  ofDaemon() {
    return this.open.filter(({ access_code_id }) => access_code_id === null);
  },

  // Those that no line of the arrivals shows.
  ofOthers() {
    return this.open.filter(({ access_code_id }) => access_code_id !== null && !arrivals.has(access_code_id));
  },

  async learn() {
    const shown = this.ofOthers().slice(0, codeAlertsShown).map(({ access_code_id }) => access_code_id);
    const found = await Promise.all(shown.map((id) =>
      connection.ask(`/v1/access_codes/${encodeURIComponent(id)}`).catch(() => null)));
    this.codes = new Map(shown.map((id, index) => [id, found[index]]));
    await locks.learn(found.filter(Boolean));
  },

  line({ kind, access_code_id, opened_at, detail, deliveries }) {
    const code = this.codes.get(access_code_id);
    const what = access_code_id === null
      ? element("strong", {}, alertWords[kind] ?? kind.replaceAll("_", " "))
      : element("a", { href: address.hash({ code: access_code_id }) }, code?.name ?? access_code_id);
    const words = code?.errors.length > 0 ? code.errors.map(meaning).join(" ") : withLocalTimes(detail);
    const since = element("span", { class: "since" }, `Since ${when(opened_at, page.zone)}, ${ago(opened_at)}.`);
    return element("li", {}, glyph("overdue"),
      element("span", {}, what, ": ", words, " ", since, ...deliveries.map(undelivered).filter(Boolean)));
  },

  show() {
    if (!this.loaded) return;
    const others = this.ofOthers();
    const shown = [...this.ofDaemon(), ...others.slice(0, codeAlertsShown)];
    byId("alerts").hidden = shown.length === 0 || searching();
    byId("alerts-list").replaceChildren(...shown.map((alert) => this.line(alert)));
    const left = others.length - codeAlertsShown;
    say(byId("alerts-more"), left > 0 || this.more ? `${this.more ? "More" : number(left) + " more"}: oracodectl alerts lists all.` : "");
  },
};
