// The status page at the front desk: who arrives and is not in order, what to do about it, how a view is
// sent to a colleague, and who may look.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { Browser, leave, wrongByAxe } from "./browser.mjs";
import { Daemon } from "./daemon.mjs";
import { eventually, minute } from "./eventually.mjs";
import { inDays, moment, Seam } from "./seam.mjs";

const hours = (count) => moment(count * 60 * minute);
const settings = { poll: { grace: "1h", retry_min: "1h", retry_max: "1h" } };

function failure(error_code) {
  return { error_code, message: "In Seam's words.", is_access_code_error: true, created_at: moment(-minute) };
}

async function end(daemon) {
  if (!daemon || daemon.process.exitCode !== null) return;
  daemon.process.kill("SIGKILL");
  await daemon.ended;
}

describe("the page at the desk", { timeout: 5 * minute }, () => {
  let folder, seam, daemon, browser, url, stranded;

  async function add(event, code) {
    const { access_code_id } = seam.addCode(code);
    assert.equal(await daemon.deliver(seam.event(event, access_code_id)), 204);
    await daemon.sees(access_code_id, { name: code.name });
    return access_code_id;
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "oracoded-desk-"));
    seam = await Seam.start();
    daemon = await Daemon.start(folder, seam, settings);
    url = `http://${daemon.api}/`;
    stranded = await add("access_code.created", {
      name: "Lise Meitner", status: "setting", starts_at: hours(-2), errors: [failure("failed_to_set_on_device")],
    });
    await add("access_code.created", {
      name: "Emmy Noether", status: "unset", starts_at: hours(5), errors: [failure("code_constraints_violated")],
    });
    await add("access_code.set_on_device", { name: "Ada Lovelace", status: "set", starts_at: hours(-1) });
    await add("access_code.set_on_device", { name: "Grace Hopper", status: "set", starts_at: hours(3) });
    await add("access_code.created", {
      name: "Far Away", status: "unset", starts_at: inDays(5), ends_at: inDays(8), errors: [failure("nobody_has_heard_of_it")],
    });
    browser = await Browser.start();
  });

  after(async () => {
    await browser?.stop();
    await end(daemon);
    await seam?.stop();
    if (folder) rmSync(folder, { recursive: true });
  });

  const region = (page, name) => page.getByRole("region", { name });
  const names = (place) => place.locator(".codes li strong").allTextContents();

  test("shows arrivals in three groups, each with what Seam's error means beside the guest", async () => {
    const page = await browser.visit(url);
    const house = region(page, "In the house and not working");
    await house.getByText("Seam could not register the PIN with the lock and goes on trying.").waitFor();
    assert.deepEqual(await names(house), ["Lise Meitner"]);
    const next = region(page, "Arriving next and not in order");
    await next.getByText("The lock does not take a code like this").waitFor();
    assert.deepEqual(await names(next), ["Emmy Noether"]);
    assert.deepEqual(await names(region(page, /^In order/)), ["Ada Lovelace", "Grace Hopper"]);
    await eventually("the title tells", async () => (await page.title()).startsWith("(2 not in order)"));
    await leave(page);
  });

  test("shows the open alerts that no arrival shows", async () => {
    const page = await browser.visit(url);
    const alerts = region(page, "Alerts");
    await alerts.getByRole("link", { name: "Far Away" }).waitFor();
    await alerts.getByText("In Seam's words.").waitFor();
    assert.equal(await alerts.getByText("Lise Meitner").count(), 0);
    await leave(page);
  });

  test("shows an alert about the daemon itself", async () => {
    const other = await Daemon.start(mkdtempSync(join(folder, "ending-")), null, {}, { days: 2 });
    const page = await browser.visit(`http://${other.api}/`);
    await region(page, "Alerts").getByText(/^A certificate: A certificate expires at /).waitFor();
    await page.locator("#verdict.bad", { hasText: "A certificate: see the alerts." }).waitFor();
    assert.doesNotMatch(await region(page, "Alerts").textContent(), /\dT\d/, "no instant is left in UTC");
    await leave(page);
    await end(other);
  });

  test("says what to do next, and asks Seam at once", async () => {
    const page = await browser.visit(url, { at: `#/codes/${stranded}` });
    const detail = page.getByRole("dialog", { name: "Lise Meitner" });
    const next = detail.locator(".next");
    await next.getByText("have a new code made", { exact: false }).first().waitFor();
    await detail.getByText("Seam says failed_to_set_on_device: In Seam's words.").waitFor();
    await detail.locator(".neighbours").getByRole("link", { name: "Grace Hopper" }).waitFor();
    seam.change(stranded, { status: "set", errors: [] });
    await next.getByRole("button", { name: "Ask Seam now" }).click();
    await next.getByText("Nothing: the code is in order.").waitFor();
    await next.getByText(/^Seam answered at /).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Ask Seam now");
    await page.keyboard.press("Escape");
    await eventually("in order", async () => (await names(region(page, /^In order/))).includes("Lise Meitner"));
    await region(page, "In the house and not working").waitFor({ state: "hidden" });
    seam.change(stranded, { status: "setting", errors: [failure("failed_to_set_on_device")] });
    assert.equal((await daemon.call("POST", `/v1/access_codes/${stranded}/refresh`)).status, 200);
    await leave(page);
  });

  test("keeps search, filter and code in the address", async () => {
    const page = await browser.visit(url);
    await page.getByRole("searchbox").fill("hopper");
    const hit = page.locator("#codes li", { hasText: "Grace Hopper" });
    await page.getByText("1 code for “hopper”.").waitFor();
    assert.ok((await hit.boundingBox()).y < 600, "the hit is in sight");
    await region(page, /^In order/).waitFor({ state: "hidden" });
    await hit.click();
    await page.getByRole("dialog", { name: "Grace Hopper" }).waitFor();
    const shared = page.url();
    assert.match(shared, /#\/codes\/[^/?]+\?search=hopper$/);
    await page.goBack();
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    assert.equal(await page.getByRole("searchbox").inputValue(), "hopper");
    await page.goBack();
    await region(page, /^In order/).waitFor();
    assert.equal(await page.getByRole("searchbox").inputValue(), "");
    await page.getByRole("button", { name: /Not set yet/ }).click();
    await page.getByRole("heading", { name: "Codes: not set yet" }).waitFor();
    assert.match(page.url(), /#\/\?show=unset$/);
    await page.goBack();
    await page.getByRole("heading", { name: "All codes" }).waitFor();
    await leave(page);
    const colleague = await browser.visit(url, { at: new URL(shared).hash });
    await colleague.getByRole("dialog", { name: "Grace Hopper" }).waitFor();
    await colleague.keyboard.press("Escape");
    await colleague.getByText("1 code for “hopper”.").waitFor();
    await leave(colleague);
  });

  test("writes dates and times as its reader does", async () => {
    const start = new Date((await daemon.code(stranded)).starts_at);
    for (const locale of ["de-DE", "en-US", "fr-CA"]) {
      const page = await browser.visit(url, { locale });
      const text = new Intl.DateTimeFormat(locale, {
        timeZone: "America/Los_Angeles", weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
      }).format(start);
      await region(page, "In the house and not working").getByText(`In the house since ${text}:`).waitFor();
      await leave(page);
    }
  });

  for (const width of [320, 375, 800, 900, 1024, 1280]) {
    test(`has no badge over a name and no label cut at ${width} px`, async () => {
      const page = await browser.visit(url, { width });
      await region(page, /^In order/).getByText("Ada Lovelace").waitFor();
      const overlapping = await page.evaluate(() => [...document.querySelectorAll(".codes a")].filter((line) => {
        line.querySelector(".badge").lastChild.textContent = "Being removed, overdue"; // the longest there is
        const [badge, who] = [".badge", ".who"].map((part) => line.querySelector(part).getBoundingClientRect());
        return badge.left < who.right && who.left < badge.right && badge.top < who.bottom && who.top < badge.bottom;
      }).map((line) => line.textContent));
      assert.deepEqual(overlapping, []);
      await page.goto(`${url}#/codes/${stranded}`);
      await page.locator(".lanes .tick").first().waitFor();
      const cut = await page.evaluate(() => {
        const lanes = document.querySelector(".lanes").getBoundingClientRect();
        const shown = (label) => !label.hidden;
        const boxes = [...document.querySelectorAll(".tick i, .now i")].filter(shown).map((label) => [label.textContent, label.getBoundingClientRect()]);
        const ticks = [...document.querySelectorAll(".tick i")].filter(shown).map((label) => label.getBoundingClientRect());
        const outside = boxes.filter(([, box]) => box.left < lanes.left - 0.5 || box.right > lanes.right + 0.5).map(([text]) => text);
        const touching = ticks.filter((box, at) => at > 0 && box.left < ticks[at - 1].right).length;
        const bands = [...document.querySelectorAll(".band i")].filter(shown).filter((label) =>
          label.getBoundingClientRect().right > label.parentElement.getBoundingClientRect().right + 0.5).map((label) => label.textContent);
        return { outside, touching, bands, ticks: ticks.length > 0 };
      });
      assert.deepEqual(cut, { outside: [], touching: 0, bands: [], ticks: true });
      await leave(page);
    });
  }

  test("does not say that all is well where nothing is known", async () => {
    const other = await Daemon.start(mkdtempSync(join(folder, "empty-")), null);
    const page = await browser.visit(`http://${other.api}/`);
    await page.getByText("Seam is not asked: there is no API key. No delivery has come since oracoded started").waitFor();
    await page.getByText("No guest with a known code is in the house").waitFor();
    assert.equal(await page.getByText("All is well").count(), 0);
    assert.deepEqual(await wrongByAxe(page), []);
    await leave(page);
    await end(other);
  });

  test("says that all is well where it is, also with 500 codes, and lets them be seen by everybody", async () => {
    const house = await Seam.start();
    for (let guest = 1; guest <= 500; ++guest) {
      house.addCode({ name: `Guest ${guest}`, status: "set", starts_at: hours(-1 - (guest % 20)) });
    }
    const other = await Daemon.start(mkdtempSync(join(folder, "full-")), house, settings);
    const page = await browser.visit(`http://${other.api}/`);
    await page.getByText("No delivery has come since oracoded started").waitFor();
    const { access_code_id } = house.addCode({ name: "The last", status: "set", starts_at: hours(-1) });
    assert.equal(await other.deliver(house.event("access_code.set_on_device", access_code_id)), 204);
    await page.getByText("All is well: every guest in the house or arriving within 24 hours is in order").waitFor();
    const orderly = region(page, /^In order/);
    await orderly.getByRole("button", { name: "Show all 501" }).click();
    await eventually("all are there", async () => (await orderly.locator("li").count()) === 501);
    assert.deepEqual(await wrongByAxe(page), []);
    await leave(page);
    await end(other);
    await house.stop();
  });
});

describe("signing in", { timeout: 2 * minute }, () => {
  let folder, daemon, browser, url;
  const token = "a-token-of-some-length";

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "oracoded-session-"));
    daemon = await Daemon.start(folder, null, { api: { tokens: [`night:${token}:read`, "desk:another-token-of-length"] } });
    url = `http://${daemon.api}/`;
    browser = await Browser.start();
  });

  after(async () => {
    await browser?.stop();
    await end(daemon);
    if (folder) rmSync(folder, { recursive: true });
  });

  async function signIn(page, { stay }) {
    const dialog = page.getByRole("dialog", { name: "A token is needed" });
    await dialog.getByLabel("Token").fill(token);
    assert.equal(await dialog.getByLabel("Stay signed in").isChecked(), false);
    if (stay) await dialog.getByLabel("Stay signed in").check();
    await dialog.getByRole("button", { name: "Show the codes" }).click();
    await dialog.waitFor({ state: "hidden" });
    await page.getByText("Live", { exact: true }).waitFor();
  }

  test("takes a token, and leaves nothing of it where a script could read it", async () => {
    const page = await browser.visit(url);
    const dialog = page.getByRole("dialog", { name: "A token is needed" });
    await dialog.getByText("answers only those who have a token").waitFor();
    assert.deepEqual(await wrongByAxe(page), []);
    await dialog.getByLabel("Token").fill("one that is not known");
    await page.keyboard.press("Enter");
    await dialog.getByText("This token is not accepted.").waitFor();
    await signIn(page, { stay: false });
    const [cookie] = await page.context().cookies();
    assert.deepEqual([cookie.name, cookie.httpOnly, cookie.sameSite, cookie.expires], ["oracoded_session", true, "Strict", -1]);
    assert.ok(!cookie.value.includes(token));
    assert.deepEqual(await page.evaluate(() => [sessionStorage.length, localStorage.length, document.cookie]), [0, 0, ""]);
    await page.reload();
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await dialog.waitFor();
    assert.deepEqual(await page.context().cookies(), []);
    await leave(page);
  });

  test("lasts where that is wanted", async () => {
    const page = await browser.visit(url);
    await signIn(page, { stay: true });
    const [{ expires }] = await page.context().cookies();
    const days = (expires - Date.now() / 1000) / 86_400;
    assert.ok(days > 29 && days < 31, `${days} days`);
    await leave(page);
  });

  test("offers nothing to a reader that only writers may", async () => {
    assert.equal(await daemon.deliver({ event_id: "e1", event_type: "access_code.set_on_device", access_code_id: "c1", device_id: "d1",
      workspace_id: "w1", connected_account_id: "a1", created_at: moment(0), occurred_at: moment(0) }), 204);
    const page = await browser.visit(url, { at: "#/codes/c1" });
    await signIn(page, { stay: false });
    await page.getByText("What to do next").waitFor();
    assert.equal(await page.getByRole("button", { name: "Ask Seam now" }).count(), 0);
    await leave(page);
  });
});
