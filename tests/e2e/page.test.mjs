// The status page in Chromium, as people use it: with a mouse, a keyboard, a phone, at night, with a
// screen reader, and when the daemon is away.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { Browser, leave, wrongByAxe } from "./browser.mjs";
import { Daemon } from "./daemon.mjs";
import { eventually, minute } from "./eventually.mjs";
import { Proxy } from "../package/proxy.mjs";
import { inDays, moment, Seam } from "./seam.mjs";

const pin = "123456789";
const hostile = `<img src=x onerror="window.broken=1">"'&`;

describe("the status page", { timeout: 4 * minute }, () => {
  let folder, seam, daemon, browser, url, ada, late;

  // Calm: nothing is overdue but what a test makes so.
  const settings = { poll: { grace: "1h", retry_min: "1h", retry_max: "1h" } };

  async function addSet(code) {
    const { access_code_id } = seam.addCode({ status: "set", ...code });
    assert.equal(await daemon.deliver(seam.event("access_code.set_on_device", access_code_id)), 204);
    await daemon.sees(access_code_id, { name: code.name, status: "set" });
    return access_code_id;
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "oracoded-page-"));
    seam = await Seam.start();
    daemon = await Daemon.start(folder, seam, settings);
    url = `http://${daemon.api}/`;
    ada = await addSet({ name: "Ada Lovelace" });
    await addSet({ name: "Grace Hopper", starts_at: inDays(1), ends_at: inDays(4) });
    await addSet({ name: hostile });
    for (let guest = 1; guest <= 60; ++guest) await addSet({ name: `Guest ${guest}` });
    // Made three days ago for a stay that began yesterday, and nothing was heard since.
    late = seam.addCode({
      name: "Edsger Late", created_at: moment(-3 * 24 * 60 * minute), starts_at: inDays(-1), ends_at: inDays(2),
    }).access_code_id;
    const at = moment(-3 * 24 * 60 * minute);
    await daemon.deliver(seam.event("access_code.created", late, { created_at: at, occurred_at: at }));
    await daemon.sees(late, { name: "Edsger Late", overdue: true });
    browser = await Browser.start();
  });

  after(async () => {
    await browser?.stop();
    if (daemon && daemon.process.exitCode === null) {
      daemon.process.kill("SIGKILL");
      await daemon.ended;
    }
    await seam?.stop();
    if (folder) rmSync(folder, { recursive: true });
  });

  const line = (page, name) => page.locator("#codes li", { hasText: name });

  test("tells how many codes stand where, and who is in the house with a PIN that does not work first", async () => {
    const page = await browser.visit(url);
    await page.getByText("1 guest is in the house and the PIN does not work.").waitFor();
    const figure = (word) => page.getByRole("button", { name: word }).locator(".figure").textContent();
    assert.equal(await figure(/^\S+ Overdue$/), "1");
    assert.equal(await figure(/^\S+ Set$/), "63");
    assert.equal(await figure(/^\S+ Not set yet$/), "1");
    const stranded = page.getByRole("region", { name: "In the house and not working" });
    await stranded.getByText("Edsger Late").waitFor();
    await stranded.getByText(/^In the house since .*: The PIN is not registered with the lock$/).waitFor();
    const [first, orderly, all] = await Promise.all([stranded, page.getByRole("region", { name: /^In order/ }),
      page.getByRole("region", { name: "All codes" })].map((region) => region.boundingBox()));
    assert.ok(first.y < orderly.y && orderly.y < all.y);
    await leave(page);
  });

  test("shows a delivery without being loaded again", async () => {
    const page = await browser.visit(url);
    await line(page, "Ada Lovelace").getByText("Set", { exact: true }).waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    await page.evaluate(() => (window.same = true));
    const failing = seam.event("access_code.delay_in_removing_from_device", ada);
    assert.equal(await daemon.deliver(failing), 204);
    await line(page, "Ada Lovelace").getByText("Being removed").waitFor();
    await page.getByRole("button", { name: "1 Being removed" }).waitFor();
    await page.getByRole("button", { name: "62 Set" }).waitFor();
    assert.equal(await daemon.deliver(seam.event("access_code.set_on_device", ada)), 204);
    await line(page, "Ada Lovelace").getByText("Set", { exact: true }).waitFor();
    assert.equal(await page.evaluate(() => window.same), true);
    await leave(page);
  });

  test("finds codes by guest, lock and id", async () => {
    const page = await browser.visit(url);
    const search = page.getByRole("searchbox", { name: /guest, lock or code/i });
    const found = page.locator("#found");
    await search.fill("hopper");
    await found.getByText("1 code for “hopper”.").waitFor();
    assert.equal(await page.locator("#codes li").count(), 1);
    await search.fill(ada);
    await line(page, "Ada Lovelace").waitFor();
    await search.fill(seam.device_id);
    await line(page, "Grace Hopper").waitFor();
    await search.fill("Cabin 7");
    await line(page, "Ada Lovelace").waitFor();
    await search.fill("nobody of that name");
    await found.getByText("Nothing found for “nobody of that name”.").waitFor();
    await leave(page);
  });

  test("shows pages, and only the codes of a status that was chosen", async () => {
    const page = await browser.visit(url);
    await page.getByText("Page 1").waitFor();
    const shown = () => page.locator("#codes li strong").allTextContents();
    await line(page, "Ada Lovelace").waitFor();
    const first = await shown();
    assert.equal(first.length, 25);
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByText("Page 2").waitFor();
    assert.ok((await shown()).every((name) => !first.includes(name)));
    await page.getByRole("button", { name: "Previous" }).click();
    await page.getByText("Page 1").waitFor();
    assert.deepEqual(await shown(), first);
    await page.getByRole("button", { name: /Not set yet/ }).click();
    await page.getByRole("heading", { name: "Codes: not set yet" }).waitFor();
    await eventually("one line", async () => (await shown()).join() === "Edsger Late");
    await page.getByRole("button", { name: /Not set yet/, pressed: true }).click();
    await page.getByRole("heading", { name: "All codes" }).waitFor();
    await leave(page);
  });

  test("draws a code's life on the wall clock of its lock", async () => {
    const page = await browser.visit(url, { locale: "de-DE" });
    await line(page, "Ada Lovelace").click();
    const detail = page.getByRole("dialog", { name: "Ada Lovelace" });
    await detail.getByText("Times of the lock: America/Los_Angeles").waitFor();
    const drawing = detail.getByRole("img", { name: /^Time line\. Window from .* Status: set, then being removed, then set\.$/ });
    assert.equal(await drawing.locator(".band.set").count(), 2);
    const ends_at = new Intl.DateTimeFormat("de-DE", {
      timeZone: "America/Los_Angeles", weekday: "short", hour: "2-digit", minute: "2-digit",
    }).formatToParts(new Date((await daemon.code(ada)).ends_at));
    const part = (wanted) => ends_at.find(({ type }) => type === wanted).value;
    const opens = await detail.getByText(/^Opens the door until/).textContent();
    assert.match(opens, new RegExp(`${part("weekday")}\\.?, .*, ${part("hour")}:${part("minute")}$`));
    assert.equal(await detail.locator(".steps li").count(), 3);
    const [lanes, window, now] = await Promise.all([
      drawing.boundingBox(), drawing.locator(".window .band").boundingBox(), drawing.locator(".now").boundingBox()]);
    assert.ok(window.x >= lanes.x && window.x + window.width <= lanes.x + lanes.width);
    assert.ok(now.x > window.x && now.x < window.x + window.width, "now is inside the window");
    await page.goBack();
    await detail.waitFor({ state: "hidden" });
    await leave(page);
  });

  test("needs no mouse", async () => {
    const page = await browser.visit(url);
    await line(page, "Ada Lovelace").waitFor();
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the search");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.getByRole("searchbox").focus();
    await page.keyboard.type("Grace");
    await page.getByText("1 code for “Grace”.").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Grace Hopper" }).getByText("Will open the door from").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    assert.match(await page.evaluate(() => document.activeElement.textContent), /Grace Hopper/);
    await leave(page);
  });

  for (const [name, how] of [
    ["by day", {}], ["at night", { dark: true }], ["on a phone", { phone: true }], ["on a phone at night", { phone: true, dark: true }],
  ]) {
    test(`can be read by everybody ${name}, and never needs to be pushed sideways`, async () => {
      const page = await browser.visit(url, how);
      await line(page, "Ada Lovelace").waitFor();
      const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const [red] = ground.match(/\d+/).map(Number);
      assert.equal(red < 128, how.dark === true, ground);
      assert.deepEqual(await wrongByAxe(page), []);
      assert.ok(await fits());
      await page.getByRole("region", { name: "In the house and not working" }).getByText("Edsger Late").click();
      await page.getByRole("dialog", { name: "Edsger Late" }).getByText("An event from Seam was due").waitFor();
      assert.deepEqual(await wrongByAxe(page), []);
      assert.ok(await fits());
      const dialog = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.querySelector("dialog[open]");
        return scrollWidth <= clientWidth;
      });
      assert.ok(dialog);
      await leave(page);
    });
  }

  test("takes names for texts, whatever is in them, and never asks for a PIN", async () => {
    const page = await browser.visit(url);
    await page.getByRole("searchbox").fill("onerror");
    await line(page, hostile).click();
    await page.getByRole("dialog").getByRole("heading", { name: hostile }).waitFor();
    assert.equal(await page.evaluate(() => window.broken), undefined);
    assert.equal(await page.locator("img").count(), 0);
    assert.ok(!(await page.content()).includes(pin));
    assert.ok(page.asked.every((asked) => !asked.includes("include")));
    await leave(page);
  });

  test("says when the daemon is away, and goes on when it is back", async () => {
    const page = await browser.visit(url);
    await line(page, "Ada Lovelace").waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    const { api } = daemon;
    await daemon.stop();
    await page.getByRole("alert").getByText("No connection to oracoded since").waitFor();
    assert.equal(await line(page, "Ada Lovelace").count(), 1, "what was known stays");
    daemon = await Daemon.start(folder, seam, { ...settings, api: { listen: api } });
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByRole("alert").waitFor({ state: "hidden" });
    assert.equal(await daemon.deliver(seam.event("access_code.failed_to_remove_from_device", ada)), 204);
    await line(page, "Ada Lovelace").getByText("Being removed").waitFor();
    await leave(page);
  });

  for (const kind of Proxy.names) {
    test(`serves a team that has a token through ${kind}`, async () => {
      const behind = mkdtempSync(join(folder, `${kind}-`));
      const other = await Daemon.start(behind, null, { api: { tokens: ["night:a-token-of-some-length:read"] } });
      const files = { certificate: join(behind, "certificate.pem"), key: join(behind, "key.pem") };
      const [backend, api] = [other.webhook, other.api].map((address) => address.split(":").pop());
      const proxy = await Proxy.start(kind, join(behind, "proxy"), files, { backend, api });
      const page = await browser.visit(`https://desk.example.org:${proxy.port}/`);
      const dialog = page.getByRole("dialog", { name: "A token is needed" });
      await dialog.getByLabel("Token").fill("a-token-of-some-length");
      await page.keyboard.press("Enter");
      await page.locator("#verdict", { hasText: "Seam is not asked: there is no API key." }).waitFor();
      const [cookie] = await page.context().cookies();
      assert.deepEqual([cookie.name, cookie.httpOnly, cookie.secure, cookie.sameSite], ["oracoded_session", true, true, "Strict"]);
      await page.getByText("Live", { exact: true }).waitFor();
      assert.equal(await other.deliver(seam.event("access_code.set_on_device", "through-the-proxy")), 204);
      await page.getByRole("button", { name: /^1 Set$/ }).waitFor(); // by the stream, without being loaded again
      await leave(page);
      await proxy.stop();
      other.process.kill("SIGKILL");
      await other.ended;
    });
  }
});
