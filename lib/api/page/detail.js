// One code: what it means for its guest, what to do next, its life on a time line, every step. Opened
// by the address.
"use strict";

const sourceWords = {
  webhook: "webhook from Seam", poll: "Seam was asked", backfill: "fetched afterwards from Seam’s events",
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

// Seam's errors and warnings: what they mean, and Seam's words.
function notes(code) {
  const entries = [...code.errors, ...code.warnings];
  if (entries.length === 0) return null;
  return element("ul", { class: "notes" }, ...entries.map((note) => {
    const words = [codeOf(note), note.message].filter(Boolean).join(": ");
    const what = meaning(note);
    return element("li", {}, element("strong", {}, what), words && words !== what ? element("span", { class: "said" }, `Seam says ${words}`) : null);
  }));
}

const neighboursShown = 5;

// Other codes of the lock that have not ended: perhaps one of them is what the guest holds.
function neighbours(code, others, more) {
  if (!code.device_id) return null;
  const zone = locks.zoneOf(code.device_id);
  const lines = others.map((other) => element("li", {}, badge(other), " ",
    element("a", { href: address.hash({ code: other.access_code_id }) }, other.name ?? "No name yet"), " ",
    element("span", { class: "quiet" }, windowWords(other, zone))));
  return element("section", { class: "neighbours" },
    element("h3", {}, `Other codes of ${locks.nameOf(code.device_id)}`),
    lines.length > 0 ? element("ul", {}, ...lines) : element("p", { class: "quiet" }, "None that has not ended."),
    more ? element("p", {}, element("a", { href: address.hash({ code: null, show: null, search: code.device_id }) }, "All codes of this lock")) : null);
}

const detail = {
  id: null,
  opener: null,
  asked: null, // what came of asking Seam about this code

  start() {
    address.listeners.push(() => this.follow());
    const dialog = byId("detail");
    dialog.addEventListener("close", () => {
      if (this.id === null) return;
      this.id = null;
      address.go({ code: null }, { replace: true });
      this.opener?.isConnected ? this.opener.focus() : byId("search").focus();
    });
    dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
    this.follow();
  },

  follow() {
    if (address.code === this.id) return;
    if (address.code === null) {
      this.id = null;
      if (byId("detail").open) byId("detail").close();
      this.opener?.isConnected && this.opener.focus();
      return;
    }
    this.id = address.code;
    this.asked = null;
    if (!byId("detail").open) {
      this.opener = document.activeElement;
      byId("detail").showModal();
    }
    this.show(this.frame(element("p", { class: "quiet" }, "Asking …"), this.id));
    attempt(this.load());
  },

  async load() {
    const { id } = this;
    if (id === null) return;
    const path = `/v1/access_codes/${encodeURIComponent(id)}`;
    try {
      const [code, { transitions }] = await Promise.all([connection.ask(path), connection.ask(`${path}/history`)]);
      const [others] = await Promise.all([this.others(code), locks.learn([code])]);
      if (id === this.id) this.show(this.content(code, transitions, others));
    } catch (error) {
      if (error instanceof Refused && error.status === 404 && id === this.id) {
        this.show(this.frame(element("p", {}, "oracoded does not know this code."), id));
      } else {
        throw error;
      }
    }
  },

  // Those of its lock, without it.
  async others({ access_code_id, device_id }) {
    if (!device_id) return { codes: [], more: false };
    const { access_codes, next_cursor } = await connection.ask("/v1/access_codes",
      { device_id, ended: "false", limit: neighboursShown + 1 });
    const codes = access_codes.filter((other) => other.access_code_id !== access_code_id);
    return { codes: codes.slice(0, neighboursShown), more: next_cursor !== null || codes.length > neighboursShown };
  },

  // Has the daemon ask Seam, and shows what came of it.
  async askSeam() {
    const { id } = this;
    this.asked = "Asking Seam …";
    say(byId("asked"), this.asked);
    try {
      await connection.ask(`/v1/access_codes/${encodeURIComponent(id)}/refresh`, {}, { method: "POST" });
      this.asked = `Seam answered at ${clock(Date.now(), page.zone, { seconds: true })}; this is what it knows.`;
    } catch (error) {
      this.asked = `That did not work: ${error.message}`;
    }
    if (id === this.id) await this.load();
  },

  // What to do, and the button for it where the caller may write.
  next(code) {
    const button = connection.mayWrite ? element("button", { type: "button", class: "strong ask" }, "Ask Seam now") : null;
    button?.addEventListener("click", () => attempt(this.askSeam()));
    return element("section", { class: "next" },
      element("h3", {}, "What to do next"),
      element("ul", {}, ...nextSteps(code).map((step) => element("li", {}, step))),
      element("p", { class: "actions" }, button, " ", element("span", { id: "asked", class: "quiet", role: "status" }, this.asked ?? "")));
  },

  refresh(id) {
    return id === this.id ? this.load() : undefined;
  },

  // Replaces what is shown, and leaves the focus where it was.
  show(content) {
    const dialog = byId("detail");
    const focused = dialog.contains(document.activeElement) ? document.activeElement : null;
    const scrolled = dialog.scrollTop;
    const again = focused?.matches(".ask") ? ".ask" : focused?.matches("a") ? `a[href="${CSS.escape(focused.getAttribute("href"))}"]` : ".close";
    dialog.replaceChildren(content);
    (dialog.querySelector(again) ?? dialog.querySelector(".close")).focus({ preventScroll: true });
    dialog.scrollTop = scrolled;
    const lanes = dialog.querySelector(".lanes");
    if (lanes) fitLabels(lanes);
  },

  frame(content, title) {
    const close = element("button", { type: "button", class: "close", "aria-label": "Close" }, glyph("ended"));
    close.addEventListener("click", () => byId("detail").close());
    return element("article", {},
      element("div", { class: "head" }, element("h2", { id: "detail-title" }, title), close), content);
  },

  content(code, transitions, others) {
    const zone = locks.zoneOf(code.device_id);
    const own = locks.zoneKnown(code.device_id);
    const sure = own ? `Times of the lock: ${zone} (${zoneWord(zone)})`
      : "Times in UTC: the lock’s zone is not known here.";
    const at = (text) => (text ? `${when(text, zone)} (${ago(text)})` : null);
    return this.frame(element("div", {},
      element("p", { class: "verdict" }, badge(code), element("strong", {}, outlook(code, zone))),
      lateness(code, zone) ? element("p", { class: "late" }, `${lateness(code, zone)}.`) : null,
      this.next(code),
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
        fact("Reference", code.external_id),
        fact("Code id", element("code", {}, code.access_code_id)),
        fact("Lock id", code.device_id ? element("code", {}, code.device_id) : null)),
      neighbours(code, others.codes, others.more)),
      code.name ?? "No name yet");
  },
};
