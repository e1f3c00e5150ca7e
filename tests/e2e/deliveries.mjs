// Deliveries made up from a seed: right ones, and what else a sender, a forger or a faulty client might send.
import { createHmac } from "node:crypto";

// A small generator (mulberry32) whose numbers follow from the seed alone.
export class Random {
  constructor(seed) {
    this.state = (seed ^ 0x9e3779b9) >>> 0;
    for (let i = 0; i < 3; ++i) this.below(1);
  }
  below(limit) {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  }
  chance(percent) { return this.below(100) < percent; }
  pick(list) { return list[this.below(list.length)]; }
  bytes(length) { return Buffer.from(Array.from({ length }, () => this.below(256))); }
}

const tolerance = 300;
const start = 1_772_463_600;

function secretOf(random) {
  const text = random.bytes(random.pick([1, 16, 24, 24, 24, 32, 64])).toString("base64");
  return random.chance(80) ? `whsec_${text}` : text;
}

function idOf(random) {
  return random.chance(70) ? `msg_${random.bytes(12).toString("hex")}` : random.pick([
    "m", "", " ", "a.b.c", ".", "msg.1772463600", "msg_ü", "消息", "🚪", "a,b", "v1,a", "a b", "\u00a0", "x".repeat(300), "0", "null",
  ]);
}

// What stands in the header, and the text that is signed: mostly the same.
function timestampOf(random, now) {
  const second = Math.floor(now / 1000);
  const away = random.chance(60) ? random.below(2 * tolerance) - tolerance
    : random.pick([-301, -300, -299, 299, 300, 301, 0, -tolerance * 10, 10 ** 6]);
  const plain = String(second + away);
  if (random.chance(75)) return { header: plain, signed: plain };
  const header = random.pick([
    `+${plain}`, `-${plain}`, ` ${plain}`, `${plain} `, `\t${plain}`, `0${plain}`, `000${plain}`, `${plain}.0`, `${plain}.9`,
    `${plain}abc`, `${plain}e0`, `${plain},1`, `${plain}n`, (second / 1e9).toString() + "e9", "0x" + second.toString(16), "", " ", "now", "NaN",
    "Infinity", "null", "-1", "0", "99999999999999999999", "9223372036854775807", "9223372036854775808", "1e400", "１７７２４６３６００",
    `${plain}\u0000`, new Date(now).toISOString(), plain.slice(0, -1), `${plain}0`, `${plain}000`,
  ]);
  return { header, signed: random.chance(50) ? header : plain };
}

function bodyOf(random) {
  const json = Buffer.from(JSON.stringify({ event_id: random.bytes(8).toString("hex"), event_type: "access_code.set_on_device" }));
  if (random.chance(60)) return json;
  return random.pick([
    () => Buffer.alloc(0), () => random.bytes(random.below(200)), () => Buffer.from("\ufeff{}"), () => Buffer.from("ü消🚪\u0000\r\n"),
    () => Buffer.from([0xff]), () => Buffer.concat([json, Buffer.from([0xc3])]), () => Buffer.from([0xed, 0xa0, 0x80]), () => Buffer.from("\ufffd"),
    () => Buffer.from("."), () => Buffer.from(" "),
  ])();
}

const sign = (key, id, timestamp, body) =>
  createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
export const keyOf = (secret) => Buffer.from(secret.replace(/^whsec_/, ""), "base64");

function spelling(random, text) {
  if (random.chance(70)) return text;
  return random.pick([
    (t) => t.replace(/=+$/, ""), (t) => t.replaceAll("+", "-").replaceAll("/", "_"), (t) => `${t}=`, (t) => `${t}==`,
    (t) => t.slice(0, -2) + String.fromCharCode(t.charCodeAt(t.length - 2) + 1) + "=", (t) => t.toLowerCase(), (t) => t.slice(1),
    (t) => `${t}AAAA`, (t) => `${t},`, (t) => `${t},x`, (t) => `${t}\n`, (t) => `\t${t}`, (t) => t.replace("=", "%3D"), () => "", (t) => `A${t.slice(1)}`,
    (t) => `${t}\u00a0`, (t) => t + t,
  ])(text);
}

const versions = ["v1", "v1", "v1", "v1", "v1a", "v2", "V1", "v0", "", "v1 ", "v1v1", "v", "v1,v1"];

function signatureHeader(random, right, wrong) {
  const one = (signature) => `${random.pick(versions)},${signature}`;
  const others = () => random.pick([
    "", "v1", "v1,", ",", "v1a,b64", "v2,x", one(wrong()), one(spelling(random, right)), `v1a,${right}`, "v1,é", one(Buffer.from("short").toString("base64")),
  ]);
  const list = random.chance(80) ? [random.chance(70) ? `v1,${right}` : `v1,${spelling(random, right)}`] : [one(spelling(random, right))];
  if (random.chance(30)) for (let i = random.below(4); i >= 0; --i) list.splice(random.below(list.length + 1), 0, others());
  if (random.chance(1)) for (let i = 0; i < 15 + random.below(3); ++i) list.unshift(`v1,${wrong()}`);
  if (random.chance(2)) return random.pick(["", " ", "v1", "v1,", right, `v1=${right}`, `v1,${right};`]);
  return list.join(random.chance(95) ? " " : random.pick(["  ", ",", "\t", "; "]));
}

const spelled = [(n) => n, (n) => n, (n) => n.toUpperCase(), (n) => n.replace(/(^|-)\w/g, (c) => c.toUpperCase())];

function headersOf(random, values, others) {
  const family = (name, { id, timestamp, signature }) =>
    [[`${name}-id`, id], [`${name}-timestamp`, timestamp], [`${name}-signature`, signature]];
  let headers = family(random.pick(["svix", "svix", "webhook"]), values);
  if (random.chance(15)) {
    headers = random.chance(50) ? [...family("svix", values), ...family("webhook", others)]
      : [...family("svix", others), ...family("webhook", values)];
  }
  if (random.chance(6)) headers.splice(random.below(headers.length), 1);
  if (random.chance(3)) headers[random.below(headers.length)][1] = "";
  if (random.chance(4)) headers.push([random.pick(["svix-idx", "webhook", "x-svix-id", "svix_id", "Host", "svix-"]), "x"]);
  if (random.chance(10)) headers.reverse();
  const spell = random.pick(spelled);
  return headers.map(([name, value]) => [spell(name), value]);
}

// A secret as someone might paste it.
function faultySecret(random, secret) {
  return random.pick([
    (s) => s.replace(/=+$/, ""), (s) => s.replaceAll("+", "-").replaceAll("/", "_"), (s) => `${s}=`, (s) => s.slice(0, -1), () => "whsec_", () => "",
    (s) => `whsec_${s}`, (s) => ` ${s}`, (s) => s.toUpperCase(), (s) => `${s}A`, (s) => `${s}!`, (s) => s.replace(/.=$/, "/="), (s) => `whpk_${s.slice(6)}`,
  ])(secret);
}

// { secrets, headers: [[name, value]…], body: Buffer, now: milliseconds }
export function delivery(seed) {
  const random = new Random(seed);
  const now = (start + random.below(10 ** 7)) * 1000 + random.pick([0, 0, 1, 500, 999]);
  const secrets = Array.from({ length: random.chance(80) ? 1 : 2 + random.below(2) }, () => secretOf(random));
  const signer = random.chance(90) ? random.pick(secrets) : secretOf(random);
  const id = idOf(random);
  const { header: timestamp, signed } = timestampOf(random, now);
  let body = bodyOf(random);
  // As a signer does that takes every body for a text.
  const asText = random.chance(30) ? Buffer.from(body.toString()) : body;
  const right = sign(keyOf(signer), id, signed, asText);
  const wrong = () => random.bytes(32).toString("base64");
  const signature = signatureHeader(random, right, wrong);
  if (random.chance(4)) body = Buffer.concat([body, random.bytes(1)]);
  const others = random.chance(50) ? { id, timestamp, signature: `v1,${wrong()}` } : { id: "other", timestamp: String(Math.floor(now / 1000)), signature };
  const headers = headersOf(random, { id: random.chance(97) ? id : `${id}x`, timestamp, signature }, others);
  if (random.chance(2)) secrets[0] = faultySecret(random, secrets[0]);
  return { secrets, headers, body, now };
}
