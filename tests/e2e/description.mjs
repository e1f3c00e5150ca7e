// The API's own description, and whether an answer is as it says: status, type, headers, body.
import assert from "node:assert/strict";
import { STATUS_CODES } from "node:http";

import Ajv2020 from "ajv/dist/2020.js";
import formats from "ajv-formats";

const pointer = (...path) => path.map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/");

// A client has to ignore members it does not know; here one that is not described is a mistake.
// Seam's own objects say that they are open.
function close(node, document) {
  if (node === null || typeof node !== "object") return node;
  if (Array.isArray(node)) return node.map((entry) => close(entry, document));
  if (node.allOf) return close(joined(node.allOf, document), document);
  const closed = Object.fromEntries(Object.entries(node).map(([name, value]) => [name, close(value, document)]));
  if (closed.properties && !("additionalProperties" in closed)) closed.additionalProperties = false;
  return closed;
}

// One object that has the members of all: closed one by one each would refuse those of the others.
function joined(parts, document) {
  const whole = parts.map(({ $ref, ...own }) =>
    $ref ? $ref.slice(2).split("/").reduce((node, part) => node[part], document) : own);
  return {
    type: "object",
    required: whole.flatMap(({ required = [] }) => required),
    properties: Object.assign({}, ...whole.map(({ properties }) => properties)),
  };
}

export class Description {
  constructor(document) {
    this.document = document;
    this.ajv = new Ajv2020({ strict: false, allErrors: true });
    formats(this.ajv);
    this.ajv.addSchema(close(document, document), "api");
    this.seen = new Set();
    this.paths = Object.keys(document.paths).map((template) => ({
      template,
      pattern: new RegExp(`^${template.replace(/\{[^}]+\}/g, "[^/]+").replaceAll(".", "\\.")}$`),
    }));
  }

  // Every answer that is described, as "GET /path 200".
  answers() {
    return Object.entries(this.document.paths).flatMap(([path, item]) =>
      ["get", "put", "post", "delete"].filter((method) => item[method]).flatMap((method) =>
        Object.keys(item[method].responses).map((status) => `${method.toUpperCase()} ${path} ${status}`)));
  }

  template(path) {
    const bare = path.split("?")[0];
    const found = this.paths.find(({ template }) => template === bare) ?? this.paths.find(({ pattern }) => pattern.test(bare));
    assert.ok(found, `${bare} is not described`);
    return found.template;
  }

  // Follows a reference; gives the thing and where it stands.
  resolve(thing, ...at) {
    if (!thing.$ref) return [thing, at];
    const path = thing.$ref.slice(2).split("/");
    return [path.reduce((node, part) => node[part], this.document), path];
  }

  valid(value, what, ...at) {
    const validate = this.ajv.getSchema(`api#/${pointer(...at)}`) ?? this.ajv.compile({ $ref: `api#/${pointer(...at)}` });
    assert.ok(validate(value), `${what}: ${this.ajv.errorsText(validate.errors)}\n${JSON.stringify(value)}`);
  }

  // `headers` is a Headers, `text` the body as it came.
  check(method, path, { status, headers, text }) {
    const template = this.template(path);
    const name = `${method} ${template} ${status}`;
    const { responses } = this.document.paths[template][method.toLowerCase()];
    assert.ok(responses[status], `${name} ${STATUS_CODES[status]} is not described: ${text}`);
    const [response, at] = this.resolve(responses[status], "paths", template, method.toLowerCase(), "responses", String(status));
    this.checkHeaders(name, headers, response, at);
    this.checkBody(name, headers.get("content-type"), text, response, at);
    this.seen.add(name);
  }

  checkHeaders(name, headers, response, at) {
    for (const [header, described] of Object.entries(response.headers ?? {})) {
      const [meaning, place] = this.resolve(described, ...at, "headers", header);
      const value = headers.get(header);
      assert.ok(value !== null || !meaning.required, `${name}: no ${header}`);
      if (value === null) continue;
      const typed = meaning.schema.type === "integer" ? Number(value) : value;
      this.valid(typed, `${name}, ${header}`, ...place, "schema");
    }
    assert.ok(headers.get("x-request-id"), `${name}: no X-Request-Id`);
  }

  checkBody(name, type, text, response, at) {
    if (!response.content) {
      assert.equal(text, "", `${name} should have no body`);
      return;
    }
    const [media] = (type ?? "no type").split(";");
    assert.ok(response.content[media], `${name}: ${media} is not described`);
    const value = /json$/.test(media) ? JSON.parse(text) : text;
    this.valid(value, name, ...at, "content", media, "schema");
  }
}
