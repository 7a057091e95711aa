// Kill -9 at random instants while documents come in and messages go out. Afterwards: nothing that was acknowledged is
// lost, nothing is there twice, the audit chain is whole. 200 kills: 170 on SQLite, 30 on PostgreSQL.
import assert from "node:assert/strict";
import { createHash, randomBytes, randomInt } from "node:crypto";
import { readdirSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { databases, Host, until } from "../support/host.mjs";

const scale = Number(process.env.POSTERN_CHAOS_SCALE ?? 1);
const rounds = { sqlite: Math.ceil(170 * scale), postgresql: Math.ceil(30 * scale) };
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/// What a client knows: what it was told is done, and what it asked for without hearing the answer.
class Ledger {
  documents = new Map(); // id -> sha256
  shares = new Map(); // idempotency key -> share id, once acknowledged
  asked = new Map(); // idempotency key -> request body
}

async function uploads(host, folder, ledger, alive) {
  while (alive()) {
    const bytes = randomBytes(randomInt(1, 400_000));
    try {
      const answer = await host.api("PUT", `/folders/${folder}/documents/${sha256(bytes).slice(0, 16)}.bin`, bytes, { expect: 201 });
      ledger.documents.set(answer.body.id, sha256(bytes));
    } catch (error) {
      if (alive()) throw error; // refused while the host was well
    }
  }
}

async function shares(host, ledger, alive) {
  while (alive() && ledger.documents.size > 0) {
    const key = randomBytes(12).toString("hex");
    const body = {
      title: `Share ${key}`,
      documents: [[...ledger.documents.keys()].at(-1)],
      recipients: [{ name: "Jane", email: `${key}@lumen.example` }],
    };
    ledger.asked.set(key, body);
    try {
      const answer = await host.api("POST", "/share", body, { expect: 201, headers: { "Idempotency-Key": key } });
      ledger.shares.set(key, answer.body.id);
    } catch (error) {
      if (alive()) throw error;
    }
  }
}

async function round(host, folder, ledger) {
  await host.start();
  let killed = false;
  const alive = () => !killed;
  const work = [uploads(host, folder, ledger, alive), uploads(host, folder, ledger, alive), shares(host, ledger, alive)];
  await new Promise((resolve) => setTimeout(resolve, randomInt(30, 350)));
  killed = true;
  await host.kill();
  await Promise.all(work);
}

async function everyItem(host, url) {
  const items = [];
  let after = "";
  do {
    const page = (await host.api("GET", `${url}${url.includes("?") ? "&" : "?"}limit=200${after ? `&after=${encodeURIComponent(after)}` : ""}`)).body;
    items.push(...page.items);
    after = page.next;
  } while (after);
  return items;
}

for (const database of databases) {
  test(`${rounds[database]} kills on ${database}: nothing acknowledged is lost or doubled`, { timeout: 800_000 }, async () => {
    const host = new Host({ database });
    await host.prepare();
    const ledger = new Ledger();
    try {
      await host.start();
      const { folder } = await host.documents({});
      ledger.documents.set((await host.api("PUT", `/folders/${folder}/documents/first.bin`, Buffer.from("first"))).body.id, sha256("first"));
      await host.kill();
      for (let i = 0; i < rounds[database]; i++) await round(host, folder, ledger);

      await host.start();
      // Whoever heard no answer asks again with the same key: done once, whether or not it was done before.
      for (const [key, body] of ledger.asked) {
        const answer = await host.api("POST", "/share", body, { expect: 201, headers: { "Idempotency-Key": key } });
        const known = ledger.shares.get(key);
        if (known) assert.equal(answer.body.id, known, `share ${key} changed its id`);
        ledger.shares.set(key, answer.body.id);
      }
      for (const [id, hash] of ledger.documents) {
        const response = await fetch(`${host.url}/api/v1/documents/${id}/content`, { headers: { Authorization: `Bearer ${host.apiKey}` } });
        assert.equal(response.status, 200, `document ${id} is gone`);
        assert.equal(sha256(Buffer.from(await response.arrayBuffer())), hash, `document ${id} changed`);
      }
      const listed = await everyItem(host, "/share");
      assert.equal(new Set(listed.map((share) => share.title)).size, listed.length, "a share is there twice");
      assert.equal(listed.length, ledger.asked.size);

      await until(async () => (await everyItem(host, "/messages")).every((message) => message.state === "sent"), 60_000, "all messages to be sent");
      const mails = host.mailbox();
      assert.equal(mails.length, ledger.asked.size, "one message a share");
      const ids = mails.map((mail) => /^Message-ID:\s*(\S+)/im.exec(mail.text)[1]);
      assert.equal(new Set(ids).size, ids.length, "a message is there twice");
      for (const key of ledger.asked.keys())
        assert.equal(mails.filter((mail) => mail.text.includes(`${key}@lumen.example`)).length, 1, `messages to ${key}`);

      assert.match(host.run("audit", "verify"), /is whole/);
      const half = readdirSync(path.join(host.folder(), "blobs", "tmp"), { withFileTypes: true }).filter((entry) => entry.isFile());
      if (database === "sqlite") assert.deepEqual(half, [], "unfinished uploads are swept at the start");
      console.log(`${database}: ${rounds[database]} kills, ${ledger.documents.size} documents and ${ledger.shares.size} shares acknowledged`);
    } finally {
      await host.stop();
    }
  });
}
