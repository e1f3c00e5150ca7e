// The API's own description is held to the truth: each answer that it describes is provoked and
// compared with it, and it is linted by Redocly.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { Webhook } from "svix";

import { Daemon } from "./daemon.mjs";
import { Description } from "./description.mjs";
import { eventually, minute } from "./eventually.mjs";
import { Front } from "./front.mjs";
import { inDays, Seam } from "./seam.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const reader = "a-token-that-may-read";
const writer = "a-token-that-may-write";

// What cannot be brought about from outside in this test, and where it is tested instead.
const elsewhere = [
  [/ 503$/, "a disk that refuses, a queue that is full: tests/store, tests/daemon"],
];

describe("the description of the API", { timeout: 3 * minute }, () => {
  let folder, seam, front, daemon, description, id;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "oracoded-openapi-"));
    seam = await Seam.start();
    front = await Front.before(seam.url);
    // The fake does not know what its locks are capable of.
    front.change = (told) => told.replace('"device_type":', '"can_program_offline_access_codes":true,"device_type":');
    daemon = await Daemon.start(folder, { url: front.url, api_key: seam.api_key }, {
      api: { tokens: [`reader:${reader}:read`, `writer:${writer}`] },
      webhook: { max_body: "4KiB" },
      notify: [{ name: "nowhere", url: "http://127.0.0.1:1/", format: "slack" }],
      // Nothing that a test compares is changed by a poll in between.
      poll: { grace: "1h", retry_min: "1h", retry_max: "1h", requests_per_minute: 600 },
    });
    daemon.token = writer;
    const document = await fetch(`http://${daemon.api}/v1/openapi.json`, {
      headers: { Authorization: `Bearer ${writer}` },
    });
    assert.equal(document.status, 200);
    description = new Description(await document.json());
    id = seam.addCode().access_code_id;
    await daemon.deliver(seam.event("access_code.created", id));
    await daemon.sees(id, { name: "Ada Lovelace" });
  });

  after(async () => {
    if (daemon) {
      daemon.process.kill("SIGKILL");
      await daemon.ended;
    }
    front?.stop();
    await seam?.stop();
    if (folder) rmSync(folder, { recursive: true });
  });

  // Asks, compares the answer with its description, and gives it.
  async function ask(method, path, { expect, token = writer, body, headers = {} } = {}) {
    if (token) headers.authorization = `Bearer ${token}`;
    if (body !== undefined) headers["content-type"] = "application/json";
    const answer = await fetch(`http://${daemon.api}${path}`, {
      method, headers, body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
    });
    const told = { status: answer.status, headers: answer.headers, text: await answer.text() };
    if (expect) assert.equal(told.status, expect, `${method} ${path}: ${told.text}`);
    description.check(method, path, told);
    return { ...told, body: /json$/.test(answer.headers.get("content-type")) ? JSON.parse(told.text) : null };
  }

  async function deliver(body, how, expect) {
    const told = await daemon.post(body, how);
    assert.equal(told.status, expect, told.text);
    description.check(how?.method ?? "POST", "/webhooks/seam", told);
  }

  test("is what Redocly takes for a good one", { skip: process.versions.node < "20.19" && "Redocly needs Node 20.19" }, () => {
    const file = join(folder, "openapi.json");
    writeFileSync(file, JSON.stringify(description.document));
    execFileSync(join(here, "node_modules/.bin/redocly"), ["lint", "--config", join(here, "redocly.yaml"), file], {
      env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" }, stdio: "pipe",
    });
  });

  test("has every route that there is", () => {
    const sources = join(here, "../../lib/api");
    const routes = readdirSync(sources).filter((file) => file.endsWith(".cpp")).flatMap((file) =>
      [...readFileSync(join(sources, file), "utf8").matchAll(/"(GET|PUT|POST|DELETE)",\s*"(\/[^"]*)"/g)]
        .map(([, method, path]) => [method, path]));
    assert.ok(routes.length > 10, "the sources name routes in another way now");
    const shape = (path) => path.replace(/\{[^}]+\}/g, "{}");
    const described = Object.entries(description.document.paths);
    for (const [method, path] of routes) {
      const found = described.find(([template]) => shape(template) === shape(path));
      assert.ok(found?.[1][method.toLowerCase()], `${method} ${path} is not described`);
    }
  });

  test("names the methods of each path as OPTIONS does", async () => {
    for (const [template, item] of Object.entries(description.document.paths)) {
      if (template.startsWith("/webhooks/")) continue;
      const answer = await fetch(`http://${daemon.api}${template.replace(/\{[^}]+\}/g, "x")}`, { method: "OPTIONS" });
      const allowed = answer.headers.get("allow").split(", ").filter((method) => !["HEAD", "OPTIONS"].includes(method));
      const named = ["get", "put", "post", "delete"].filter((method) => item[method]).map((method) => method.toUpperCase());
      assert.deepEqual(allowed.sort(), named.sort(), template);
    }
  });

  test("holds for what needs a token", async () => {
    for (const answer of description.answers().filter((name) => name.endsWith(" 401"))) {
      const [method, template] = answer.split(" ");
      if (template.startsWith("/webhooks/")) continue;
      await ask(method, template.replace(/\{[^}]+\}/g, "x"), { token: "nobody's", expect: 401 });
    }
    for (const answer of description.answers().filter((name) => name.endsWith(" 403"))) {
      const [method, template] = answer.split(" ");
      await ask(method, template.replace(/\{[^}]+\}/g, "x"), { token: reader, expect: 403 });
    }
  });

  test("holds for parameters that nobody knows", async () => {
    for (const answer of description.answers().filter((name) => name.endsWith(" 400"))) {
      const [method, template] = answer.split(" ");
      if (template.startsWith("/webhooks/")) continue;
      await ask(method, `${template.replace(/\{[^}]+\}/g, "x")}?nobody_knows=this`, { expect: 400, body: method === "POST" ? {} : undefined });
    }
  });

  test("holds for the codes", async () => {
    const path = `/v1/access_codes/${id}`;
    const { headers, body } = await ask("GET", path, { expect: 200 });
    assert.ok(!("code" in body));
    await ask("GET", path, { expect: 304, headers: { "if-none-match": headers.get("etag") } });
    const shown = await ask("GET", `${path}?include=code`, { expect: 200, token: writer });
    assert.ok("code" in shown.body);
    await ask("GET", "/v1/access_codes/nobody", { expect: 404 });
    await ask("GET", `${path}/history?include=code`, { expect: 200, token: writer });
    await ask("GET", "/v1/access_codes/nobody/history", { expect: 404 });
    await ask("GET", "/v1/access_codes?limit=0", { expect: 400 });
    await ask("GET", `${path}?wait_for=unset,ended&wait=1`, { expect: 200 });
    await ask("GET", `${path}?wait_for=set&wait=61`, { expect: 400 });
  });

  test("holds for every filter, with a value of its kind and with another", async () => {
    const { parameters } = description.document.paths["/v1/access_codes"].get;
    for (const parameter of parameters) {
      const [{ name, schema }] = description.resolve(parameter);
      const good = {
        array: "set,unset", boolean: "true", integer: "1",
        string: schema.format === "date-time" ? "2026-03-05T15:00:00%2B01:00" : "x",
      }[schema.type] ?? schema.const;
      if (name !== "cursor") await ask("GET", `/v1/access_codes?${name}=${good}`, { expect: 200 });
      const free = schema.type === "string" && !schema.format && name !== "cursor";
      if (!free) await ask("GET", `/v1/access_codes?${name}=neither`, { expect: 400 });
    }
    for (let made = 0; made < 2; ++made) {
      await daemon.deliver(seam.event("access_code.created", seam.addCode().access_code_id));
    }
    const { body } = await ask("GET", "/v1/access_codes?limit=1", { expect: 200 });
    assert.equal(body.access_codes.length, 1);
    await ask("GET", `/v1/access_codes?cursor=${body.next_cursor}`, { expect: 200 });
  });

  test("holds for the changes, as pages and as a stream", async () => {
    const { body } = await ask("GET", "/v1/changes?after=0&limit=1", { expect: 200 });
    assert.equal(body.changes.length, 1);
    await ask("GET", "/v1/changes", { expect: 400, headers: { "last-event-id": "the last" } });

    const abort = new AbortController();
    const answer = await fetch(`http://${daemon.api}/v1/changes`, {
      headers: { accept: "text/event-stream", "last-event-id": "0", authorization: `Bearer ${writer}` }, signal: abort.signal,
    });
    let text = "";
    for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
      text += piece;
      if (/^data: .*\n\n/m.test(text)) break;
    }
    abort.abort();
    description.check("GET", "/v1/changes", { status: answer.status, headers: answer.headers, text });
    const message = Object.fromEntries(text.split("\n\n").find((part) => /^data:/m.test(part))
      .split("\n").map((line) => line.split(/: ?(.*)/)));
    const change = JSON.parse(message.data);
    description.valid(change, "a message", "components", "schemas", "Change");
    assert.equal(message.id, String(change.seq));
  });

  test("holds for what is asked of Seam's locks", async () => {
    await ask("GET", "/v1/devices?limit=1", { expect: 200 });
    await ask("GET", "/v1/devices?limit=0", { expect: 400 });
    const { body } = await ask("GET", `/v1/devices/${seam.device_id}`, { expect: 200 });
    assert.equal(body.iana_timezone, "America/Los_Angeles");
    await ask("GET", "/v1/devices/nobody", { expect: 404 });
  });

  // The stay that the lock offers next.
  async function order(changes = {}) {
    const { body } = await ask("GET", `/v1/devices/${seam.device_id}`, { expect: 200 });
    const { starts_at, ends_at } = body.time_slots[0].next;
    return { device_id: seam.device_id, name: "Made here", starts_at, ends_at, ...changes };
  }

  test("holds for checking and making codes", async () => {
    const wanted = await order();
    const late = { ...wanted, ends_at: inDays(90) };
    const post = (path, body, expect, headers) => ask("POST", path, { body, expect, headers });
    for (const path of ["/v1/access_codes/check", "/v1/access_codes"]) {
      await post(path, "no JSON", 400);
      await post(path, { ...wanted, starts_at: "tomorrow" }, 400);
      await post(path, { ...wanted, device_id: "nobody" }, 404);
      const { body } = await post(path, late, 422);
      assert.ok(body.violations.length > 0);
    }
    await post("/v1/access_codes/check", wanted, 200);
    const made = await post("/v1/access_codes", wanted, 201, { "idempotency-key": "one" });
    const again = await post("/v1/access_codes", wanted, 201, { "idempotency-key": "one" });
    assert.equal(again.text, made.text);
    await post("/v1/access_codes", late, 422, { "idempotency-key": "one" });
    await ask("GET", made.headers.get("location"), { expect: 200 });

    // A repeat while the first is still on its way.
    const held = front.holding("/access_codes/create");
    const first = post("/v1/access_codes", wanted, 201, { "idempotency-key": "two" });
    await held.arrived;
    await post("/v1/access_codes", wanted, 409, { "idempotency-key": "two" });
    held.release();
    await first;
  });

  test("holds for the quarantine", async () => {
    await deliver("no event", {}, 202);
    const list = await ask("GET", "/v1/quarantine?limit=1", { expect: 200 });
    const [{ id: number }] = list.body.quarantine;
    await ask("GET", "/v1/quarantine?limit=0", { expect: 400 });
    await ask("GET", `/v1/quarantine/${number}`, { expect: 200 });
    await ask("GET", "/v1/quarantine/999999", { expect: 404 });
    const { body } = await ask("POST", `/v1/quarantine/${number}/replay`, { expect: 200 });
    assert.equal(body.result, "unusable");
    await ask("POST", "/v1/quarantine/999999/replay", { expect: 404 });
  });

  test("holds for trying a target of notifications out", async () => {
    const { body } = await ask("POST", "/v1/notify/nowhere/test", { expect: 200 });
    assert.equal(body.delivered, false);
    await ask("POST", "/v1/notify/nobody/test", { expect: 404 });
  });

  test("holds for tracking, refreshing, letting go", async () => {
    const other = seam.addCode().access_code_id;
    const path = `/v1/access_codes/${other}`;
    await ask("PUT", path, { expect: 201 });
    await ask("PUT", path, { expect: 200 });
    await ask("PUT", "/v1/access_codes/nobody", { expect: 404 });
    await ask("POST", `${path}/refresh`, { expect: 200 });
    await ask("POST", "/v1/access_codes/nobody/refresh", { expect: 404 });
    await ask("POST", `${path}/untrack`, { expect: 200 });
    await ask("POST", "/v1/access_codes/nobody/untrack", { expect: 404 });
    await ask("DELETE", path, { expect: 405 });
  });

  test("holds when Seam does not answer as it should", async () => {
    const other = seam.addCode().access_code_id;
    const refused = { ok: false, error: { type: "refused", message: "for a test" } };
    await front.answering("/access_codes", 429, refused, async () => {
      await ask("PUT", `/v1/access_codes/${other}`, { expect: 429 });
      await ask("POST", `/v1/access_codes/${id}/refresh`, { expect: 429 });
    }, { "retry-after": "1" });
    await front.answering("/access_codes", 400, refused, async () => {
      await eventually("the second is over", async () =>
        (await ask("PUT", `/v1/access_codes/${other}`)).status === 502);
      await ask("POST", `/v1/access_codes/${id}/refresh`, { expect: 502 });
    });
    await front.answering("/access_codes", 500, {}, async () => {
      const { body } = await ask("PUT", `/v1/access_codes/${other}`, { expect: 502 });
      assert.equal(body.type, "/problems/seam-unreachable");
    });
    // Last, as a refused key is not tried again for long: it is the daemon whom Seam does not let in.
    await front.answering("/access_codes", 401, refused, async () => {
      await eventually("Seam is asked again", async () => {
        const { status, body } = await ask("PUT", `/v1/access_codes/${other}`);
        assert.equal(status, 502);
        return body.type === "/problems/seam-refused";
      });
    });
  });

  test("holds when Seam does not answer about locks as it should", async () => {
    const wanted = await order();
    const refused = { ok: false, error: { type: "refused", message: "for a test" } };
    const unseen = { ...wanted, device_id: "not seen yet" };
    for (const [status, expected, headers] of [[429, 429, { "retry-after": "1" }], [400, 502, {}]]) {
      const answered = (method, path, body) => eventually(`${method} ${path} ${expected}`, async () =>
        (await ask(method, path, { body })).status === expected);
      await front.answering("/devices", status, refused, async () => {
        await answered("GET", "/v1/devices/not%20seen%20yet");
        await answered("POST", "/v1/access_codes/check", unseen);
      }, headers);
      await front.answering("/access_codes/create", status, refused, () =>
        answered("POST", "/v1/access_codes", wanted), headers);
    }
  });

  test("holds for the daemon itself", async () => {
    const { headers } = await ask("GET", "/v1/openapi.json", { expect: 200 });
    await ask("GET", "/v1/openapi.json", { expect: 304, headers: { "if-none-match": headers.get("etag") } });
    const page = await ask("GET", "/", { expect: 200, token: "nobody's" });
    await ask("GET", "/", { expect: 304, headers: { "if-none-match": `"x", ${page.headers.get("etag")}` } });
    await ask("GET", "/v1/stats", { expect: 200 });
    await ask("GET", "/v1/arrivals?within=365d", { expect: 200 });
    await ask("GET", "/v1/arrivals?within=soon", { expect: 400 });
    await ask("GET", "/v1/alerts?open=true&kind=not_in_order&limit=1", { expect: 200 });
    await ask("GET", "/v1/alerts?kind=flood", { expect: 400 });
    const backup = await ask("GET", "/v1/backup", { expect: 200 });
    assert.ok(backup.text.startsWith("SQLite format 3"));
    await ask("GET", "/healthz", { expect: 200 });
    await ask("GET", "/readyz", { expect: 200 });
    await ask("GET", "/metrics", { expect: 200 });
  });

  test("holds for deliveries", async () => {
    const event = JSON.stringify(seam.event("access_code.set_on_device", id));
    await deliver(event, {}, 204);
    await deliver(event, {}, 204);
    await deliver("no event", {}, 202);
    await deliver(event, { headers: { "svix-timestamp": "yesterday" } }, 400);
    await deliver(event, { signer: new Webhook(`whsec_${Buffer.from("another").toString("base64")}`) }, 401);
    await deliver("x".repeat(4097), {}, 413);
    await deliver(event, { headers: { "x-long": "x".repeat(17_000) } }, 431);
    const other = await daemon.post(event, { method: "PUT" });
    description.check("POST", "/webhooks/seam", other);
    assert.equal(other.status, 405);
  });

  test("describes no answer that was not seen", () => {
    const unseen = description.answers().filter((name) =>
      !description.seen.has(name) && !elsewhere.some(([pattern]) => pattern.test(name)));
    assert.deepEqual(unseen, []);
  });
});
