// The counts, the overdue codes, and the pages of all others. The page holds what it shows, not all
// codes there are: the daemon searches and cuts the pages.
"use strict";

const pageSize = 25;
const overdueShown = 100;

// One code as a line that leads to its details.
function codeLine(code) {
  const zone = locks.zoneOf(code.device_id);
  const link = element("a", { href: detailHash(code.access_code_id), "data-id": code.access_code_id },
    badge(code),
    element("span", { class: "who" },
      element("strong", {}, code.name ?? "No name yet"),
      element("span", { class: "quiet" }, locks.nameOf(code.device_id))),
    element("span", { class: "outlook" }, outlook(code, zone)),
    element("span", { class: "window quiet" }, windowWords(code, zone)));
  return element("li", { class: kindOf(code) }, link);
}

function windowWords(code, zone) {
  if (!code.starts_at && !code.ends_at) return "Window not known yet";
  const end = code.ends_at ? when(code.ends_at, zone) : "no end";
  const start = code.starts_at ? when(code.starts_at, zone) : "?";
  return `${start} – ${end} ${zoneWord(zone, code.starts_at ?? code.ends_at)}`;
}

// Replaces the lines, and leaves the focus on the code that had it.
function fill(list, codes) {
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.id : null;
  list.replaceChildren(...codes.map(codeLine));
  list.setAttribute("aria-busy", "false");
  if (focused) list.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
}

const codesView = {
  status: null, // of the pages: a status, `overdue`, `ended` or null
  search: "",
  cursors: [null], // of the pages up to the one shown
  shown: [],
  overdue: [],
  asked: 0, // answers that come late are not shown

  start() {
    let timer;
    byId("search").addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.look(), 200);
    });
    byId("find").addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(timer);
      this.look();
    });
    byId("next").addEventListener("click", () => this.turn(this.next));
    byId("previous").addEventListener("click", () => this.turn(undefined));
  },

  look() {
    this.search = byId("search").value.trim();
    this.cursors = [null];
    this.load();
  },

  choose(status) {
    this.status = this.status === status ? null : status;
    this.cursors = [null];
    this.load();
  },

  turn(cursor) {
    if (cursor) this.cursors.push(cursor);
    else this.cursors.pop();
    this.load().then(() => byId("codes-title").scrollIntoView({ block: "start" }));
  },

  filter() {
    if (this.status === "overdue") return { overdue: "true" };
    if (this.status === "ended") return { ended: "true" };
    const live = this.search ? {} : { ended: "false" };
    return this.status ? { status: this.status, ended: "false" } : live;
  },

  async load() {
    const turn = ++this.asked;
    byId("codes").setAttribute("aria-busy", "true");
    const page = await connection.ask("/v1/access_codes", {
      ...this.filter(), search: this.search, limit: pageSize, cursor: this.cursors.at(-1),
    });
    if (turn !== this.asked) return;
    this.shown = page.access_codes;
    this.next = page.next_cursor;
    await locks.learn(this.shown);
    if (turn === this.asked) this.show();
  },

  async loadOverdue() {
    const { access_codes, next_cursor } =
      await connection.ask("/v1/access_codes", { overdue: "true", limit: overdueShown });
    await locks.learn(access_codes);
    this.overdue = access_codes;
    fill(byId("overdue"), access_codes);
    byId("attention").hidden = access_codes.length === 0;
    byId("overdue-more").hidden = next_cursor === null;
    say(byId("overdue-more"), `These are the first ${overdueShown}; the search finds the others.`);
  },

  show() {
    fill(byId("codes"), this.shown);
    const title = { overdue: "Overdue codes", ended: "Ended codes" }[this.status];
    say(byId("codes-title"), this.status ? title ?? `Codes: ${statusWords[this.status].toLowerCase()}` : "All codes");
    const page = this.cursors.length;
    const several = page > 1 || this.next !== null;
    const what = this.search ? ` for “${this.search}”` : "";
    say(byId("found"), this.shown.length === 0
      ? (this.search ? `Nothing found${what}.` : "There are none.")
      : this.search ? `${several ? "Page of results" : plural(this.shown.length, "code", "codes")}${what}.` : "");
    say(byId("page"), several ? `Page ${page}` : "");
    byId("previous").disabled = page === 1;
    byId("next").disabled = this.next === null;
    byId("previous").parentElement.hidden = !several;
  },

  // A change of a code that is on the page: it alone is asked for again.
  async refresh(id) {
    const at = this.shown.findIndex(({ access_code_id }) => access_code_id === id);
    if (at < 0) return;
    const turn = this.asked;
    const code = await connection.ask(`/v1/access_codes/${encodeURIComponent(id)}`);
    if (turn !== this.asked || this.shown[at]?.access_code_id !== id) return;
    this.shown[at] = code;
    this.show();
    const line = byId("codes").children[at];
    line.classList.add("changed");
    line.addEventListener("animationend", () => line.classList.remove("changed"), { once: true });
  },

  // Time passes: "5 min ago" becomes "6 min ago".
  tick() {
    if (document.hidden) return;
    fill(byId("overdue"), this.overdue);
    if (byId("codes").getAttribute("aria-busy") === "false") fill(byId("codes"), this.shown);
  },
};

// ---- The counts, each a button that shows only its codes.

const countsShown = [
  ["overdue", "Overdue"], ["set", "Set"], ["setting", "Being set"], ["unset", "Not set yet"],
  ["removing", "Being removed"], ["unknown", "Unknown"], ["ended", "Ended"],
];

function showCounts(counts) {
  const list = byId("counts");
  if (list.childElementCount === 0) {
    list.replaceChildren(...countsShown.map(([kind, word]) => {
      const button = element("button", { type: "button", class: `count ${kind}`, "data-kind": kind, "aria-pressed": "false" },
        element("span", { class: "figure" }, "–"),
        element("span", { class: "word" }, glyph(kind), word));
      button.addEventListener("click", () => {
        attempt(codesView.choose(kind));
        for (const other of list.querySelectorAll("button")) {
          other.setAttribute("aria-pressed", String(other.dataset.kind === codesView.status));
        }
      });
      return element("li", {}, button);
    }));
  }
  for (const button of list.querySelectorAll("button")) {
    const count = counts[button.dataset.kind] ?? 0;
    say(button.querySelector(".figure"), number(count));
    button.classList.toggle("some", count > 0);
  }
}
