// Chromium as a visitor of the status page: what it complained of, and whom it asked.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";

import axe from "axe-core";
import { chromium } from "playwright-core";

const program = process.env.CHROMIUM || "/usr/bin/chromium";

export class Browser {
  static async start() {
    assert.ok(existsSync(program), `no ${program}`);
    const browser = new Browser();
    browser.chromium = await chromium.launch({
      executablePath: program,
      args: [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--host-resolver-rules=MAP desk.example.org 127.0.0.1", "--disable-background-networking", "--disable-component-update", "--disable-sync",
      ],
    });
    return browser;
  }

  // A tab of its own. Its `trouble` lists errors, refusals of the page's policy, and requests to
  // anybody but the daemon; `asked` every request. `at` is what stands behind `url` in the address.
  async visit(url, { dark = false, phone = false, zone = "Europe/Berlin", locale = "en-US", width, at = "" } = {}) {
    const context = await this.chromium.newContext({
      viewport: phone ? { width: width ?? 360, height: 740 } : { width: width ?? 1200, height: 900 },
      locale,
      colorScheme: dark ? "dark" : "light",
      reducedMotion: "reduce",
      timezoneId: zone,
      ignoreHTTPSErrors: true, // the certificates of tests are nobody's
    });
    await context.addInitScript({ content: axe.source });
    await context.addInitScript(() => {
      globalThis.violations = [];
      document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
        globalThis.violations.push(`${violatedDirective} ${blockedURI}`));
    });
    const page = await context.newPage();
    page.trouble = [];
    page.asked = [];
    page.on("pageerror", (error) => page.trouble.push(error.message));
    page.on("console", (message) => {
      // That an answer was no 200 the page says itself.
      const failed = /Failed to load resource|ERR_CONNECTION_REFUSED/.test(message.text());
      if (message.type() === "error" && !failed) page.trouble.push(message.text());
    });
    page.on("request", (request) => {
      page.asked.push(request.url());
      if (!request.url().startsWith(url) && !request.url().startsWith("data:")) page.trouble.push(request.url());
    });
    page.setDefaultTimeout(20_000);
    await page.goto(url + at);
    return page;
  }

  stop() {
    return this.chromium.close();
  }
}

// What axe finds, of which nothing may be serious.
export async function wrongByAxe(page) {
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map(({ id, impact, nodes }) => `${impact}: ${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

// Ends the visit; fails with what went wrong during it.
export async function leave(page) {
  const violations = await page.evaluate(() => globalThis.violations);
  await page.context().close();
  assert.deepEqual([...violations, ...page.trouble], []);
}
