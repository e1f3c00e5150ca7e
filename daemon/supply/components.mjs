// Writes the list of what is in the programs, as a CycloneDX document: node components.mjs BUILD VERSION OUTPUT
// Shared libraries are those that the loader finds; what is compiled in comes from the headers that the compiler read, as ninja
// noted them. Both are traced to their Debian packages. BUILD is a build folder of ninja, made on Debian.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { Enums, Factories, Models, Serialize, Spec } from "@cyclonedx/cyclonedx-library";
import { PackageURL } from "packageurl-js";

const [build, version, output] = process.argv.slice(2);
const run = (program, ...args) => execFileSync(program, args, { encoding: "utf8", maxBuffer: 1 << 28 });
const lines = (text) => text.split("\n").filter(Boolean);
const os = Object.fromEntries(lines(readFileSync("/etc/os-release", "utf8"))
  .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1).replaceAll('"', "")]));

// Each file's package. dpkg may know a file by its path before or after the merge of /usr.
function packages_of(paths) {
  const asked = new Map();
  for (const path of paths) {
    const real = existsSync(path) ? realpathSync(path) : path;
    for (const name of new Set([path, real, path.replace(/^\/usr/, ""), real.replace(/^\/usr/, "")])) asked.set(name, path);
  }
  const found = new Map();
  // dpkg-query ends with 1 where it does not know one of the names.
  for (const line of lines(spawnSync("dpkg-query", ["-S", ...asked.keys()], { encoding: "utf8", maxBuffer: 1 << 28 }).stdout)) {
    const [, owner, name] = /^([^:, ]+)(?::[a-z0-9]+)?(?:, [^:]+(?::[a-z0-9]+)?)*: (.*)$/.exec(line) ?? [];
    if (asked.has(name)) found.set(asked.get(name), owner);
  }
  const strays = paths.filter((path) => !found.has(path));
  if (strays.length) throw new Error(`of no Debian package: ${strays.join(" ")}`);
  return found;
}

const shared = () => [...new Set(["oracoded", "oracodectl"]
  .flatMap((program) => [...run("ldd", `${build}/bin/${program}`).matchAll(/\s(\/\S+)/g)].map(([, path]) => path)))];

function headers() {
  const read = new Set();
  let ours = false;
  // -n: ninja is running already, and writes these notes.
  for (const line of lines(run("ninja", "-C", build, "-n", "-t", "deps"))) {
    if (!line.startsWith(" ")) ours = /^(lib|daemon)\/CMakeFiles\/oracode/.test(line);
    else if (ours && line.startsWith("    /usr/")) read.add(line.trim());
  }
  if (!read.size) throw new Error(`ninja noted no headers in ${build}`);
  return [...read];
}

// Package names, each with the ways in which it is in the programs.
function linked() {
  const ways = new Map();
  const add = (way, paths) => {
    for (const name of packages_of(paths).values()) ways.set(name, (ways.get(name) ?? new Set()).add(way));
  };
  add("shared library", shared());
  add("headers", headers());
  return ways;
}

const fields = ["Package", "Version", "Architecture", "source:Package", "source:Version", "Homepage"];
function component(name, ways) {
  const [own, release, architecture, source, source_release, homepage] =
    lines(run("dpkg-query", "-W", `-f=${fields.map((field) => `\${${field}}\\t`).join("")}\\n`, name))[0].split("\t");
  const made = new Models.Component(Enums.ComponentType.Library, own, { version: release, bomRef: own });
  const qualifiers = { arch: architecture, distro: `${os.ID}-${os.VERSION_ID}`, upstream: `${source}@${source_release}` };
  made.purl = new PackageURL("deb", os.ID, own, release, qualifiers, undefined);
  for (const way of ways) made.properties.add(new Models.Property("oracoded:linked", way));
  if (homepage)
    made.externalReferences.add(new Models.ExternalReference(homepage, Enums.ExternalReferenceType.Website));
  return made;
}

const licenses = new Factories.LicenseFactory();
const product = new Models.Component(Enums.ComponentType.Application, "oracoded", { version, bomRef: "oracoded" });
product.licenses.add(licenses.makeFromString("MIT"));
const bom = new Models.Bom();
bom.metadata.component = product;
bom.metadata.lifecycles.add(Enums.LifecyclePhase.Build);
for (const [name, ways] of linked()) {
  const part = component(name, ways);
  bom.components.add(part);
  product.dependencies.add(part.bomRef);
}
const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
writeFileSync(output, `${serializer.serialize(bom, { sortLists: true, space: 1 })}\n`);
