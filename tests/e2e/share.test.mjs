// A share as its recipient meets it: the message, the page at desktop and phone size with and without JavaScript, viewing,
// downloading, and the end of it. POSTERN_DEMO is the line that ./host/demo --json prints.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import test, { after, before } from "node:test";
import axe from "axe-core";
import { chromium } from "playwright-core";
import PostalMime from "postal-mime";
import { until } from "../support/host.mjs";

const demo = JSON.parse(process.env.POSTERN_DEMO ?? "null");
assert.ok(demo, "POSTERN_DEMO is missing; run this through tests/support/with-demo");
const source = path.resolve(import.meta.dirname, "../..");
const screens = path.join(source, "build/screens");
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const files = new Map(readdirSync(path.join(source, "host/demo-files")).map((name) => [name, readFileSync(path.join(source, "host/demo-files", name))]));
const sizes = { desktop: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } };

let browser, shared, documents;

async function api(method, where, body) {
  const response = await fetch(`${demo.url}/api/v1${where}`, {
    method,
    headers: { Authorization: `Bearer ${demo.api_key}`, ...(body && { "Content-Type": "application/json" }) },
    body: body && JSON.stringify(body),
  });
  const answer = await response.json();
  assert.ok(response.ok, `${method} ${where}: ${JSON.stringify(answer)}`);
  return answer;
}

/// A fresh share of the demo's documents with one recipient.
function share(recipient, more = {}) {
  return api("POST", "/share", {
    title: "Annual accounts 2026",
    message: "Dear Jane,\nhere they are.",
    from: { name: "Ana Ruiz", email: "ana@acme-tax.example" },
    documents: documents.map((document) => document.id),
    recipients: [recipient],
    ...more,
  });
}

/// Opens `address` in a browser of its own and hands its page to `work`.
async function open(address, options, work) {
  const context = await browser.newContext({ viewport: sizes.desktop, locale: "en", ...options });
  try {
    const page = await context.newPage();
    const response = await page.goto(address);
    return await work(page, response);
  } finally {
    await context.close();
  }
}

async function assertAccessible(page, what) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`), [], what);
}

async function assertFits(page, what) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(over <= 0, `${what} is ${over} px wider than the screen`);
}

async function downloaded(page, link) {
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

before(async () => {
  mkdirSync(screens, { recursive: true });
  const args = process.getuid() === 0 ? ["--no-sandbox"] : [];
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args });
  // The oldest share is the demo's own.
  shared = (await api("GET", "/share?limit=200")).items.at(-1);
  documents = shared.documents;
});
after(() => browser?.close());

test("the demo's message carries the link that opens the page", async () => {
  const mails = await until(() => existsSync(demo.mailbox) && readdirSync(demo.mailbox).filter((name) => name.endsWith(".eml")).length > 0 && readdirSync(demo.mailbox), 10_000, "a message");
  const parsed = await Promise.all(mails.filter((name) => name.endsWith(".eml")).map((name) => PostalMime.parse(readFileSync(path.join(demo.mailbox, name)))));
  const mail = parsed.find((one) => one.text.includes(demo.links.share));
  assert.ok(mail, "no message in the mailbox holds the demo's link");
  assert.match(mail.subject, /^Acme Tax shares 3 documents with you: Annual accounts 2026$/);
  assert.equal(mail.to[0].address, "jane@lumen.example");
  assert.match(mail.html, new RegExp(`href="${demo.links.share}"`));
  assert.equal(mail.attachments.length, 0);
  await open(mail.text.match(/^https?:\S+\/l\/\S+$/m)[0], {}, async (page, response) => {
    assert.equal(response.status(), 200);
    assert.match(await page.locator("h1").innerText(), /Acme Tax shares 3 documents with you$/);
  });
});

for (const [size, viewport] of Object.entries(sizes))
  for (const javaScriptEnabled of [true, false])
    test(`a ${size} ${javaScriptEnabled ? "with" : "without"} JavaScript shows the documents and downloads one`, async () => {
      const made = await share({ name: "Jane Miller", email: `jane+${size}${javaScriptEnabled}@lumen.example` });
      const [recipient] = made.recipients;
      await open(recipient.address, { viewport, javaScriptEnabled }, async (page) => {
        assert.equal(await page.locator("h1").innerText(), "Ana Ruiz of Acme Tax shares 3 documents with you");
        assert.match(await page.locator(".until").innerText(), /^Available until .+ \d{4} at .+ (Time|UTC)\.$/);
        assert.equal(await page.locator("blockquote").innerText(), "Dear Jane,\nhere they are.");
        assert.equal(await page.locator("h2").innerText(), "Annual accounts 2026");
        assert.deepEqual(await page.locator(".documents .name").allInnerTexts(), documents.map((document) => document.name));
        assert.match(await page.locator(".documents .facts").first().innerText(), /^PDF, \d[\d.]* (kB|MB)$/);
        await assertFits(page, `the page on a ${size}`);
        if (size === "phone")
          for (const link of await page.locator(".documents a").all()) assert.ok((await link.boundingBox()).height >= 44, "a target is under 44 px");
        await page.screenshot({ path: path.join(screens, `share-${size}${javaScriptEnabled ? "" : "-plain"}.png`), fullPage: true });
        if (javaScriptEnabled) await assertAccessible(page, `the page on a ${size}`);

        const got = await downloaded(page, page.locator(".documents li").nth(1).getByRole("link", { name: /Download/ }));
        assert.equal(got.name, documents[1].name);
        assert.equal(sha256(got.bytes), sha256(files.get(got.name)));
      });
      // The firm sees it, and the audit holds the line.
      const events = await until(async () => {
        const { items } = await api("GET", `/share/${made.id}/events`);
        return items.some((event) => event.event === "document.downloaded") && items;
      }, 10_000, "the download to be recorded");
      const line = events.find((event) => event.event === "document.downloaded");
      assert.equal(line.link, recipient.link);
      assert.equal(line.document.id, documents[1].id);
      assert.equal(line.recipient, recipient.email);
      assert.match(line.user_agent, /Chrome/);
      assert.ok(events.some((event) => event.event === "link.opened"));
      const audit = await api("GET", `/audit?link=${recipient.link}&event=document.downloaded`);
      assert.equal(audit.items.length, 1);
      const [now] = (await api("GET", `/share/${made.id}`)).recipients;
      assert.equal(now.progress, "downloaded");
      assert.equal(now.uses, 1);
      assert.deepEqual(now.documents.map((document) => document.id), [documents[1].id]);
      await open(recipient.address, { viewport }, async (page) => {
        assert.match(await page.locator(".documents li").nth(1).innerText(), /You downloaded this on /);
      });
    });

test("View shows an image and a PDF in the browser, and nothing in them may run", async () => {
  const made = await share({ email: "viewer@lumen.example" });
  await open(made.recipients[0].address, {}, async (page) => {
    for (const [index, document] of documents.entries()) {
      const link = page.locator(".documents li").nth(index).getByRole("link", { name: /View/ });
      const [response] = await Promise.all([page.waitForResponse((one) => one.url().endsWith(`${document.id}/view`)), link.click()]);
      const headers = response.headers();
      assert.equal(response.status(), 200);
      assert.match(headers["content-disposition"], /^inline/);
      assert.equal(headers["content-type"], document.type);
      assert.equal(headers["x-content-type-options"], "nosniff");
      if (document.type.startsWith("image/")) {
        assert.match(headers["content-security-policy"], /sandbox/);
        assert.ok(await page.waitForFunction(() => document.images[0]?.naturalWidth > 0));
      }
      await page.goBack();
      await page.locator("h1").waitFor();
    }
  });
});

test("one document is the main button", async () => {
  const [document] = documents;
  const made = await share({ email: "one@lumen.example", maximum_uses: 2 }, { title: null, documents: [document.id] });
  await open(made.recipients[0].address, { viewport: sizes.phone }, async (page) => {
    assert.equal(await page.locator("h1").innerText(), "Ana Ruiz of Acme Tax shares a document with you");
    const button = page.locator(".main-button");
    assert.match(await button.innerText(), /^Download \(\d[\d.]* (kB|MB)\)$/);
    await page.screenshot({ path: path.join(screens, "share-one-phone.png"), fullPage: true });
    await assertAccessible(page, "the page of one document");
    const got = await downloaded(page, button);
    assert.equal(sha256(got.bytes), sha256(files.get(document.name)));
  });
  await until(async () => (await api("GET", `/share/${made.id}`)).recipients[0].uses === 1, 10_000, "the use to be counted");
  await open(made.recipients[0].address, {}, async (page) => {
    assert.match(await page.locator("main").innerText(), /This link works for one more download\./);
  });
});

test("the page speaks Japanese, in both themes", async () => {
  const made = await share({ name: "佐藤健", email: "sato@bank.example", language: "ja" });
  for (const [size, viewport] of Object.entries(sizes))
    for (const colorScheme of ["light", "dark"])
      await open(made.recipients[0].address, { viewport, colorScheme }, async (page) => {
        assert.equal(await page.locator("html").getAttribute("lang"), "ja");
        assert.equal(await page.locator("h1").innerText(), "Acme TaxのAna Ruizより、3件の書類が届いています");
        await assertFits(page, `the Japanese page on a ${size}`);
        await assertAccessible(page, `the Japanese page, ${size}, ${colorScheme}`);
        await page.screenshot({ path: path.join(screens, `share-ja-${size}-${colorScheme}.png`), fullPage: true });
      });
  const mail = await until(async () => {
    for (const name of readdirSync(demo.mailbox).filter((one) => one.endsWith(".eml"))) {
      const one = await PostalMime.parse(readFileSync(path.join(demo.mailbox, name)));
      if (one.to[0].address === "sato@bank.example") return one;
    }
  }, 10_000, "the Japanese message");
  assert.equal(mail.subject, "【Acme Tax】書類3件のご案内：Annual accounts 2026");
  assert.equal(mail.to[0].name, "佐藤健");
  assert.equal(mail.replyTo[0].address, "ana@acme-tax.example");
  assert.ok(mail.text.includes(made.recipients[0].address));
});

test("a document of another share is not there", async () => {
  const mine = await share({ email: "mine@lumen.example" }, { documents: [documents[0].id] });
  const { address } = mine.recipients[0];
  assert.equal((await fetch(`${address}/documents/${documents[0].id}`)).status, 200);
  for (const rest of [`/documents/${documents[1].id}`, `/documents/${documents[1].id}/view`, "/documents/../../api/v1/me", "/documents/%00"])
    assert.ok([400, 404].includes((await fetch(address + rest)).status), rest);
});

test("revoking cuts access at once and says so kindly, in both languages", async () => {
  const made = await share({ email: "gone@lumen.example" });
  const { address } = made.recipients[0];
  assert.equal((await fetch(address)).status, 200);
  await api("POST", `/share/${made.id}/revoke`, {});
  assert.equal((await fetch(`${address}/documents/${documents[0].id}`)).status, 410);
  for (const [locale, title] of [["en", "This link was withdrawn"], ["ja", "このリンクは取り消されました"]])
    await open(address, { locale, viewport: sizes.phone }, async (page, response) => {
      assert.equal(response.status(), 410);
      assert.equal(await page.locator("h1").innerText(), title);
      assert.match(await page.locator("main").innerText(), /office@acme-tax\.example/);
      await assertAccessible(page, `the revoked page in ${locale}`);
      await page.screenshot({ path: path.join(screens, `share-revoked-${locale}.png`), fullPage: true });
    });
  const { items } = await api("GET", `/share/${made.id}/events`);
  assert.ok(items.some((event) => event.event === "share.revoked"));
});

test("a reissued link works, and the old one is dead", async () => {
  const made = await share({ email: "again@lumen.example" });
  const { address, link } = made.recipients[0];
  const fresh = await api("POST", `/share/${made.id}/recipients/${link}/reissue`, {});
  assert.notEqual(fresh.address, address);
  assert.equal((await fetch(address)).status, 404);
  assert.equal((await fetch(fresh.address)).status, 200);
  const ended = await api("PUT", `/share/${made.id}/recipients/${link}/expiry`, { expires: new Date(Date.now() + 1500).toISOString() });
  assert.equal(ended.state, "active");
  await until(async () => (await fetch(fresh.address)).status === 410, 5_000, "the link to expire");
});
