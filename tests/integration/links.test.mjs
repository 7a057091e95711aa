// Links as a mail scanner, a guesser and a person meet them.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { databases, startHost, until } from "../support/host.mjs";

const pageHeaders = {
  "content-security-policy": /default-src 'none'.*frame-ancestors 'none'/,
  "x-content-type-options": /^nosniff$/,
  "referrer-policy": /^no-referrer$/,
  "cache-control": /no-store/,
  "x-robots-tag": /noindex/,
};

function filesBelow(folder) {
  return readdirSync(folder).flatMap((name) => {
    const file = path.join(folder, name);
    return statSync(file).isDirectory() ? filesBelow(file) : [file];
  });
}

for (const database of databases) {
  test(`a link on ${database}: scanned, opened, used, ended`, async () => {
    const host = await startHost({ database });
    try {
      const { ids } = await host.documents({ "letter.txt": Buffer.from("Dear Jane") });
      const { address, link, share } = await host.share([ids["letter.txt"]], { name: "Jane", email: "jane@lumen.example", maximum_uses: 2 });
      const state = async () => (await host.api("GET", `/links/${link}`)).body;
      const download = `${address}/documents/${ids["letter.txt"]}`;

      // A scanner: GET and HEAD of everything, many times. Counts stay at zero.
      for (let i = 0; i < 25; i++) {
        assert.equal((await fetch(address)).status, 200);
        assert.equal((await fetch(address, { method: "HEAD" })).status, 200);
        assert.equal((await fetch(download, { method: "HEAD" })).status, 200);
        assert.equal((await fetch(download, { headers: { Range: "bytes=0-0" } }).then((r) => (r.arrayBuffer(), r))).status, 206);
      }
      assert.equal((await state()).uses, 0, "looking is no use");

      // The language: the reader's choice, else the browser's.
      const lang = async (query, accept) => /<html lang="(\w+)"/.exec(await (await fetch(address + query, { headers: { "Accept-Language": accept } })).text())[1];
      assert.equal(await lang("", "ja, en;q=0.5"), "ja");
      assert.equal(await lang("?language=ja", "en"), "ja");
      assert.equal(await lang("?language=xx", "en"), "en");

      const page = await fetch(address);
      for (const [name, want] of Object.entries(pageHeaders)) assert.match(page.headers.get(name) ?? "", want, name);

      // Two downloads are two uses; the third finds the link used up.
      for (let i = 1; i <= 2; i++) {
        assert.equal(await (await fetch(download)).text(), "Dear Jane");
        await until(async () => (await state()).uses === i, 5_000, `use ${i} to be counted`);
      }
      const over = await fetch(download);
      assert.equal(over.status, 410);
      assert.match(await over.text(), /Acme Tax/);

      // Reissue: a new address, the old one is dead at once. Its uses go on counting.
      const again = await host.share([ids["letter.txt"]]);
      await host.api("POST", `/links/${again.link}/reissue`, {});
      assert.equal((await fetch(again.address)).status, 404);
      const fresh = (await host.api("GET", `/links/${again.link}/address`)).body.url;
      assert.equal((await fetch(fresh)).status, 200);
      await host.api("POST", `/links/${again.link}/revoke`, {});
      const revoked = await fetch(fresh, { headers: { "Accept-Language": "ja" } });
      assert.equal(revoked.status, 410);
      assert.match(await revoked.text(), /lang="ja"/);

      // Expiry, and back to life.
      const third = await host.share([ids["letter.txt"]]);
      await host.api("PUT", `/links/${third.link}/expiry`, { expires: new Date(Date.now() + 1500).toISOString() });
      await until(async () => (await fetch(third.address)).status === 410, 5_000, "the link to expire");
      await host.api("PUT", `/links/${third.link}/expiry`, { expires: new Date(Date.now() + 86_400_000).toISOString() });
      assert.equal((await fetch(third.address)).status, 200);

      // What was done is in the record, without a token anywhere on disk but in the mailbox.
      const events = (await host.api("GET", `/audit?link=${link}&limit=200`)).body.items.map((line) => line.event);
      assert.ok(events.includes("link.opened") && events.filter((event) => event === "document.downloaded").length === 2, events.join());
      assert.match(host.run("audit", "verify"), /is whole/);
      assert.equal(share.title, "Accounts");
      const tokens = [address, again.address, fresh, third.address].map((url) => url.split("/l/")[1]);
      await host.stop({ keep: true });
      for (const file of filesBelow(host.dir)) {
        if (file.includes("/mailbox/")) continue;
        const bytes = readFileSync(file);
        for (const token of tokens) assert.ok(!bytes.includes(token), `a token stands in ${file}`);
      }
    } finally {
      await host.stop();
    }
  });

  test(`guessing on ${database} gets one answer, then slowed down`, async () => {
    const host = await startHost({ database, firm: { wrongTokens: 10 } });
    try {
      const { ids } = await host.documents({ "letter.txt": Buffer.from("Dear Jane") });
      const { address } = await host.share([ids["letter.txt"]]);
      const answers = [];
      for (const guess of ["x", "A".repeat(43), "A".repeat(42) + "B", "%F0%9F%98%80", "A".repeat(500)]) {
        const response = await fetch(`${host.url}/l/${guess}`);
        answers.push([response.status, await response.text()]);
      }
      for (const answer of answers) assert.deepEqual(answer, answers[0], "unknown and malformed tokens look the same");
      assert.equal(answers[0][0], 404);
      const statuses = [];
      for (let i = 0; i < 20; i++) statuses.push((await fetch(`${host.url}/l/${"B".repeat(43)}`)).status);
      assert.ok(statuses.includes(429), statuses.join());
      assert.equal((await fetch(address)).status, 200, "a right link still opens from that address");
    } finally {
      await host.stop();
    }
  });
}
