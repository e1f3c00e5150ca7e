// The image: what it is made of, what it says about itself, and that it serves from a read-only root.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync,
         statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { eventually } from "../e2e/eventually.mjs";
import { Container } from "./container.mjs";
import { last_stage } from "./dockerfile.mjs";

const project = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const stage = last_stage(join(project, "docker/Dockerfile"));
const folder = mkdtempSync(join(tmpdir(), "oracode-image-"));
const image = join(folder, "image:latest");
const root = join(folder, "bundle/rootfs");
const largest = 60e6;

const run = (program, ...args) => execFileSync(program, args, { encoding: "utf8", stdio: "pipe" });
const each = (option, values) => values.flatMap((value) => [option, value]);

before(() => {
  const gathered = join(folder, "gathered");
  run(join(project, "docker/rootfs"), gathered, process.env.ORACODE_RELEASE);
  run("umoci", "init", "--layout", join(folder, "image"));
  run("umoci", "new", "--image", image);
  run("umoci", "insert", "--image", image, gathered, "/");
  run("umoci", "config", "--image", image, "--config.user", stage.user, "--config.stopsignal", stage.stop_signal,
      ...each("--config.label", Object.entries(stage.labels).map(([name, value]) => `${name}=${value}`)),
      ...each("--config.env", stage.env), ...each("--config.exposedports", stage.ports.map((port) => `${port}/tcp`)),
      ...each("--config.volume", stage.volumes), ...each("--config.entrypoint", stage.entrypoint),
      ...each("--config.cmd", stage.cmd));
  run("umoci", "unpack", "--image", image, join(folder, "bundle"));
});

after(() => rmSync(folder, { recursive: true, force: true }));

const inspected = () => JSON.parse(run("skopeo", "inspect", "--config", `oci:${image}`)).config;

test("the image holds what docker/rootfs gathered, and nothing to break into", () => {
  assert.deepEqual(stage.from, "scratch");
  assert.deepEqual(stage.copies, [
    ["--from=build", "/image/", "/"],
    ["--from=build", `--chown=${stage.user}`, "/image/var/lib/oracoded/", "/var/lib/oracoded/"],
  ]);
  assert.match(readFileSync(join(project, "docker/Dockerfile"), "utf8"), /docker\/rootfs \/image build\/release\/bin/);
  for (const path of ["bin/sh", "usr/bin/sh", "usr/bin/apt", "usr/bin/dpkg"])
    assert.ok(!existsSync(join(root, path)), path);
  assert.equal(run("find", root, "-perm", "/6000", "-type", "f"), "");
  assert.equal(run("find", root, "-perm", "-o+w", "!", "-type", "l", "!", "-path", "*/tmp"), "");
  for (const path of ["usr/share/zoneinfo/America/Los_Angeles", "etc/ssl/certs/ca-certificates.crt",
                      "usr/share/doc/libc6/copyright", "usr/share/doc/oracoded/copyright"])
    assert.ok(statSync(join(root, path)).size > 100, path);
});

test("the image brings alert rules, dashboard and recipes along", () => {
  for (const path of ["prometheus-rules.yml", "grafana-dashboard.json", "proxy/Caddyfile", "proxy/haproxy.cfg", "proxy/nginx.conf"])
    assert.equal(readFileSync(join(root, "usr/share/oracoded", path), "utf8"),
                 readFileSync(join(project, "config", path), "utf8"), path);
});

test("the image lists what is linked, in the versions that it holds", () => {
  const { components } = JSON.parse(readFileSync(join(root, "usr/share/doc/oracoded/oracoded.cdx.json"), "utf8"));
  const versions = new Map(components.map(({ name, version }) => [name, version]));
  for (const name of readdirSync(join(root, "var/lib/dpkg/status.d"))) {
    const [, version] = /^Version: (.*)$/m.exec(readFileSync(join(root, "var/lib/dpkg/status.d", name), "utf8"));
    if (!["ca-certificates", "tzdata"].includes(name)) assert.equal(versions.get(name), version, name);
  }
});

test("the image is small", (context) => {
  const { layers } = JSON.parse(run("skopeo", "inspect", "--raw", `oci:${image}`));
  const compressed = layers.reduce((sum, layer) => sum + layer.size, 0);
  const unpacked = Number(run("du", "-sb", root).split("\t")[0]);
  context.diagnostic(`compressed ${compressed} bytes, unpacked ${unpacked}`);
  assert.ok(compressed > 1e6);
  assert.ok(unpacked <= largest, `${unpacked}`);
});

test("the image says who it is and how it is run", () => {
  const config = inspected();
  assert.match(config.User, /^[1-9][0-9]*:[1-9][0-9]*$/);
  assert.equal(config.StopSignal, "SIGTERM");
  const version = /VERSION ([0-9.]+)/.exec(readFileSync(join(project, "CMakeLists.txt"), "utf8").split("project(")[1])[1];
  assert.equal(config.Labels["org.opencontainers.image.version"], version);
  assert.equal(config.Labels["org.opencontainers.image.licenses"], "MIT");
  assert.equal(config.Labels["org.opencontainers.image.title"], "oracoded");
  assert.deepEqual(Object.keys(config.Volumes), ["/var/lib/oracoded"]);
  assert.deepEqual(Object.keys(config.ExposedPorts), ["8443/tcp", "9464/tcp"]);
});

test("the compose file asks for the image's own health check, and for its volume", () => {
  const compose = readFileSync(join(project, "docker/compose.yaml"), "utf8");
  const check = /test: (\[.*\])/.exec(compose)[1];
  assert.deepEqual(JSON.parse(check), ["CMD", ...stage.health]);
  assert.match(compose, new RegExp(`data:${stage.volumes[0]}\n`));
});

// A certificate that the image trusts only because its own list of authorities has it.
function prepare() {
  const secrets = join(folder, "secrets");
  const volume = join(folder, "volume");
  mkdirSync(secrets);
  mkdirSync(volume);
  const [certificate, key] = ["webhook.certificate", "webhook.private_key"].map((name) => join(secrets, name));
  run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
      "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate);
  appendFileSync(join(root, "etc/ssl/certs/ca-certificates.crt"), readFileSync(certificate));
  writeFileSync(join(secrets, "webhook.secrets"), `whsec_${Buffer.from("twenty-four bytes secret").toString("base64")}\n`);
  const [user, group] = stage.user.split(":").map(Number);
  for (const path of [volume, ...["certificate", "private_key", "secrets"].map((name) => join(secrets, `webhook.${name}`))]) {
    chownSync(path, user, group);
    chmodSync(path, path === volume ? 0o700 : 0o400);
  }
  return { "/run/secrets": secrets, [stage.volumes[0]]: volume };
}

test("its programs serve a lifecycle from a read-only root, and a restart finds it again", async () => {
  const config = inspected();
  const mounts = prepare();
  const code = "c0de0000-0000-4000-8000-000000000001";
  const ctl = "/usr/bin/oracodectl";
  const serve = async (act) => {
    const container = new Container(root, config, mounts);
    try {
      await eventually(`healthy: ${container.log}`, async () => {
        assert.equal(container.process.exitCode, null, container.log);
        return container.log.includes("daemon.started") && (await container.exit_code(...stage.health)) === 0;
      });
      act(container);
      assert.equal(await container.stop(config.StopSignal), 0, container.log);
    } finally {
      container.kill();
    }
  };
  await serve((container) => {
    const mounted = readFileSync(`/proc/${container.first}/mountinfo`, "utf8").split("\n").map((line) => line.split(" "));
    assert.match(mounted.findLast(([, , , , point]) => point === "/")[5], /^ro,/);
    container.run(ctl, "simulate", "--url", "https://127.0.0.1:8443/webhooks/seam",
                  "--secret-file", "/run/secrets/webhook.secrets", "--code", code);
    assert.equal(JSON.parse(container.run(ctl, "--json", "show", code)).status, "set");
  });
  await serve((container) => assert.equal(JSON.parse(container.run(ctl, "--json", "show", code)).status, "set"));
});

test("the health check fails where nothing is ready", async () => {
  const config = { ...inspected(), Env: stage.env, Entrypoint: stage.health, Cmd: [] };
  const container = new Container(root, config, {});
  assert.notEqual(await container.ended, 0);
});
