// Seam, played by npm's fake of its API: one workspace with one Oracode lock.
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { createFake } from "@seamapi/fake-seam-connect";

import { minute } from "./eventually.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const samples = join(here, "../data/seam/events");
const day = 24 * 60 * minute;
const zone = "America/Los_Angeles";

// Every type of event of which there is a sample.
export const eventTypes = () =>
  readdirSync(samples).map((file) => file.slice(0, -".json".length));

// A moment so far from now, in whole seconds, as Seam writes it.
export const moment = (offset) =>
  new Date(Math.floor((Date.now() + offset) / 1000) * 1000).toISOString();
export const inDays = (count) => moment(count * day);

export class Seam {
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
      display_name: "Cabin 7",
      can_remotely_lock: false,
      can_remotely_unlock: false,
      can_program_online_access_codes: false,
      properties: {
        manufacturer: "dormakaba",
        offline_access_codes_enabled: true,
        dormakaba_oracode_metadata: {
          device_id: 7,
          site_name: "Lake",
          iana_timezone: zone,
          predefined_time_slots: [{
            name: "Guest", prefix: 3, is_24_hour: false, is_biweekly_mode: false, is_master: false, is_one_shot: false,
            check_in_time: `15:00:00[${zone}]`, check_out_time: `11:00:00[${zone}]`,
            dormakaba_oracode_user_level_id: "level-3", ext_dormakaba_oracode_user_level_prefix: 3,
          }],
        },
      },
    }).device_id;
    await seam.fake.startServer();
    seam.answer();
    return seam;
  }

  // Notes each request, and adds what the fake lacks: the endpoint of unmanaged codes, of which
  // there are none.
  answer() {
    const { server } = this.fake.server;
    const [answer] = server.listeners("request");
    server.removeAllListeners("request");
    server.on("request", (request, response) => {
      this.requests.push(request.url);
      if (!request.url.startsWith("/access_codes/unmanaged/get")) return answer(request, response);
      const error = { type: "access_code_not_found", message: "Access Code Not Found" };
      response.writeHead(404, { "content-type": "application/json" });
      response.end(JSON.stringify({ ok: false, error }));
    });
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
      ends_at: inDays(3),
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
