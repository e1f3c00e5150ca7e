// What is looked at stands in the address, #/codes/ID?show=overdue&search=ada: it can be sent to a
// colleague, survives a reload, and the way back is the browser's.
"use strict";

const address = {
  code: null, // the opened one
  show: null, // a status, `overdue` or `ended`
  search: "",
  opened: 0, // details opened since the page was loaded: closing one is a way back

  listeners: [],

  read() {
    const [path, query = ""] = location.hash.replace(/^#/, "").split("?");
    const match = /^\/codes\/([^/]+)$/.exec(path);
    const given = new URLSearchParams(query);
    this.code = match ? decoded(match[1]) : null;
    this.show = given.get("show");
    this.search = given.get("search") ?? "";
  },

  // The address with these changes to it.
  hash(changes = {}) {
    const { code, show, search } = { code: this.code, show: this.show, search: this.search, ...changes };
    const query = new URLSearchParams(Object.entries({ show, search }).filter(([, value]) => value));
    return `#/${code ? `codes/${encodeURIComponent(code)}` : ""}${query.size > 0 ? `?${query}` : ""}`;
  },

  // Goes there; `replace` leaves no way back to where one was, as between two letters of a search.
  go(changes, { replace = false } = {}) {
    const hash = this.hash(changes);
    if (hash === (location.hash || "#/")) return;
    history[replace ? "replaceState" : "pushState"](null, "", hash);
    this.tell();
  },

  tell() {
    this.read();
    for (const listener of this.listeners) listener();
  },

  start() {
    this.read();
    window.addEventListener("popstate", () => this.tell());
  },
};

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
