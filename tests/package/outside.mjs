// A name server and Seam, for a machine without a network: node outside.mjs CERTIFICATE KEY. Every name is 127.0.0.1. Prints a
// line for each request.
import dgram from "node:dgram";
import { readFileSync } from "node:fs";
import https from "node:https";

const [certificate, key] = process.argv.slice(2).map((path) => readFileSync(path));

const names = dgram.createSocket("udp4", (query, from) => {
  const end = query.indexOf(0, 12) + 5;
  const is_ipv4 = query.readUInt16BE(end - 4) === 1;
  const head = Buffer.from([0x81, 0x80, 0, 1, 0, is_ipv4 ? 1 : 0, 0, 0, 0, 0]);
  const address = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
  const answer = [query.subarray(0, 2), head, query.subarray(12, end), ...(is_ipv4 ? [address] : [])];
  names.send(Buffer.concat(answer), from.port, from.address);
});
names.bind(53, "127.0.0.1");

https.createServer({ cert: certificate, key }, (request, response) => {
  console.log(`${request.method} https://${request.headers.host}${request.url}`);
  response.writeHead(503).end();
}).listen(443, "127.0.0.1");
