// A proxy run from the recipe that users are given; only addresses and paths are put in, and each has to be found.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import net from "node:net";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { eventually } from "../e2e/eventually.mjs";

const recipes = resolve(dirname(fileURLToPath(import.meta.url)), "../../config/proxy");

export async function free_port() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

function recipe(name, replacements) {
  let text = readFileSync(join(recipes, name), "utf8");
  for (const [what, by] of replacements) {
    assert.ok(text.includes(what), `${name} has no ${what}`);
    text = text.replaceAll(what, by);
  }
  return text;
}

// What each program is started with, after its files are written into `folder`.
const kinds = {
  nginx(folder, { port, backend, api, certificate, key }) {
    writeFileSync(join(folder, "recipe.conf"), recipe("nginx.conf", [
      ["server 127.0.0.1:8443;", `server 127.0.0.1:${backend};`],
      ["proxy_pass http://127.0.0.1:8080;", `proxy_pass http://127.0.0.1:${api};`], ["listen 443 ", `listen 127.0.0.1:${port} `],
      ["/etc/ssl/codes.example.org/fullchain.pem", certificate], ["/etc/ssl/codes.example.org/privkey.pem", key],
    ]));
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map((name) => `${name}_temp_path ${folder}/${name};`).join(" ");
    writeFileSync(join(folder, "nginx.conf"),
      `daemon off; master_process off; pid ${folder}/pid; error_log stderr;
       events {} http { access_log off; ${temporary} include ${folder}/recipe.conf; }`);
    return ["nginx", "-p", folder, "-e", "stderr", "-c", join(folder, "nginx.conf")];
  },
  caddy(folder, { port, backend, api, certificate, key }) {
    writeFileSync(join(folder, "Caddyfile"), `{
	admin off
	auto_https disable_redirects
	storage file_system ${folder}/storage
}
${recipe("Caddyfile", [
      ["reverse_proxy 127.0.0.1:8443", `reverse_proxy 127.0.0.1:${backend}`],
      ["reverse_proxy 127.0.0.1:8080", `reverse_proxy 127.0.0.1:${api}`],
      ["desk.example.org {", `desk.example.org:${port} {\n\tbind 127.0.0.1`],
      ["codes.example.org {", `codes.example.org:${port} {\n\tbind 127.0.0.1`],
      ["/etc/ssl/codes.example.org/fullchain.pem", certificate], ["/etc/ssl/codes.example.org/privkey.pem", key],
    ])}`);
    return ["caddy", "run", "--config", join(folder, "Caddyfile")];
  },
  haproxy(folder, { port, backend, api, certificate, key }) {
    writeFileSync(join(folder, "both.pem"), readFileSync(certificate) + readFileSync(key, "utf8"));
    writeFileSync(join(folder, "haproxy.cfg"), recipe("haproxy.cfg", [
      ["server oracoded 127.0.0.1:8443", `server oracoded 127.0.0.1:${backend}`],
      ["server api 127.0.0.1:8080", `server api 127.0.0.1:${api}`], ["bind :443 ", `bind 127.0.0.1:${port} `],
      ["/etc/ssl/codes.example.org/both.pem", join(folder, "both.pem")],
    ]));
    return ["haproxy", "-db", "-f", join(folder, "haproxy.cfg")];
  },
};

export class Proxy {
  static names = Object.keys(kinds);

  // files: certificate and key; backend and api: the daemon's ports for deliveries and for the API.
  static async start(name, folder, files, { backend, api }) {
    const proxy = new Proxy();
    proxy.port = await free_port();
    mkdirSync(folder);
    const [program, ...args] = kinds[name](folder, { ...files, port: proxy.port, backend, api });
    proxy.process = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"], env: { PATH: process.env.PATH, HOME: folder },
    });
    proxy.ended = once(proxy.process, "exit");
    proxy.ended.catch(() => {});
    proxy.log = "";
    for (const stream of [proxy.process.stdout, proxy.process.stderr])
      stream.setEncoding("utf8").on("data", (text) => (proxy.log += text));
    await eventually(`${name} listens`, () => {
      assert.equal(proxy.process.exitCode, null, proxy.log);
      return new Promise((done) => {
        const probe = net.connect(proxy.port, "127.0.0.1", () => done(true)).on("error", () => done(false));
        probe.on("connect", () => probe.destroy());
      });
    });
    return proxy;
  }

  async stop() {
    this.process.kill("SIGTERM");
    await this.ended;
  }
}
