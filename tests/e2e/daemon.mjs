// oracoded as its neighbours see it: a process, two listeners and a log.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import https from "node:https";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { Webhook } from "svix";

import { eventually } from "./eventually.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const programs = resolve(root, process.env.ORACODE_BIN || "build/release/bin");
const program = join(programs, "oracoded");
export const control = join(programs, "oracodectl");

export const secret = `whsec_${Buffer.from("twenty-four bytes secret").toString("base64")}`;

// As TOML writes it: JSON does for texts, numbers and arrays of them.
const lines = (keys) => Object.entries(keys).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`).join("");
const toml = (sections) => Object.entries(sections).map(([section, keys]) => Array.isArray(keys) ?
  keys.map((table) => `[[${section}]]\n${lines(table)}`).join("") : `[${section}]\n${lines(keys)}`).join("");

export class Daemon {
  // `changes`: settings by section that differ from what all tests have in common.
  static async start(folder, seam, changes = {}) {
    assert.ok(existsSync(program), `no ${program}`);
    const daemon = new Daemon();
    execFileSync("openssl", [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
      "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,DNS:codes.example.org,DNS:desk.example.org",
      "-keyout", join(folder, "key.pem"), "-out", join(folder, "certificate.pem"),
    ], { stdio: "pipe" });
    daemon.certificate = readFileSync(join(folder, "certificate.pem"));
    const config = join(folder, "oracoded.toml");
    const settings = {
      webhook: {
        listen: "127.0.0.1:0", certificate: "certificate.pem", private_key: "key.pem", secrets: [secret],
      },
      api: { listen: "127.0.0.1:0" },
      seam: seam ? { endpoint: seam.url, api_key: seam.api_key, timeout: "5s" } : {},
      poll: { grace: "1s", retry_min: "1s", retry_max: "2s", requests_per_minute: 600 },
      store: { database: "oracoded.db" },
    };
    for (const [section, keys] of Object.entries(changes)) settings[section] = Array.isArray(keys) ? keys : { ...settings[section], ...keys };
    writeFileSync(config, toml(settings));
    const environment = Object.fromEntries(Object.entries(process.env).filter(
      ([name]) => !/^(ORACODED_|SEAM_|NOTIFY_SOCKET|WATCHDOG_|LISTEN_|.*_proxy$)/i.test(name),
    ));
    daemon.process = spawn(program, ["--config", config], {
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
  async deliver(payload, how) {
    return (await this.post(JSON.stringify(payload), how)).status;
  }

  // Posts what may be no event at all, with `headers` in place of the right ones.
  async post(body, { signer = new Webhook(secret), id = `msg_${randomUUID()}`, headers = {}, method = "POST" } = {}) {
    const now = new Date();
    const request = https.request({
      host: "127.0.0.1",
      port: Number(this.webhook.split(":").pop()),
      servername: "localhost",
      ca: this.certificate,
      agent: false,
      method,
      path: "/webhooks/seam",
      headers: {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        "svix-id": id,
        "svix-timestamp": String(Math.floor(now / 1000)),
        "svix-signature": signer.sign(id, now, body),
        ...headers,
      },
    });
    request.end(body);
    const [answer] = await once(request, "response");
    return { status: answer.statusCode, headers: new Headers(answer.headers), text: await text(answer) };
  }

  async call(method, path) {
    const answer = await fetch(`http://${this.api}${path}`, {
      method, headers: this.token ? { Authorization: `Bearer ${this.token}` } : {},
    });
    const told = await answer.text();
    return { status: answer.status, body: told ? JSON.parse(told) : null };
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
