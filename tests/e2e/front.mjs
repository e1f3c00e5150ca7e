// Stands between the daemon and a Seam that cannot be made to refuse: passes everything on, unless
// it is told to answer something else.
import http from "node:http";
import { once } from "node:events";
import { text } from "node:stream/consumers";

export class Front {
  static async before(target) {
    const front = new Front();
    front.orders = [];
    front.held = [];
    front.change = (told) => told; // what an answer should say instead
    front.server = http.createServer(async (request, response) => {
      const order = front.orders.find(({ path }) => request.url.startsWith(path));
      if (order) {
        response.writeHead(order.status, { "content-type": "application/json", ...order.headers });
        response.end(JSON.stringify(order.body));
        return;
      }
      for (const held of front.held.filter(({ path }) => request.url.startsWith(path))) await held.pass();
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const { host, connection, ...headers } = request.headers;
      const passed = http.request(target + request.url, { method: request.method, headers }, async (answer) => {
        const told = await text(answer);
        const { "content-length": length, ...kept } = answer.headers;
        response.writeHead(answer.statusCode, kept);
        response.end(front.change(told));
      });
      passed.on("error", () => response.destroy());
      passed.end(Buffer.concat(chunks));
    });
    front.server.listen(0, "127.0.0.1");
    await once(front.server, "listening");
    front.url = `http://127.0.0.1:${front.server.address().port}`;
    return front;
  }

  // Until `meanwhile` is done, requests for `path` are answered so.
  async answering(path, status, body, meanwhile, headers = {}) {
    const order = { path, status, body, headers };
    this.orders.push(order);
    try {
      return await meanwhile();
    } finally {
      this.orders.splice(this.orders.indexOf(order), 1);
    }
  }

  // Requests for `path` wait until `release`; `arrived` is kept when one does.
  holding(path) {
    let arrive, release;
    const arrived = new Promise((resolve) => (arrive = resolve));
    const released = new Promise((resolve) => (release = resolve));
    this.held.push({ path, pass: () => (arrive(), released) });
    return {
      arrived,
      release: () => {
        this.held = this.held.filter((held) => held.path !== path);
        release();
      },
    };
  }

  stop() {
    this.server.close();
    this.server.closeAllConnections();
  }
}
