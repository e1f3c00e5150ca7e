// One code: what it means for its guest, its life on a time line, every step. Opened by the
// address (#/codes/ID), so that it can be linked to and the way back is the browser's.
"use strict";

const detailHash = (id) => `#/codes/${encodeURIComponent(id)}`;

const sourceWords = {
  webhook: "told by Seam", poll: "Seam was asked", backfill: "fetched afterwards from Seam’s events",
  create: "created through oracoded", track: "tracked on request", clock: "by the clock",
};

// Every transition; the one with which the code ended is called by how it ended.
function steps(code, transitions, zone) {
  const entries = [...transitions];
  // A code that ended before it was set changed no status by that.
  if (code.ended && entries.at(-1)?.at !== code.ended.at) {
    const { at } = code.ended;
    entries.push({ from: "unset", to: "unset", at, recorded_at: at, source: code.status_source });
  }
  return element("ol", { class: "steps" }, ...entries.map(({ from, to, at, recorded_at, source }) => {
    const last = code.ended?.at === at && to === "unset";
    const kind = last ? "ended" : to;
    const word = last ? endedWords[code.ended.reason] : statusWords[to];
    const lag = instant(recorded_at) - instant(at);
    const late = source === "webhook" && lag > 10_000 ? `, heard ${span(lag)} later` : "";
    return element("li", {},
      element("span", { class: `badge ${kind}` }, glyph(kind), from === null ? `First heard of: ${word.toLowerCase()}` : word),
      element("time", { datetime: at }, when(at, zone, { seconds: true })),
      element("span", { class: "quiet" }, (sourceWords[source] ?? source) + late));
  }));
}

function fact(word, value) {
  return value === null || value === undefined ? null
    : element("div", {}, element("dt", {}, word), element("dd", {}, value));
}

// Seam's errors and warnings, in Seam's words.
function notes(code) {
  const entries = [...code.errors, ...code.warnings];
  if (entries.length === 0) return null;
  return element("ul", { class: "notes" }, ...entries.map((note) =>
    element("li", {}, element("strong", {}, note.error_code ?? note.warning_code ?? "note"), " ", note.message ?? "")));
}

const detail = {
  id: null,
  opener: null,

  start() {
    window.addEventListener("hashchange", () => this.follow());
    const dialog = byId("detail");
    dialog.addEventListener("close", () => {
      if (this.id === null) return;
      this.id = null;
      history.replaceState(null, "", location.pathname + location.search);
      this.opener?.isConnected ? this.opener.focus() : byId("search").focus();
    });
    dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
    this.follow();
  },

  follow() {
    const match = /^#\/codes\/([^/]+)$/.exec(location.hash);
    if (!match) {
      if (byId("detail").open) byId("detail").close();
      return;
    }
    try {
      this.id = decodeURIComponent(match[1]);
    } catch {
      return;
    }
    this.opener = document.activeElement;
    if (!byId("detail").open) byId("detail").showModal();
    this.show(this.frame(element("p", { class: "quiet" }, "Asking …"), this.id));
    attempt(this.load());
  },

  async load() {
    const { id } = this;
    if (id === null) return;
    const path = `/v1/access_codes/${encodeURIComponent(id)}`;
    try {
      const [code, { transitions }] = await Promise.all([connection.ask(path), connection.ask(`${path}/history`)]);
      await locks.learn([code]);
      if (id === this.id) this.show(this.content(code, transitions));
    } catch (error) {
      if (error instanceof Refused && error.status === 404 && id === this.id) {
        this.show(this.frame(element("p", {}, "oracoded does not know this code."), id));
      } else {
        throw error;
      }
    }
  },

  refresh(id) {
    return id === this.id ? this.load() : undefined;
  },

  // Replaces what is shown, and leaves the focus on its only button.
  show(content) {
    byId("detail").replaceChildren(content);
    byId("detail").querySelector(".close").focus({ preventScroll: true });
  },

  frame(content, title) {
    const close = element("button", { type: "button", class: "close", "aria-label": "Close" }, glyph("ended"));
    close.addEventListener("click", () => byId("detail").close());
    return element("article", {},
      element("header", {}, element("h2", { id: "detail-title" }, title), close), content);
  },

  content(code, transitions) {
    const zone = locks.zoneOf(code.device_id);
    const own = locks.zoneKnown(code.device_id);
    const sure = own ? `Times of the lock: ${zone} (${zoneWord(zone)})`
      : "Times in UTC: the lock’s zone is not known here.";
    const at = (text) => (text ? `${when(text, zone)} (${ago(text)})` : null);
    return this.frame(element("div", {},
      element("p", { class: "verdict" }, badge(code), element("strong", {}, outlook(code, zone))),
      notes(code),
      element("h3", {}, "Time line"),
      drawTimeline(code, transitions, zone),
      element("p", { class: "quiet zone" }, sure),
      steps(code, transitions, zone),
      element("h3", {}, "Facts"),
      element("dl", {},
        fact("Lock", locks.nameOf(code.device_id)),
        fact("Window", windowWords(code, zone)),
        fact("Next step expected", at(code.expected_by)),
        fact("Seam was last asked", at(code.last_polled_at)),
        fact("Seam will be asked", code.tracked ? at(code.next_poll_at) : "Not any more: untracked"),
        fact("Last learned something", at(code.updated_at)),
        fact("Code id", element("code", {}, code.access_code_id)),
        fact("Lock id", code.device_id ? element("code", {}, code.device_id) : null))),
      code.name ?? "No name yet");
  },
};
