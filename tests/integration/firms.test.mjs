// Firms share nothing but the process: host names, databases, documents, links and keys stay apart.
import assert from "node:assert/strict";
import http from "node:http";
import test from "node:test";
import { databases, startHost } from "../support/host.mjs";

/// A request with a Host field of one's own, which fetch does not allow.
function request(host, name, path, headers = {}) {
  return new Promise((resolve, reject) => {
    http.get({ host: "127.0.0.1", port: host.port, path, headers: { Host: name, ...headers } }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece) => (text += piece)).on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
    }).on("error", reject);
  });
}

for (const database of databases) {
  test(`two firms are isolated on ${database}`, async () => {
    const host = await startHost({
      database,
      firms: [
        { id: "acme", name: "Acme Tax", hosts: ["127.0.0.1", "localhost"] },
        { id: "birch", name: "Birch Law", hosts: ["birch.example"] },
      ],
    });
    try {
      const { ids } = await host.documents({ "a.txt": Buffer.from("of acme") });
      const { address, link } = await host.share([ids["a.txt"]]);
      const path = new URL(address).pathname;
      const birch = { Authorization: `Bearer ${host.key("birch")}` };

      assert.equal((await request(host, "127.0.0.1", path)).status, 200);
      assert.equal((await request(host, "birch.example", path)).status, 404, "a link of acme opens nothing at birch");
      assert.equal((await request(host, "birch.example", "/api/v1/accounts", { Authorization: `Bearer ${host.apiKey}` })).status, 401);
      for (const foreign of [`/documents/${ids["a.txt"]}`, `/documents/${ids["a.txt"]}/content`, `/links/${link}`, `/links/${link}/address`])
        assert.equal((await request(host, "birch.example", `/api/v1${foreign}`, birch)).status, 404, foreign);
      const lists = await request(host, "birch.example", "/api/v1/links", birch);
      assert.deepEqual(JSON.parse(lists.text).items, []);

      const unknown = await request(host, "nobody.example", path);
      assert.equal(unknown.status, 404);
      assert.match(unknown.headers["content-type"], /^text\/plain/);
      assert.doesNotMatch(unknown.text, /acme|birch/i);
    } finally {
      await host.stop();
    }
  });
}
