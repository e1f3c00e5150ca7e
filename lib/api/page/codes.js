// The counts, and the pages of all codes. The page holds what it shows, not all codes there are: the
// daemon searches and cuts the pages.
"use strict";

const pageSize = 25;

const searching = () => address.search !== "" || address.show !== null;

// One code as a line that leads to its details.
function codeLine(code) {
  const zone = locks.zoneOf(code.device_id);
  const late = lateness(code, zone);
  const lock = locks.nameOf(code.device_id);
  const link = element("a", { href: address.hash({ code: code.access_code_id }), "data-id": code.access_code_id },
    badge(code),
    element("span", { class: "who" },
      element("strong", {}, code.name ?? "No name yet"),
      element("span", { class: "quiet" }, code.external_id ? `${lock} · ${code.external_id}` : lock)),
    element("span", { class: "what" },
      element("span", { class: "outlook" }, outlook(code, zone)),
      ...(code.ended ? [] : code.errors).map((error) => element("span", { class: "trouble" }, meaning(error))),
      late && !code.ended ? element("span", { class: "trouble" }, late) : null,
      element("span", { class: "window quiet" }, windowWords(code, zone))));
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
  cursors: [null], // of the pages up to the one shown
  shown: [],
  asked: 0, // answers that come late are not shown
  seen: null, // the search and filter of what is shown

  start() {
    let timer;
    const look = () => {
      clearTimeout(timer);
      // One step back leaves the search, whatever its letters.
      address.go({ search: byId("search").value.trim() }, { replace: address.search !== "" });
    };
    byId("search").addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(look, 200);
    });
    byId("find").addEventListener("submit", (event) => {
      event.preventDefault();
      look();
    });
    byId("next").addEventListener("click", () => this.turn(this.next));
    byId("previous").addEventListener("click", () => this.turn(undefined));
    byId("overview").addEventListener("click", () => {
      byId("search").value = "";
      address.go({ show: null, search: "" });
      byId("search").focus();
    });
    address.listeners.push(() => this.follow());
    this.arrange();
  },

  // What the address says is searched for, and nothing else stands before the hits.
  arrange() {
    if (byId("search").value.trim() !== address.search) byId("search").value = address.search;
    for (const id of ["arrivals", "overview"]) byId(id).hidden = searching() === (id === "arrivals");
    // Nor between the search and them, for those who go by keyboard.
    byId("counts").hidden = address.search !== "" && address.show === null;
    alerts.show();
    pressCounts();
  },

  follow() {
    this.arrange();
    if (this.seen === address.hash({ code: null })) return;
    this.cursors = [null];
    attempt(this.load());
  },

  turn(cursor) {
    if (cursor) this.cursors.push(cursor);
    else this.cursors.pop();
    attempt(this.load()).then(() => byId("codes-title").scrollIntoView({ block: "start" }));
  },

  filter() {
    if (address.show === "overdue") return { overdue: "true" };
    if (address.show === "ended") return { ended: "true" };
    const live = address.search ? {} : { ended: "false" };
    return address.show ? { status: address.show, ended: "false" } : live;
  },

  async load() {
    const turn = ++this.asked;
    this.seen = address.hash({ code: null });
    byId("codes").setAttribute("aria-busy", "true");
    const page = await connection.ask("/v1/access_codes", {
      ...this.filter(), search: address.search, limit: pageSize, cursor: this.cursors.at(-1),
    });
    if (turn !== this.asked) return;
    this.shown = page.access_codes;
    this.next = page.next_cursor;
    await locks.learn(this.shown);
    if (turn === this.asked) this.show();
  },

  show() {
    fill(byId("codes"), this.shown);
    const title = { overdue: "Overdue codes", ended: "Ended codes" }[address.show];
    say(byId("codes-title"), address.show ? title ?? `Codes: ${(statusWords[address.show] ?? address.show).toLowerCase()}` : "All codes");
    const page = this.cursors.length;
    const several = page > 1 || this.next !== null;
    const what = address.search ? ` for “${address.search}”` : "";
    say(byId("found"), this.shown.length === 0
      ? (address.search ? `Nothing found${what}.` : "There are none.")
      : address.search ? `${several ? "Page of results" : plural(this.shown.length, "code", "codes")}${what}.` : "");
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
      button.addEventListener("click", () => address.go({ show: address.show === kind ? null : kind }));
      return element("li", {}, button);
    }));
    pressCounts();
  }
  for (const button of list.querySelectorAll("button")) {
    const count = counts[button.dataset.kind] ?? 0;
    say(button.querySelector(".figure"), number(count));
    button.classList.toggle("some", count > 0);
  }
}

function pressCounts() {
  for (const button of byId("counts").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.dataset.kind === address.show));
  }
}
