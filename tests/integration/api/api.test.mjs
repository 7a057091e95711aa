// Every operation of /api/openapi.json against a running host: POSTERN_URL and POSTERN_API_KEY (an owner's) name one, else
// the test starts its own, on each database there is.
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import test from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { databases, startHost } from "../../support/host.mjs";
import { Contract } from "./contract.mjs";

const missing = "01890000-0000-7000-8000-000000000000";
const sha256 = (bytes) => createHash("sha256").update(bytes);

async function open(database) {
  if (process.env.POSTERN_URL) return { url: process.env.POSTERN_URL, key: process.env.POSTERN_API_KEY, stop: async () => {} };
  const host = await startHost({ database });
  return { url: host.url, key: host.key(), stop: () => host.stop() };
}

async function describe(url) {
  const reply = await fetch(`${url}/api/openapi.json`);
  assert.equal(reply.status, 200);
  assert.equal(reply.headers.get("content-type"), "application/json");
  return reply.json();
}

/// An account, a folder, a document in two versions and a share of it: what the other operations work on.
async function furnish(api) {
  const things = {};
  const account = await api.call("createAccount", { json: { kind: "client", name: "Ann Archer", email: "ann@archer.example" }, status: 201 });
  things.account = account.json.id;
  assert.equal(account.headers.get("location"), `/api/v1/accounts/${things.account}`);
  await api.call("createAccount", { json: { name: "Only a name" }, status: 201 });
  const folder = await api.call("createFolder", { path: things, json: { name: "Tax 2025" }, status: 201 });
  things.folder = folder.json.id;
  await api.call("createFolder", { path: things, json: { name: "Below", parent: things.folder }, status: 201 });
  await api.call("createFolder", { path: things, json: { name: "Below", parent: things.folder }, status: 409 });
  const body = Buffer.from("%PDF-1.4\n" + "balance ".repeat(5000));
  const name = "Bilanz Größe 1.pdf";
  const put = await api.call("putDocument", { path: { ...things, name }, body, status: 201, headers: { "Content-Digest": `sha-256=:${sha256(body).digest("base64")}:`, "If-None-Match": "*" } });
  things.document = put.json.id;
  assert.equal(put.json.sha256, sha256(body).digest("hex"));
  assert.equal(put.json.name, name);
  await api.call("putDocument", { path: { ...things, name }, body, status: 412, headers: { "If-None-Match": "*" } });
  await api.call("putDocument", { path: { ...things, name }, body, status: 400, headers: { "Content-Digest": `sha-256=:${sha256("x").digest("base64")}:` } });
  const again = await api.call("putDocument", { path: { ...things, name }, body: Buffer.from("second"), status: 200 });
  assert.deepEqual([again.json.id, again.json.version], [things.document, 2]);
  things.body = body;
  return things;
}

async function readDocuments(api, things) {
  await api.call("listAccounts", { query: { limit: 1 }, status: 200 });
  await api.call("getAccount", { path: things, status: 200 });
  await api.call("listFolders", { path: things, status: 200 });
  await api.call("getFolder", { path: things, status: 200 });
  const list = await api.call("listDocuments", { path: things, status: 200 });
  assert.deepEqual(list.json.items.map((one) => one.version), [2]);
  await api.call("getDocument", { path: things, query: { version: 1 }, status: 200 });
  const versions = await api.call("listVersions", { path: things, status: 200 });
  assert.equal(versions.json.items.length, 2);
  const first = await api.call("getContent", { path: things, query: { version: 1 }, status: 200 });
  assert.deepEqual(first.bytes, things.body);
  const part = await api.call("getContent", { path: things, query: { version: 1, disposition: "inline" }, headers: { Range: "bytes=9-15" }, status: 206 });
  assert.equal(part.bytes.toString(), "balance");
  await api.call("getContent", { path: things, headers: { Range: "bytes=999999-" }, status: 416 });
  await api.call("getContent", { path: things, headers: { "If-None-Match": (await api.call("getContent", { path: things })).headers.get("etag") }, status: 304 });
}

/// The plugin's own operations, told apart by what they need; a plugin that is not known here fails the test below.
const plugins = {
  async share(api, things) {
    const person = (email) => ({ name: "Bob", email });
    const made = await api.call("share.create", { json: { title: "Accounts", documents: [things.document], recipients: [person("bob@bank.example"), person("eve@bank.example")] }, status: 201 });
    const share = made.json.id;
    const [bob, eve] = made.json.recipients.map((one) => one.link);
    things.link = bob;
    const of = (recipient) => ({ path: { share, recipient } });
    await api.call("share.list", { status: 200 });
    await api.call("share.get", { path: { share }, status: 200 });
    await api.call("share.events", { path: { share }, status: 200 });
    await api.call("share.addRecipients", { path: { share }, json: { recipients: [person("dan@bank.example")] }, status: [200, 201] });
    await api.call("share.setExpiry", { ...of(bob), json: { expires: new Date(Date.now() + 5 * 86400e3).toISOString() }, status: 200 });
    await api.call("share.resend", { ...of(bob), status: [200, 202] });
    await api.call("share.reissue", { ...of(bob), status: 200 });
    await api.call("share.revokeRecipient", { ...of(eve), status: 200 });
    things.share = share;
    things.last = () => api.call("share.revoke", { path: { share }, status: 200 });
  },
};

async function useLinks(api, things) {
  const list = await api.call("listLinks", { query: { plugin: "share", email: "bob@bank.example" }, status: 200 });
  assert.ok(list.json.items.some((one) => one.id === things.link));
  const before = await api.call("getLinkAddress", { path: things, status: 200 });
  assert.equal((await fetch(before.json.url)).status, 200);
  await api.call("reissueLink", { path: things, status: 200 });
  const after = await api.call("getLinkAddress", { path: things, status: 200 });
  assert.equal((await fetch(before.json.url)).status, 404, "the old address still opens");
  assert.equal((await fetch(after.json.url)).status, 200);
  const expires = new Date(Date.now() + 3 * 86400e3).toISOString();
  const moved = await api.call("setLinkExpiry", { path: things, json: { expires }, status: 200 });
  assert.equal(moved.json.expires, expires);
  const revoked = await api.call("revokeLink", { path: things, json: {}, status: 200 });
  assert.equal(revoked.json.state, "revoked");
  assert.equal((await fetch(after.json.url)).status, 410);
  await api.call("getLinkAddress", { path: things, status: 410 });
  await api.call("getLink", { path: things, status: 200 });
}

async function administer(api, things) {
  const made = await api.call("createKey", { json: { name: "Reader", role: "read-only", expires: null }, status: 201, headers: { "Idempotency-Key": randomUUID() } });
  things.key = made.json.id;
  await api.call("getMe", { key: made.json.key, status: 200 });
  await api.call("createAccount", { key: made.json.key, json: { name: "x" }, status: 403 });
  await api.call("listKeys", { status: 200 });
  await api.call("getKey", { path: things, status: 200 });
  await api.call("revokeKey", { path: things, status: 204 });
  await api.call("getMe", { key: made.json.key, status: 401 });
  await api.call("listPlugins", { status: 200 });
  await api.call("getMe", { status: 200 });
  await api.call("listMessages", { status: 200 });
  const audit = await api.call("listAudit", { query: { order: "newest", limit: 200, from: "2020-01-01T00:00:00Z" }, status: 200 });
  assert.ok(audit.json.items.length > 5);
  const verdict = await api.call("verifyAudit", { status: 200 });
  assert.equal(verdict.json.whole, true);
}

/// What every operation answers to a stranger, to unknown ids and to bad requests, whatever it does otherwise.
async function mistreat(api) {
  let count = 0;
  for (const [id, operation] of api.operations) {
    const path = Object.fromEntries(operation.parameters.filter((one) => one.in === "path").map((one) => [one.name, missing]));
    const requestBody = api.resolve(operation.operation.requestBody);
    const takesJson = requestBody?.content["application/json"] !== undefined;
    const body = requestBody && !takesJson ? { body: "abc" } : {};
    await api.call(id, { path, ...body, key: "", wrong: true, status: 401 });
    if (takesJson) {
      await api.call(id, { path, body: "{oops", headers: { "Content-Type": "application/json" }, wrong: true, status: 400 });
      await api.call(id, { path, body: "a=b", headers: { "Content-Type": "application/x-www-form-urlencoded" }, wrong: true, status: 415 });
      await api.call(id, { path, json: { no_such_field: 1 }, wrong: true, status: [400, 404] });
      await api.call(id, { path, json: {}, headers: { "Idempotency-Key": "a b" }, wrong: true, status: 400 });
      count += 4;
    }
    const idParameter = operation.parameters.find((one) => one.in === "path" && one.name !== "name");
    if (idParameter && !takesJson) {
      const unknown = await api.call(id, { path, ...body, wrong: true, status: 404 });
      const malformed = await api.call(id, { path: { ...path, [idParameter.name]: "x" }, ...body, wrong: true, status: 404 });
      assert.deepEqual(malformed.json, unknown.json, `${id} tells unknown from malformed`);
      count += 2;
    }
    ++count;
  }
  return count;
}

async function page(api) {
  for (let i = 0; i < 5; ++i) await api.call("createAccount", { json: { name: `Page ${i}` }, status: 201 });
  const seen = [];
  for (let after; ; ) {
    const reply = await api.call("listAccounts", { query: { limit: 2, ...(after && { after }) }, status: 200 });
    seen.push(...reply.json.items.map((one) => one.id));
    after = reply.json.next;
    assert.equal(reply.headers.get("link") !== null, after !== null);
    if (after === null) break;
  }
  assert.equal(new Set(seen).size, seen.length);
  const all = await api.call("listAccounts", { query: { limit: 200 }, status: 200 });
  assert.deepEqual(seen, all.json.items.map((one) => one.id));
}

async function repeat(api) {
  const headers = { "Idempotency-Key": randomUUID() };
  const first = await api.call("createAccount", { json: { name: "Once" }, headers, status: 201 });
  const replies = await Promise.all(Array.from({ length: 6 }, () => api.call("createAccount", { json: { name: "Once" }, headers, status: 201 })));
  for (const reply of replies) {
    assert.deepEqual(reply.json, first.json);
    assert.equal(reply.headers.get("idempotency-replayed"), "true");
  }
  await api.call("createAccount", { json: { name: "Twice" }, headers, status: 422 });
}

for (const database of process.env.POSTERN_URL ? ["as it is"] : databases)
  test(`every operation keeps to the description (${database})`, async () => {
    const host = await open(database);
    try {
      const document = await describe(host.url);
      const validity = await new Validator().validate(structuredClone(document));
      assert.ok(validity.valid, JSON.stringify(validity.errors)?.slice(0, 3000));
      const api = new Contract(document, host.url, host.key);
      assert.ok(api.checkExamples() >= 10);
      const things = await furnish(api);
      await readDocuments(api, things);
      const present = (await api.call("listPlugins", { status: 200 })).json.items.map((one) => one.id);
      for (const plugin of present) await plugins[plugin]?.(api, things);
      if (things.link) await useLinks(api, things);
      await things.last?.();
      await administer(api, things);
      await page(api);
      await repeat(api);
      assert.ok((await mistreat(api)) >= api.operations.size);
      const succeeded = (id) => (api.called.get(id) ?? []).some((status) => status < 300);
      const untried = [...api.operations.keys()].filter((id) => !succeeded(id));
      assert.deepEqual(untried, [], "operations of the description that were never called with success");
      console.log(`${api.operations.size} operations, ${[...api.called.values()].flat().length} calls checked against the description`);
    } finally {
      await host.stop();
    }
  });
