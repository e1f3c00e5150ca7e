// Asking the daemon: requests, signing in, and the stream of changes.
"use strict";

class Refused extends Error {
  constructor(status, problem) {
    super(problem?.detail || problem?.title || `The answer was ${status}`);
    this.status = status;
  }
}

// No answer came; the stream of changes notices too, and says so.
class Unreachable extends Error {}

const connection = {
  onSignIn: () => {}, // called when a token is needed
  session: null, // as whom the daemon lets us in: {name, permission, signed_in_until}

  // Signed in, the browser sends its cookie along; no script can read that, this one included.
  async request(path, { signal, method = "GET", body, ...headers } = {}) {
    const answer = await fetch(path, { method, body, headers, signal, cache: "no-store", credentials: "same-origin" })
      .catch((error) => { throw new Unreachable(error.message); });
    if (answer.status === 401 && !headers.Authorization) this.onSignIn();
    return answer;
  },

  // The body of a good answer. Throws Refused for others, and Unreachable where there is none.
  async ask(path, query = {}, { also = [], ...how } = {}) {
    const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
    const search = given.length > 0 ? `?${new URLSearchParams(given)}` : "";
    const answer = await this.request(path + search, how);
    const body = await answer.json().catch(() => null);
    if (!answer.ok && !also.includes(answer.status)) throw new Refused(answer.status, body);
    return body;
  },

  get mayWrite() {
    return this.session?.permission === "write";
  },

  async learnSession() {
    this.session = await this.ask("/v1/session");
  },

  signIn(token, stay) {
    return this.ask("/v1/session", {}, {
      method: "POST", body: JSON.stringify({ stay_signed_in: stay }),
      Authorization: `Bearer ${token}`, "Content-Type": "application/json",
    });
  },

  signOut() {
    this.session = null;
    return this.ask("/v1/session", {}, { method: "DELETE" });
  },
};

// Cuts a stream of server-sent events into messages: {id, event, data}. A comment is a message too
// (without data), as a sign of life.
class EventReader {
  constructor() {
    this.rest = "";
    this.message = {};
  }

  *take(text) {
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop();
    for (const line of lines) {
      const colon = line.indexOf(":");
      if (line === "") {
        if (Object.keys(this.message).length > 0) yield this.message;
        this.message = {};
      } else if (colon !== 0) {
        const name = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
        this.message[name] = name === "data" && "data" in this.message ? `${this.message.data}\n${value}` : value;
      }
    }
  }
}

// Follows /v1/changes for as long as the page is open, and says how that goes. EventSource
// does not tell a missing token from a lost connection; a fetched stream does.
class Changes {
  // onOpen(): connected, also again: what is shown has to be asked for again. onChange(change).
  // onLost(): no connection; it is tried again.
  constructor({ onOpen, onChange, onLost }) {
    Object.assign(this, { onOpen, onChange, onLost });
    this.silence = 45_000; // the daemon sends a comment more often than this
    this.failures = 0;
    this.running = false;
  }

  start() {
    if (this.running) return;
    this.running = true;
    window.addEventListener("online", () => this.hurry?.());
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry?.());
    this.follow();
  }

  async follow() {
    for (;;) {
      const abort = new AbortController();
      let watch;
      const alive = () => {
        clearTimeout(watch);
        watch = setTimeout(() => abort.abort(), this.silence);
      };
      let failure = null; // an end is one too, whatever the reason: the next try shows which
      try {
        alive();
        await this.read(abort.signal, alive);
      } catch (error) {
        failure = error;
      }
      clearTimeout(watch);
      abort.abort();
      await this.pause(failure instanceof Refused && failure.status === 401);
    }
  }

  async read(signal, alive) {
    const answer = await connection.request("/v1/changes", { signal, Accept: "text/event-stream" });
    if (!answer.ok) throw new Refused(answer.status);
    this.failures = 0;
    this.onOpen();
    const events = new EventReader();
    const text = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await text.read();
      if (done) return;
      alive();
      for (const { event, data } of events.take(value)) {
        if (event === "gap") this.onOpen();
        else if (data) this.onChange(JSON.parse(data));
      }
    }
  }

  // A second, two, four … fifteen, each with some chance in it, so that many pages do not come back
  // together. For a token it waits for as long as that takes.
  pause(forToken) {
    this.failures += 1;
    const wait = Math.min(15_000, 1000 * 2 ** (this.failures - 1)) * (0.75 + Math.random() / 2);
    if (!forToken) this.onLost();
    return new Promise((resolve) => {
      const timer = forToken ? null : setTimeout(resolve, wait);
      this.hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
