// Who is in the house or comes within a day, by arrival: first those whose PIN is not in order.
"use strict";

const arrivalsAsked = 1000; // at once
const troublesShown = 100;
const orderlyShown = 10;

const arrivalGroups = [
  { id: "stranded", of: (arrival, now) => !arrival.in_order && started(arrival, now) },
  { id: "endangered", of: (arrival, now) => !arrival.in_order && !started(arrival, now) },
  { id: "orderly", of: (arrival) => arrival.in_order },
];

const started = ({ starts_at }, now) => new Date(starts_at) <= now;

const arrivals = {
  loaded: false,
  all: [],
  more: false, // than were asked for
  whole: false, // all in order are shown
  asked: 0,

  start() {
    byId("orderly-all").addEventListener("click", () => {
      this.whole = !this.whole;
      this.show();
    });
  },

  async load() {
    const turn = ++this.asked;
    const answer = await connection.ask("/v1/arrivals", { within: "24h", limit: arrivalsAsked });
    if (turn !== this.asked) return;
    this.all = answer.arrivals;
    this.more = answer.next_cursor !== null;
    this.loaded = true;
    for (const { device_id, device_name, iana_timezone } of this.all) locks.note(device_id, device_name, iana_timezone);
    this.show();
  },

  group(id, now = Date.now()) {
    const { of } = arrivalGroups.find((group) => group.id === id);
    return this.all.filter((arrival) => of(arrival, now));
  },

  has(id) {
    return this.all.some(({ access_code_id }) => access_code_id === id);
  },

  show() {
    if (!this.loaded) return;
    const now = Date.now();
    for (const { id } of arrivalGroups) {
      const found = this.group(id, now);
      const shown = id === "orderly" ? (this.whole ? found.length : orderlyShown) : troublesShown;
      byId(id).hidden = found.length === 0 && id !== "orderly";
      say(byId(`${id}-count`), number(found.length));
      fill(byId(`${id}-codes`), found.slice(0, shown));
      if (id !== "orderly") say(byId(`${id}-more`), found.length > shown ? `${number(found.length - shown)} more; the search finds them.` : "");
    }
    const orderly = this.group("orderly", now).length;
    const button = byId("orderly-all");
    button.hidden = orderly <= orderlyShown;
    say(button, this.whole ? `Show the first ${orderlyShown}` : `Show all ${number(orderly)}`);
    button.setAttribute("aria-expanded", String(this.whole));
    say(byId("arrivals-none"), this.all.length === 0 ? "No guest with a known code is in the house or arrives within 24 hours."
      : orderly === 0 ? "None." : this.more ? `These are the first ${number(arrivalsAsked)} arrivals.` : "");
  },
};
