// What oracoded tells others of its own accord, verified by other people's libraries: npm's
// standardwebhooks and svix.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";

import { Webhook as Standard } from "standardwebhooks";
import { Webhook as Svix } from "svix";

import { control, Daemon } from "./daemon.mjs";
import { eventually, minute } from "./eventually.mjs";
import { Seam } from "./seam.mjs";

const secret = `whsec_${Buffer.from("what the receiver knows, too").toString("base64")}`;
const pin = "123456789";

// A server that notes what it is sent; `answer` decides what comes back.
class Receiver {
  static async start(answer = () => 204) {
    const receiver = new Receiver();
    receiver.seen = [];
    receiver.server = createServer(async (request, response) => {
      const seen = { path: request.url, headers: request.headers, body: await text(request) };
      receiver.seen.push(seen);
      const status = answer(seen);
      if (status) response.writeHead(status).end();
    });
    receiver.server.listen(0, "127.0.0.1");
    await once(receiver.server, "listening");
    return receiver;
  }
  url(path) {
    return `http://127.0.0.1:${this.server.address().port}${path}`;
  }
  stop() {
    this.server.close();
    this.server.closeAllConnections();
  }
}

describe("who is told of alerts and changes", { timeout: 3 * minute }, () => {
  let folder, seam, daemon, pms, hanging, phone, chat;
  const types = ["alert.opened", "alert.closed", "access_code.changed"];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "oracoded-notify-"));
    seam = await Seam.start();
    [pms, hanging, phone, chat] = await Promise.all(
      [Receiver.start(), Receiver.start(() => 0), Receiver.start(), Receiver.start()]);
    daemon = await Daemon.start(folder, seam, {
      notify: [
        { name: "hanging", url: hanging.url("/"), secret, types },
        { name: "pms", url: pms.url("/hook?key=very-secret"), secret, types },
        { name: "phone", url: phone.url("/topic"), format: "ntfy" },
        { name: "chat", url: chat.url("/services/T0"), format: "slack" },
      ],
    });
  });

  after(async () => {
    if (daemon) {
      daemon.process.kill("SIGKILL");
      await daemon.ended;
    }
    for (const receiver of [pms, hanging, phone, chat]) receiver?.stop();
    await seam?.stop();
    if (folder) rmSync(folder, { recursive: true });
  });

  // What the receiver was told of this type about this code, as both libraries verify it.
  function told(type, access_code_id) {
    return pms.seen.map(({ headers, body }) => {
      const verified = new Standard(secret).verify(body, headers);
      new Svix(secret).verify(body, headers);
      for (const Library of [Standard, Svix])
        assert.throws(() => new Library(secret).verify(`${body} `, headers));
      return { id: headers["webhook-id"], ...verified };
    }).filter((one) => one.type === type &&
      (one.data.access_code_id === access_code_id));
  }

  test("each change and each alert is told once, verified by standardwebhooks and svix", async () => {
    const { access_code_id } = seam.addCode(); // its stay has begun, and it is not set
    assert.equal(await daemon.deliver(seam.event("access_code.created", access_code_id)), 204);
    const [opened] = await eventually("an alert", () => {
      const alerts = told("alert.opened", access_code_id);
      return alerts.length > 0 && alerts;
    });
    assert.equal(opened.data.kind, "not_in_order");
    assert.equal(opened.data.access_code.name, "Ada Lovelace");
    assert.ok(opened.data.detail.length > 0);
    assert.ok(Math.abs(Date.parse(opened.timestamp) - Date.now()) < minute);

    seam.change(access_code_id, { status: "set" });
    const set = seam.event("access_code.set_on_device", access_code_id, { code: pin });
    assert.equal(await daemon.deliver(set), 204);
    assert.equal(await daemon.deliver(set), 204, "the same event again");
    const [closed] = await eventually("its end", () => {
      const alerts = told("alert.closed", access_code_id);
      return alerts.length > 0 && alerts;
    });
    assert.equal(closed.data.id, opened.data.id);
    assert.ok(closed.data.closed_at);

    const changes = await eventually("both changes", () => {
      const changes = told("access_code.changed", access_code_id);
      return changes.length > 1 && changes;
    });
    const { body } = await daemon.call("GET", "/v1/changes?after=0&limit=1000");
    assert.deepEqual(changes.map(({ data }) => data),
                     body.changes.filter((change) => change.access_code_id === access_code_id));
    const ids = pms.seen.map(({ headers }) => headers["webhook-id"]);
    assert.equal(new Set(ids).size, ids.length, "none came twice");

    await eventually("ntfy and Slack", () => [phone, chat].every(({ seen }) =>
      seen.some(({ body }) => body.includes("Ada Lovelace"))));
    const ring = phone.seen.find(({ body }) => body.includes("Ada Lovelace"));
    assert.equal(ring.headers.title, "Alert: not in order");
    assert.equal(ring.headers.priority, "high");
    assert.ok(chat.seen.some(({ body }) => JSON.parse(body).text.includes("Ada Lovelace")));
    for (const { seen } of [pms, phone, chat, hanging])
      for (const { body } of seen) assert.ok(!body.includes(pin), "a PIN");
  });

  test("a target that hangs delays neither the others nor deliveries, and is shown", async () => {
    assert.equal(hanging.seen.length, 1, "one at a time");
    const { body } = await daemon.call("GET", "/v1/alerts?kind=not_in_order");
    const states = Object.fromEntries(body.alerts.at(-1).deliveries
      .filter(({ type }) => type === "alert.opened").map(({ target, state }) => [target, state]));
    assert.deepEqual(states, { hanging: "pending", pms: "delivered", phone: "delivered", chat: "delivered" });
    const began = Date.now();
    for (let i = 0; i < 20; ++i)
      assert.equal(await daemon.deliver(seam.event("access_code.created", seam.addCode().access_code_id)), 204);
    assert.ok(Date.now() - began < 10_000);
    const ready = await daemon.call("GET", "/readyz");
    assert.equal(ready.status, 200);
    assert.equal(ready.body.checks.notify.targets.pms.state, "delivering");
    const metrics = await (await fetch(`http://${daemon.api}/metrics`)).text();
    assert.match(metrics, /oracoded_notifications_total\{result="delivered",target="pms"\} \d/);
    assert.match(metrics, /oracoded_notifications_pending\{target="hanging"\} \d/);
  });

  test("oracodectl notify test shows what came back", async () => {
    const run = (...words) => new Promise((done) =>
      execFile(control, ["--api", `http://${daemon.api}`, ...words], (error, stdout, stderr) =>
        done({ code: error?.code ?? 0, stdout, stderr })));
    const good = await run("notify", "test", "pms");
    assert.equal(good.code, 0, good.stderr);
    assert.match(good.stdout, /delivered: answered 204/);
    assert.ok(pms.seen.some(({ body }) => JSON.parse(body).type === "notify.test"));
    assert.equal((await run("notify", "test", "nobody")).code, 1);
    chat.stop();
    const bad = await run("--json", "notify", "test", "chat");
    assert.equal(bad.code, 1);
    assert.equal(JSON.parse(bad.stdout).delivered, false);
  });

  test("no address and no secret is in the log", () => {
    const log = daemon.log.join("\n");
    for (const word of ["very-secret", "/services/T0", secret.slice(6), pin])
      assert.ok(!log.includes(word), word);
  });
});
