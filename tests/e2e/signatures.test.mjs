// Who is believed: deliveries made up from seeds, judged by npm's svix and standardwebhooks and by the daemon's verifier. Where the
// verdicts differ, one of the reasons below has to hold. ORACODE_SEED=N judges that one alone; with ORACODE_SOAK_MINUTES it goes on for so
// long. Texts of headers go to all three as the sender meant them; how bytes become texts is the servers' affair.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, resolve } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { Webhook as Standard } from "standardwebhooks";
import { Webhook as Svix } from "svix";

import { delivery } from "./deliveries.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const program = resolve(root, process.env.ORACODE_BIN || "build/release/bin", "signature_verdicts");

const lower = (headers) => Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
const complete = (headers, family) => ["id", "timestamp", "signature"].every((part) => headers[`${family}-${part}`]);
const any = (headers, family) => ["id", "timestamp", "signature"].some((part) => headers[`${family}-${part}`] !== undefined);
const isText = (body) => Buffer.from(body.toString()).equals(body);

// The headers of the family that counts for the daemon.
function counted({ headers }) {
  const all = lower(headers);
  const family = complete(all, "webhook") && !complete(all, "svix") ? "webhook" : "svix";
  return { id: all[`${family}-id`], timestamp: all[`${family}-timestamp`], signature: all[`${family}-signature`] };
}

// Why the verdicts may differ. `daemon`: what the daemon says, both where it is absent.
const reasons = {
  "a timestamp that is not plain digits: JavaScript's parseInt takes what they begin with, the contract refuses it with 400": {
    daemon: false,
    holds: (made) => !/^[0-9]+$/.test(counted(made).timestamp ?? ""),
  },
  "leading zeros of a timestamp: the libraries sign the number, the daemon the text as it was sent": {
    holds: (made) => /^0+[0-9]/.test(counted(made).timestamp ?? ""),
  },
  "text behind a second comma of a signature: the libraries pass it over, the daemon takes no such signature": {
    daemon: false,
    holds: (made) => /v1,[^ ,]*,/.test(counted(made).signature ?? ""),
  },
  "a body that is not UTF-8: the libraries sign it with replacement characters, the daemon its bytes": {
    holds: ({ body }) => !isText(body),
  },
  "headers of both families: svix mixes them one by one, the daemon takes the one family that is complete": {
    holds: ({ headers }) => any(lower(headers), "svix") && any(lower(headers), "webhook"),
  },
  "more than 16 signatures: the daemon looks at no more": {
    daemon: false,
    holds: (made) => (counted(made).signature ?? "").split(" ").filter((one) => one.startsWith("v1,")).length > 16,
  },
  "a secret that is empty or not base64 with padding: the daemon refuses it at the start": {
    verdict: "secret",
    holds: ({ secrets }) => secrets.some((secret) => {
      const text = secret.replace(/^whsec_/, "");
      return text === "" || Buffer.from(text, "base64").toString("base64") !== text;
    }),
  },
};

function judged(Library, { secrets, body, now }, headers, options) {
  const clock = Date.now;
  Date.now = () => now;
  try {
    return secrets.some((secret) => {
      try {
        new Library(secret).verify(body, headers, options);
        return true;
      } catch {
        return false;
      }
    });
  } finally {
    Date.now = clock;
  }
}

const bySvix = (made) => judged(Svix, made, Object.fromEntries(made.headers));

// It knows its own names alone, so it is given the family that counts under them.
function byStandard(made) {
  const { id, timestamp, signature } = counted(made);
  return judged(Standard, made, { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature }, { jsonParse: false });
}

class Daemon {
  constructor() {
    this.process = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }
  async judge(batch) {
    const lines = batch.map(({ secrets, headers, body, now }) => JSON.stringify({ secrets, headers, body: [...body], now }));
    this.process.stdin.write(`${lines.join("\n")}\n\n`);
    const verdicts = [];
    for (let i = 0; i < batch.length; ++i) {
      const { value, done } = await this.lines.next();
      assert.ok(!done, "the verifier ended");
      verdicts.push(value);
    }
    return verdicts;
  }
  kill() {
    this.process.kill();
  }
  async end() {
    this.process.stdin.end();
    const [code] = await once(this.process, "exit");
    assert.equal(code, 0);
  }
}

class Tally {
  judged = 0;
  accepted = 0;
  refused = 0;
  byReason = new Map();

  take(seed, made, verdict) {
    const daemon = verdict === "accepted";
    const svix = bySvix(made);
    const standard = byStandard(made);
    ++this.judged;
    if (daemon === svix && daemon === standard) return void (daemon ? ++this.accepted : ++this.refused);
    const reason = Object.entries(reasons).find(([, { daemon: expected, verdict: word, holds }]) =>
      (expected === undefined || expected === daemon) && (word === undefined || word === verdict) && holds(made));
    assert.ok(reason, `ORACODE_SEED=${seed}: svix ${svix}, standardwebhooks ${standard}, the daemon ${verdict}: ${JSON.stringify({ ...made, body: made.body.toString("latin1") })}`);
    this.byReason.set(reason[0], (this.byReason.get(reason[0]) ?? 0) + 1);
  }

  toString() {
    const differing = [...this.byReason].sort().map(([reason, times]) => `\n  ${times} ${reason}`);
    return `${this.judged} deliveries: ${this.accepted} accepted by all, ${this.refused} refused by all, and by reason of a difference:${differing.join("")}`;
  }
}

test("the same deliveries are believed as by svix and standardwebhooks", { timeout: 2 ** 31 - 1 }, async (context) => {
  const only = process.env.ORACODE_SEED;
  const minutes = Number(process.env.ORACODE_SOAK_MINUTES ?? 0);
  const end = performance.now() + minutes * 60_000;
  const first = Number(only ?? process.env.ORACODE_SOAK_SEED ?? 0);
  const least = only ? 1 : minutes ? 0 : 20_000;
  const daemon = new Daemon();
  context.after(() => daemon.kill());
  const tally = new Tally();
  for (let next = first; next < first + least || performance.now() < end;) {
    const seeds = Array.from({ length: only ? 1 : 1000 }, () => next++);
    const batch = seeds.map(delivery);
    const verdicts = await daemon.judge(batch);
    verdicts.forEach((verdict, i) => tally.take(seeds[i], batch[i], verdict));
  }
  await daemon.end();
  context.diagnostic(String(tally));
  if (only) return;
  assert.ok(tally.accepted > tally.judged / 10 && tally.refused > tally.judged / 10, String(tally));
  assert.equal(tally.byReason.size, Object.keys(reasons).length, `each reason is met with: ${tally}`);
});
