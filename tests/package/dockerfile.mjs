// What the last stage of a Dockerfile says, as an image's configuration has it. Only what ours uses is understood;
// anything else is an error, so that no line of it goes untested.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const words = (text) => [...text.matchAll(/(?:[^\s"]+|"[^"]*")+/g)].map(([word]) => word.replaceAll('"', ""));
const pairs = (text) => words(text).map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]);

export function last_stage(file) {
  const text = readFileSync(file, "utf8").replace(/^#.*\n/gm, "").replace(/\\\n\s*/g, "");
  const lines = text.split("\n").filter(Boolean);
  const from = lines.findLastIndex((line) => line.startsWith("FROM "));
  const stage = { from: lines[from].slice(5), copies: [], labels: {}, env: [], ports: [], volumes: [] };
  for (const line of lines.slice(from + 1)) {
    const [, instruction, rest] = /^(\w+) (.*)$/.exec(line);
    switch (instruction) {
      case "COPY": stage.copies.push(words(rest)); break;
      case "LABEL": Object.assign(stage.labels, Object.fromEntries(pairs(rest))); break;
      case "ENV": stage.env.push(...words(rest)); break;
      case "EXPOSE": stage.ports.push(...words(rest)); break;
      case "VOLUME": stage.volumes.push(...words(rest)); break;
      case "USER": stage.user = rest; break;
      case "STOPSIGNAL": stage.stop_signal = rest; break;
      case "ENTRYPOINT": stage.entrypoint = JSON.parse(rest); break;
      case "CMD": stage.cmd = JSON.parse(rest); break;
      case "HEALTHCHECK": stage.health = JSON.parse(rest.slice(rest.indexOf("CMD ") + 4)); break;
      default: assert.fail(`${file}: ${instruction} is not understood here`);
    }
  }
  return stage;
}
