// What lib/api/README.md tells those who write a client: the TypeScript there is generated for, compiled strictly, and
// used against the running daemon. And gzip, as clients ask for it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";

import { Daemon } from "./daemon.mjs";
import { eventually, minute } from "./eventually.mjs";
import { moment, Seam } from "./seam.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const token = "a-token-that-may-write";
const readme = readFileSync(join(here, "../../lib/api/README.md"), "utf8");
const block = (language, containing) => {
  const blocks = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, name, text]) => ({ name, text }));
  return blocks.find(({ name, text }) => name === language && text.includes(containing)).text;
};

describe("clients", { timeout: 3 * minute }, () => {
  let folder, seam, daemon, url;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "oracoded-client-"));
    seam = await Seam.start();
    daemon = await Daemon.start(folder, seam, {
      api: { tokens: [`writer:${token}`] }, poll: { grace: "1h", retry_min: "1h", retry_max: "1h" },
    });
    daemon.token = token;
    url = `http://${daemon.api}`;
    for (let made = 0; made < 40; ++made) {
      const { access_code_id } = seam.addCode({ name: `Guest ${made}`, starts_at: moment(30 * minute) });
      assert.equal(await daemon.deliver(seam.event("access_code.created", access_code_id)), 204);
    }
    // Their windows come by polls.
    await eventually("every window is known", async () =>
      (await daemon.call("GET", "/v1/arrivals?within=24h")).body.arrivals.length === 40);
  });

  after(async () => {
    if (daemon) {
      daemon.process.kill("SIGKILL");
      await daemon.ended;
    }
    await seam?.stop();
    if (folder) rmSync(folder, { recursive: true });
  });

  // As sent, undecoded.
  async function get(path, headers = {}) {
    const request = http.get(`${url}${path}`, { headers: { authorization: `Bearer ${token}`, ...headers } });
    const [answer] = await new Promise((resolve, reject) =>
      request.on("response", (message) => resolve([message])).on("error", reject));
    return { status: answer.statusCode, headers: answer.headers, bytes: await buffer(answer) };
  }
  const asked = { "accept-encoding": "gzip, deflate" };

  describe("in TypeScript", () => {
    const tool = (name, ...args) =>
      execFileSync(join(here, "node_modules/.bin", name), args, { cwd: folder, encoding: "utf8", stdio: "pipe" });
    const compile = (file) => tool("tsc", "--strict", "--noUncheckedIndexedAccess", "--target", "es2022",
                                   "--module", "nodenext", "--lib", "es2022,dom", file);

    before(async () => {
      symlinkSync(join(here, "node_modules"), join(folder, "node_modules"));
      writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
      const [, curl, generate] = block("sh", "openapi-typescript@").trim().split("\n");
      execFileSync("sh", ["-c", curl.replace("http://127.0.0.1:8080", url)],
                   { cwd: folder, env: { ...process.env, TOKEN: token } });
      assert.match(generate, /^npx openapi-typescript /);
      tool("openapi-typescript", ...generate.split(" ").slice(2));
      writeFileSync(join(folder, "client.ts"), block("ts", "createClient"));
    });

    test("the README's client compiles strictly and says who is not in order", async () => {
      compile("client.ts");
      const client = await import(pathToFileURL(join(folder, "client.js")));
      const wrong = await client.notInOrder(url, token);
      assert.equal(wrong.length, 40);
      assert.match(wrong.find((line) => line.startsWith("Guest 0:")), /not_set/);
      const { access_code_id } = seam.addCode({ name: "Lin", starts_at: moment(30 * minute) });
      assert.equal((await client.track(url, token, access_code_id, "R-7")).external_id, "R-7");
      await assert.rejects(client.notInOrder(url, "not a token"), /token/i);
    });

    test("the compiler finds what the API does not have", () => {
      for (const line of [
        `(await connect("", "").GET("/v1/arrivals")).data!.arrivals[0]!.gueest`,
        `(await connect("", "").GET("/v1/access_codes", { params: { query: { status: ["sets"] } } }))`,
        `(await connect("", "").PUT("/v1/access_codes/{access_code_id}", { params: {} }))`,
        `(await connect("", "").GET("/v1/arrivals")).data!.arrivals[0]!.name.length`,
      ]) {
        writeFileSync(join(folder, "wrong.ts"), `import { connect } from "./client.js";\nconsole.log(${line});\n`);
        assert.throws(() => compile("wrong.ts"), (failure) => /wrong\.ts.*error TS/.test(failure.stdout), line);
      }
    });
  });

  test("long answers are compressed for who asks for it", async () => {
    for (const path of ["/v1/access_codes", "/v1/arrivals?within=24h", "/v1/changes", "/v1/openapi.json", "/"]) {
      const plain = await get(path);
      assert.ok(plain.bytes.length > 16384 || path === "/v1/changes", `${path}: ${plain.bytes.length}`);
      assert.equal(plain.headers["content-encoding"], undefined, path);
      assert.match(plain.headers.vary, /Accept-Encoding/, path);
      const packed = await get(path, asked);
      assert.match(packed.headers.vary, /Accept-Encoding/, path);
      if (plain.bytes.length <= 16384) {
        assert.equal(packed.headers["content-encoding"], undefined, path);
        continue;
      }
      assert.equal(packed.headers["content-encoding"], "gzip", path);
      assert.equal(Number(packed.headers["content-length"]), packed.bytes.length);
      assert.ok(packed.bytes.length < plain.bytes.length / 2, path);
      assert.equal(gunzipSync(packed.bytes).length, plain.bytes.length, path);
    }
    const refused = await get("/v1/access_codes", { "accept-encoding": "gzip;q=0, identity" });
    assert.equal(refused.headers["content-encoding"], undefined);
  });

  test("short ones, streams and copies of the database are not", async () => {
    for (const path of ["/v1/access_codes?limit=1", "/readyz", "/v1/backup"])
      assert.equal((await get(path, asked)).headers["content-encoding"], undefined, path);
    const abort = new AbortController();
    const stream = await fetch(`${url}/v1/changes?after=0`, {
      headers: { ...asked, accept: "text/event-stream", authorization: `Bearer ${token}` }, signal: abort.signal,
    });
    assert.equal(stream.headers.get("content-encoding"), null);
    abort.abort();
  });

  test("each form of a document has its own tag", async () => {
    const plain = await get("/v1/openapi.json");
    const packed = await get("/v1/openapi.json", asked);
    assert.notEqual(plain.headers.etag, packed.headers.etag);
    const again = (etag, headers) => get("/v1/openapi.json", { ...headers, "if-none-match": etag });
    assert.equal((await again(plain.headers.etag)).status, 304);
    assert.equal((await again(packed.headers.etag, asked)).status, 304);
    assert.equal((await again(plain.headers.etag, asked)).status, 200);
  });

  test("the caller's own reference is told wherever the code is", async () => {
    const { access_code_id } = seam.addCode({ name: "Grace", starts_at: moment(30 * minute) });
    const answer = await fetch(`${url}/v1/access_codes/${access_code_id}`, {
      method: "PUT", body: JSON.stringify({ external_id: "Reservation R-1042" }),
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    });
    assert.equal(answer.status, 201);
    assert.equal((await answer.json()).external_id, "Reservation R-1042");
    const told = async (path, member) => (await daemon.call("GET", path)).body[member]
      .filter((one) => one.access_code_id === access_code_id).map((one) => one.external_id);
    const here = ["Reservation R-1042"];
    await daemon.sees(access_code_id, { name: "Grace" });
    assert.deepEqual(await told("/v1/access_codes?external_id=Reservation%20R-1042", "access_codes"), here);
    assert.deepEqual(await told("/v1/access_codes?search=r-1042", "access_codes"), here);
    assert.deepEqual(await told("/v1/arrivals?within=24h", "arrivals"), here);
    assert.ok((await told("/v1/changes?after=0&limit=1000", "changes")).every((id) => id === here[0]));
    assert.deepEqual(await told("/v1/access_codes?search=r-1043", "access_codes"), []);
  });
});
