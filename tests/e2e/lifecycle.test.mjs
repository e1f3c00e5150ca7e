// oracoded against other people's software: npm's fake of Seam's API, and deliveries signed by npm's
// svix. ORACODE_BIN names the folder with the daemon (default: build/release/bin).
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import {
  existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync,
} from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { createFake } from "@seamapi/fake-seam-connect";
import { Webhook } from "svix";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const binaries = resolve(root, process.env.ORACODE_BIN || "build/release/bin");
const samples = join(root, "tests/data/seam/events");
const secret = `whsec_${Buffer.from("twenty-four bytes secret").toString("base64")}`;

const minute = 60_000;
const day = 24 * 60 * minute;
const moment = (offset) => new Date(Math.floor((Date.now() + offset) / 1000) * 1000).toISOString();

// Polls `look` until it gives something true, and gives that.
async function eventually(what, look, deadline = 20_000) {
  const end = Date.now() + deadline;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) assert.fail(`not within ${deadline} ms: ${what}`);
    await pause(50);
  }
}

// ---- Seam, played by the fake -------------------------------------------------------------------

class Seam {
  static async start() {
    const seam = new Seam();
    seam.fake = await createFake();
    seam.requests = [];
    const { database } = seam.fake;
    seam.workspace_id = database.addWorkspace({ name: "Oracode" }).workspace_id;
    seam.api_key = database.addApiKey({ workspace_id: seam.workspace_id, name: "e2e" }).token;
    seam.connected_account_id = database.addConnectedAccount({
      provider: "dormakaba_oracode",
      workspace_id: seam.workspace_id,
    }).connected_account_id;
    seam.device_id = database.addDevice({
      device_type: "dormakaba_oracode_door",
      connected_account_id: seam.connected_account_id,
      workspace_id: seam.workspace_id,
      name: "Cabin 7",
      can_remotely_lock: false,
      can_remotely_unlock: false,
      can_program_online_access_codes: false,
      properties: { manufacturer: "dormakaba", offline_access_codes_enabled: true },
    }).device_id;
    await seam.fake.startServer();
    seam.fake.server.server.on("request", (request) => seam.requests.push(request.url));
    return seam;
  }

  get url() {
    return this.fake.serverUrl;
  }

  // A code that Seam was asked to make five minutes ago.
  addCode(code = {}) {
    return this.fake.database.addAccessCode({
      device_id: this.device_id,
      workspace_id: this.workspace_id,
      name: "Ada Lovelace",
      code: "123456789",
      type: "time_bound",
      is_offline_access_code: true,
      created_at: moment(-5 * minute),
      starts_at: moment(-minute),
      ends_at: moment(3 * day),
      ...code,
    });
  }

  change(access_code_id, changes) {
    this.fake.database.updateAccessCode({ access_code_id, ...changes });
  }

  remove(access_code_id) {
    this.fake.database.deleteAccessCode(access_code_id);
  }

  // Seam's own payload of this type, told of another code.
  event(event_type, access_code_id, changes = {}) {
    const file = join(samples, `${event_type}.json`);
    return {
      ...JSON.parse(readFileSync(file, "utf8")),
      event_id: randomUUID(),
      workspace_id: this.workspace_id,
      connected_account_id: this.connected_account_id,
      device_id: this.device_id,
      access_code_id,
      occurred_at: new Date().toISOString(),
      created_at: new Date().toISOString(),
      ...changes,
    };
  }

  async stop() {
    const { server } = this.fake.server;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  }
}

// ---- the daemon ---------------------------------------------------------------------------------

class Daemon {
  static async start(folder, seam) {
    const daemon = new Daemon();
    execFileSync("openssl", [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
      "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
      "-keyout", join(folder, "key.pem"), "-out", join(folder, "certificate.pem"),
    ], { stdio: "pipe" });
    daemon.certificate = readFileSync(join(folder, "certificate.pem"));
    const config = join(folder, "oracoded.toml");
    writeFileSync(config, `
[webhook]
listen = "127.0.0.1:0"
certificate = "certificate.pem"
private_key = "key.pem"
secrets = ["${secret}"]
[api]
listen = "127.0.0.1:0"
[seam]
endpoint = "${seam.url}"
api_key = "${seam.api_key}"
timeout = "5s"
[poll]
grace = "1s"
retry_min = "1s"
retry_max = "2s"
requests_per_minute = 600
[store]
database = "oracoded.db"
`);
    const environment = Object.fromEntries(Object.entries(process.env).filter(
      ([name]) => !/^(ORACODED_|SEAM_|NOTIFY_SOCKET|WATCHDOG_|LISTEN_|.*_proxy$)/i.test(name),
    ));
    daemon.process = spawn(join(binaries, "oracoded"), ["--config", config], {
      env: environment,
      stdio: ["ignore", "ignore", "pipe"],
    });
    daemon.ended = once(daemon.process, "exit");
    daemon.ended.catch(() => {}); // not found, say: `eventually` tells
    daemon.log = [];
    createInterface({ input: daemon.process.stderr }).on("line", (line) => daemon.log.push(line));
    daemon.webhook = await daemon.address("webhook");
    daemon.api = await daemon.address("api");
    return daemon;
  }

  address(listener) {
    const pattern = new RegExp(`http\\.listening.*listener=${listener} .*address="?([^ "]+)`);
    return eventually(`${listener} listens`, () => {
      assert.equal(this.process.exitCode, null, this.log.join("\n"));
      return this.log.map((line) => pattern.exec(line)?.[1]).find(Boolean);
    });
  }

  // Signed by svix, and posted as Svix posts it: gives the status.
  async deliver(payload, { signer = new Webhook(secret), id = `msg_${randomUUID()}` } = {}) {
    const body = JSON.stringify(payload);
    const now = new Date();
    const request = https.request({
      host: "127.0.0.1",
      port: Number(this.webhook.split(":").pop()),
      servername: "localhost",
      ca: this.certificate,
      agent: false,
      method: "POST",
      path: "/webhooks/seam",
      headers: {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        "svix-id": id,
        "svix-timestamp": String(Math.floor(now / 1000)),
        "svix-signature": signer.sign(id, now, body),
      },
    });
    request.end(body);
    const [answer] = await once(request, "response");
    answer.resume();
    await once(answer, "end");
    return answer.statusCode;
  }

  async call(method, path) {
    const answer = await fetch(`http://${this.api}${path}`, { method });
    const text = await answer.text();
    return { status: answer.status, body: text ? JSON.parse(text) : null };
  }

  async code(access_code_id) {
    const { status, body } = await this.call("GET", `/v1/access_codes/${access_code_id}`);
    if (status === 404) return null;
    assert.equal(status, 200);
    return body;
  }

  // The code, as soon as it is as `expected` says.
  async sees(access_code_id, expected) {
    let last;
    const wanted = Object.entries(expected);
    try {
      return await eventually("", async () => {
        last = await this.code(access_code_id);
        return last && wanted.every(([key, value]) => last[key] === value) && last;
      });
    } catch {
      assert.fail(`${access_code_id} should come to ${JSON.stringify(expected)}, but is ` +
                  `${JSON.stringify(last)}\n${this.log.join("\n")}`);
    }
  }

  async transitions(access_code_id) {
    const { status, body } = await this.call("GET", `/v1/access_codes/${access_code_id}/history`);
    assert.equal(status, 200);
    return body.transitions;
  }

  async stop() {
    this.process.kill("SIGTERM");
    const deadline = pause(20_000, ["still running"], { ref: false });
    const [status, signal] = await Promise.race([this.ended, deadline]);
    return signal ?? status;
  }
}

// -------------------------------------------------------------------------------------------------

describe("the life of Oracode offline access codes", { timeout: 3 * minute }, () => {
  let folder, seam, daemon;

  before(async () => {
    assert.ok(existsSync(join(binaries, "oracoded")), `no oracoded in ${binaries}`);
    folder = mkdtempSync(join(tmpdir(), "oracoded-e2e-"));
    seam = await Seam.start();
    daemon = await Daemon.start(folder, seam);
  });

  after(async () => {
    if (daemon && daemon.process.exitCode === null && daemon.process.signalCode === null) {
      daemon.process.kill("SIGKILL");
      await daemon.ended;
    }
    await seam?.stop();
    if (folder) rmSync(folder, { recursive: true });
  });

  test("the missing webhook is named at the start", async () => {
    await eventually("a warning", () => daemon.log.find((line) => /warn.*webhook/i.test(line)));
  });

  test("webhooks bring the status, polling the name and the window", async () => {
    const { access_code_id, starts_at, ends_at } = seam.addCode();
    assert.equal(await daemon.deliver(seam.event("access_code.created", access_code_id)), 204);
    const first = await daemon.code(access_code_id);
    assert.equal(first.status, "unset");
    assert.equal(first.device_id, seam.device_id);

    const known = await daemon.sees(access_code_id, { name: "Ada Lovelace" });
    assert.equal(known.starts_at, starts_at);
    assert.equal(known.ends_at, ends_at);
    assert.equal(known.type, "time_bound");
    assert.equal(known.is_offline_access_code, true);
    assert.equal(known.ready, false);
    assert.ok(!("code" in known), "the PIN is only for those who ask for it");

    seam.change(access_code_id, { status: "set" });
    const set = seam.event("access_code.set_on_device", access_code_id);
    assert.equal(await daemon.deliver(set), 204);
    assert.equal(await daemon.deliver(set), 204, "the same event again");
    const ready = await daemon.code(access_code_id);
    assert.equal(ready.status, "set");
    assert.equal(ready.ready, true);
    const changes = await daemon.transitions(access_code_id);
    assert.deepEqual(changes.map(({ from, to }) => [from, to]), [[null, "unset"], ["unset", "set"]]);

    seam.remove(access_code_id);
    const deleted = seam.event("access_code.deleted", access_code_id);
    assert.equal(await daemon.deliver(deleted), 204);
    const ended = await daemon.code(access_code_id);
    assert.equal(ended.ended.reason, "deleted");
    assert.equal(ended.status, "unset");
  });

  test("a delivery signed with another secret changes nothing", async () => {
    const { access_code_id } = seam.addCode();
    const signer = new Webhook(`whsec_${Buffer.from("somebody else's secret").toString("base64")}`);
    const created = seam.event("access_code.created", access_code_id);
    assert.equal(await daemon.deliver(created, { signer }), 401);
    assert.equal(await daemon.code(access_code_id), null);
    seam.remove(access_code_id);
  });

  test("every type of event is taken, and means what it should", async () => {
    const means = {
      "access_code.created": "unset",
      "access_code.scheduled_on_device": "unset",
      "access_code.set_on_device": "set",
      "access_code.delay_in_setting_on_device": "setting",
      "access_code.failed_to_set_on_device": "setting",
      "access_code.deleted_external_to_seam": "setting",
      "access_code.delay_in_removing_from_device": "removing",
      "access_code.failed_to_remove_from_device": "removing",
    };
    const files = readdirSync(samples);
    assert.ok(files.length >= 21);
    for (const event_type of files.map((file) => file.slice(0, -".json".length))) {
      const { access_code_id } = seam.addCode();
      const event = seam.event(event_type, access_code_id);
      assert.equal(await daemon.deliver(event), 204, event_type); // 202: quarantined
      if (!(event_type in means)) continue;
      // Polling finds the fake's `unset` sooner or later: what counts is what the event brought.
      const brought = (await daemon.transitions(access_code_id)).find(
        ({ event_id }) => event_id === event.event_id,
      );
      assert.equal(brought?.to, means[event_type], event_type);
      assert.equal(brought.source, "webhook");
    }
  });

  test("polling finds what no webhook tells", async () => {
    const { access_code_id } = seam.addCode();
    assert.equal(await daemon.deliver(seam.event("access_code.created", access_code_id)), 204);
    await daemon.sees(access_code_id, { name: "Ada Lovelace", status: "unset", overdue: true });

    seam.change(access_code_id, { status: "setting" });
    await daemon.sees(access_code_id, { status: "setting", status_source: "poll" });
    seam.change(access_code_id, { status: "set" });
    await daemon.sees(access_code_id, {
      status: "set", status_source: "poll", ready: true, overdue: false,
    });
    const changes = await daemon.transitions(access_code_id);
    assert.deepEqual(changes.map(({ to, source }) => [to, source]),
                     [["unset", "webhook"], ["setting", "poll"], ["set", "poll"]]);
  });

  test("polling finds a window that was moved, when told that something changed", async () => {
    const { access_code_id } = seam.addCode({ status: "set" });
    assert.equal(await daemon.deliver(seam.event("access_code.set_on_device", access_code_id)), 204);
    await daemon.sees(access_code_id, { status: "set", name: "Ada Lovelace" });
    const ends_at = moment(5 * day);
    seam.change(access_code_id, { ends_at });
    assert.equal(await daemon.deliver(seam.event("access_code.changed", access_code_id)), 204);
    await daemon.sees(access_code_id, { status: "set", ends_at });
  });

  test("a code that is gone from Seam ends", async () => {
    const { access_code_id } = seam.addCode();
    assert.equal(await daemon.deliver(seam.event("access_code.created", access_code_id)), 204);
    await daemon.sees(access_code_id, { name: "Ada Lovelace" });
    seam.remove(access_code_id);
    const gone = await eventually("an end", async () => {
      const code = await daemon.code(access_code_id);
      return code.ended && code;
    });
    assert.equal(gone.ended.reason, "deleted");
    assert.equal(gone.status, "unset");
    assert.equal(gone.ready, false);
    assert.ok(seam.requests.includes(`/access_codes/get?access_code_id=${access_code_id}`),
              "missing from a list is no proof");
  });

  test("an outage of Seam's API delays the truth, and nothing more", async () => {
    const { access_code_id } = seam.addCode();
    assert.equal(await daemon.deliver(seam.event("access_code.created", access_code_id)), 204);
    await daemon.sees(access_code_id, { name: "Ada Lovelace" });
    const routes = ["/access_codes/list", "/access_codes/get", "/events/list"];
    seam.fake.database.simulateWorkspaceOutage(seam.workspace_id, { routes });
    seam.change(access_code_id, { status: "set" });
    await eventually("a failure", () => daemon.log.find((line) => /poll\.failed.*503/.test(line)));
    assert.equal((await daemon.code(access_code_id)).status, "unset");
    seam.fake.database.simulateWorkspaceOutageRecovery(seam.workspace_id);
    await daemon.sees(access_code_id, { status: "set", status_source: "poll" });
  });

  test("an existing code is tracked, asked for, and let go", async () => {
    const { access_code_id } = seam.addCode({ name: "Grace Hopper", status: "set" });
    const path = `/v1/access_codes/${access_code_id}`;
    assert.equal(await daemon.code(access_code_id), null, "codes nobody asked for stay out");

    const tracked = await daemon.call("PUT", path);
    assert.ok([200, 201, 202].includes(tracked.status), JSON.stringify(tracked));
    const known = await daemon.sees(access_code_id, { name: "Grace Hopper", status: "set" });
    assert.equal(known.ready, true);
    const [first] = await daemon.transitions(access_code_id);
    assert.equal(first.from, null);
    assert.equal(first.source, "track");

    // `set`: the next poll of its own is hours away.
    seam.change(access_code_id, { name: "Rear Admiral Hopper", status: "removing" });
    const refreshed = await daemon.call("POST", `${path}/refresh`);
    assert.ok([200, 202].includes(refreshed.status), JSON.stringify(refreshed));
    await daemon.sees(access_code_id, { name: "Rear Admiral Hopper", status: "removing" });

    const untracked = await daemon.call("POST", `${path}/untrack`);
    assert.ok([200, 202, 204].includes(untracked.status), JSON.stringify(untracked));
    // Another code that waits is asked for from now on; this one is not.
    const other = seam.addCode({ status: "setting" }).access_code_id;
    await daemon.call("PUT", `/v1/access_codes/${other}`);
    await daemon.sees(other, { status: "setting" });
    seam.requests.length = 0;
    seam.change(access_code_id, { status: "unknown" });
    seam.change(other, { status: "set" });
    await daemon.sees(other, { status: "set", status_source: "poll" });
    assert.ok(seam.requests.some((url) => url.includes(other)), seam.requests.join("\n"));
    assert.ok(!seam.requests.some((url) => url.includes(access_code_id)), seam.requests.join("\n"));
    // The fake ignores the filter of a list, and so tells of this one too.
    assert.equal((await daemon.code(access_code_id))?.status ?? "removing", "removing");
  });

  test("tracking a code that Seam does not have is refused", async () => {
    const { status } = await daemon.call("PUT", "/v1/access_codes/nobody-has-this");
    assert.equal(status, 404);
    assert.equal(await daemon.code("nobody-has-this"), null);
  });

  test("what happened while the daemon was away is made up for", async () => {
    const waiting = seam.addCode().access_code_id;
    assert.equal(await daemon.deliver(seam.event("access_code.created", waiting)), 204);
    await daemon.sees(waiting, { name: "Ada Lovelace", status: "unset" });
    assert.equal(await daemon.stop(), 0, daemon.log.join("\n"));

    seam.change(waiting, { status: "set" });
    const { access_code_id } = seam.addCode({ name: "Made meanwhile", status: "set" });
    const missed = ["access_code.created", "access_code.set_on_device"].map((type, later) => {
      const at = moment((later - 20) * 1000);
      const event = seam.event(type, access_code_id, { created_at: at, occurred_at: at });
      return seam.fake.database.addEvent(event);
    });
    const earlier = daemon.log;
    daemon = await Daemon.start(folder, seam);
    daemon.log.unshift(...earlier);

    await daemon.sees(waiting, { status: "set", status_source: "poll" });
    await daemon.sees(access_code_id, { name: "Made meanwhile", status: "set", ready: true });
    const brought = await daemon.transitions(access_code_id);
    const sources = brought.map(({ event_id, source }) => [event_id, source]);
    assert.deepEqual(sources, missed.map(({ event_id }) => [event_id, "backfill"]));

    // Svix delivers them after all.
    for (const event of missed) assert.equal(await daemon.deliver(event), 204);
    assert.equal((await daemon.transitions(access_code_id)).length, brought.length);
  });

  test("SIGTERM ends it with status 0; no secret and no PIN was logged", async () => {
    assert.equal(await daemon.stop(), 0, daemon.log.join("\n"));
    const log = daemon.log.join("\n");
    for (const kept of [secret, secret.slice(6), seam.api_key, "123456789"])
      assert.ok(!log.includes(kept), "a secret in the log");
  });
});
