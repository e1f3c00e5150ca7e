// The list of what is linked, as the package brings it: valid, complete and as dpkg knows it.
// ORACODE_COMPONENTS: the list; ORACODE_SCHEMAS: the folder with CycloneDX's schemas; ORACODE_RELEASE: the folder with the programs.
import Ajv from "ajv";
import addFormats from "ajv-formats";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";

const { ORACODE_COMPONENTS, ORACODE_SCHEMAS, ORACODE_RELEASE } = process.env;
const json = (path) => JSON.parse(readFileSync(path, "utf8"));
const run = (program, ...args) => execFileSync(program, args, { encoding: "utf8" });
const list = json(ORACODE_COMPONENTS);

test("the list is valid by CycloneDX's own schema", () => {
  const ajv = new Ajv({ strict: false, formats: { "iri-reference": true, "idn-email": true } });
  addFormats(ajv);
  const schema = (name) => json(join(ORACODE_SCHEMAS, name));
  // By the names under which the first one refers to them.
  for (const name of ["spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json"])
    ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}`);
  const valid = ajv.compile(schema("bom-1.6.SNAPSHOT.schema.json"));
  assert.ok(valid(list), JSON.stringify(valid.errors, null, 1));
  assert.ok(!valid({ ...list, components: [{ ...list.components[0], type: "stone" }] }));
});

test("it names every shared library that the programs need", () => {
  const files = new Set(list.components.flatMap(({ name }) => run("dpkg-query", "-L", name).split("\n").map((file) => basename(file))));
  const needed = ["oracoded", "oracodectl"].flatMap((program) =>
    [...run("readelf", "-d", join(ORACODE_RELEASE, program)).matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name]) => name));
  assert.ok(needed.includes("libssl.so.3") && needed.includes("libsqlite3.so.0"), needed.join(" "));
  assert.deepEqual(needed.filter((name) => !files.has(name)), []);
});

test("it names what is compiled in from headers", () => {
  const compiled = list.components.filter(({ properties }) => properties.some(({ value }) => value === "headers")).map(({ name }) => name);
  for (const name of ["libboost1.81-dev", "libcli11-dev", "libfmt-dev", "libhowardhinnant-date-dev", "libspdlog-dev", "libssl-dev",
                      "libtomlplusplus-dev", "prometheus-cpp-dev"])
    assert.ok(compiled.includes(name), name);
});

test("its versions are dpkg's, and nothing that is only tested with is in it", () => {
  for (const { name, version, purl } of list.components) {
    assert.equal(version, run("dpkg-query", "-W", "-f=${Version}\n", name).split("\n")[0], name);
    assert.match(purl, /^pkg:deb\/debian\/.*arch=.*distro=debian-12/);
    assert.doesNotMatch(name, /gtest|gmock|googletest|asan|ubsan/);
  }
  assert.deepEqual(list.dependencies.find(({ ref }) => ref === "oracoded").dependsOn, list.components.map((part) => part["bom-ref"]).sort());
});

test("nothing in it is another at the next build", () => {
  assert.equal(list.serialNumber, undefined);
  assert.equal(list.metadata.timestamp, undefined);
});
