// oracoded against other people's software: npm's fake of Seam's API, and deliveries signed by
// npm's svix. ORACODE_BIN names the folder with the daemon (default: build/release/bin).
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { Webhook } from "svix";

import { Daemon, secret } from "./daemon.mjs";
import { eventually, minute } from "./eventually.mjs";
import { eventTypes, inDays, moment, Seam } from "./seam.mjs";

describe("the life of Oracode offline access codes", { timeout: 3 * minute }, () => {
  let folder, seam, daemon;

  before(async () => {
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
    assert.deepEqual(changes.map(({ from, to }) => [from, to]),
                     [[null, "unset"], ["unset", "set"]]);

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
    assert.ok(eventTypes().length >= 21);
    for (const event_type of eventTypes()) {
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
    const set = seam.event("access_code.set_on_device", access_code_id);
    assert.equal(await daemon.deliver(set), 204);
    await daemon.sees(access_code_id, { status: "set", name: "Ada Lovelace" });
    const ends_at = inDays(5);
    seam.change(access_code_id, { ends_at });
    assert.equal(await daemon.deliver(seam.event("access_code.changed", access_code_id)), 204);
    await daemon.sees(access_code_id, { status: "set", ends_at });
  });

  test("a code that Seam does not find once has not ended", async () => {
    const { access_code_id } = seam.addCode();
    assert.equal(await daemon.deliver(seam.event("access_code.created", access_code_id)), 204);
    await daemon.sees(access_code_id, { name: "Ada Lovelace" });
    seam.remove(access_code_id);
    const code = await eventually("a look that does not find it", async () => {
      const code = await daemon.code(access_code_id);
      return code.missing_since && code;
    });
    assert.equal(code.ended, null, "an end takes three looks over half an hour");
    assert.ok(code.not_ready.includes("missing"), JSON.stringify(code.not_ready));
    for (const path of ["/access_codes/get", "/access_codes/unmanaged/get"])
      assert.ok(seam.requests.some((url) => url.startsWith(`${path}?access_code_id=${access_code_id}`)),
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
