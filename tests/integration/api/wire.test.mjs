// What only a socket shows: bodies that are too large or cut short, and what the server itself refuses below /api.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import test from "node:test";
import { startHost, until } from "../../support/host.mjs";

/// Sends bytes and gives what comes back until the server closes, or until a whole answer is there.
function raw(host, text, { leave = false } = {}) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(host.port, "127.0.0.1");
    let got = "";
    const whole = () => {
      const end = got.indexOf("\r\n\r\n");
      if (end < 0 || got.startsWith("HTTP/1.1 100")) return false;
      return got.length >= end + 4 + Number(/content-length: (\d+)/i.exec(got)?.[1] ?? 0);
    };
    socket.setEncoding("latin1");
    socket.on("data", (piece) => ((got += piece), whole() && socket.destroy()));
    socket.on("close", () => resolve({ status: Number(got.split(" ")[1]), text: got, body: got.slice(got.indexOf("\r\n\r\n") + 4) }));
    socket.on("error", reject);
    socket.write(text, () => leave && socket.destroy());
  });
}

function blobs(host) {
  const folder = path.join(host.folder(), "blobs");
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).length;
}

test("the server's own refusals below /api are problem details, and a cut upload leaves nothing", async () => {
  const host = await startHost({ database: "sqlite" });
  try {
    const { folder } = await host.documents({});
    const common = `Host: 127.0.0.1\r\nAuthorization: Bearer ${host.apiKey}\r\n`;
    const put = (name) => `PUT /api/v1/folders/${folder}/documents/${name} HTTP/1.1\r\n${common}`;

    for (const request of [
      `POST /api/v1/accounts HTTP/1.1\r\n${common}Content-Type: application/json\r\nContent-Length: 2000000\r\n\r\n`,
      `GET /api/v1/accounts HTTP/1.1\r\n${common}Content-Length: 5\r\n\r\nhello`,
    ]) {
      const refused = await raw(host, request);
      assert.equal(refused.status, 413);
      assert.match(refused.text, /content-type: application\/problem\+json/i);
      const problem = JSON.parse(refused.body);
      assert.deepEqual([problem.status, problem.title, problem.code], [413, "Content Too Large", "too_large"]);
    }

    const stranger = await raw(host, `PUT /api/v1/folders/${folder}/documents/a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3000000000\r\n\r\nabc`);
    assert.equal(stranger.status, 401, "a stranger is refused before the body");
    assert.match(stranger.text, /connection: close/i);
    assert.equal((await raw(host, `${put("a")}\r\n`)).status, 411);

    assert.equal((await raw(host, `${put("chunked.txt")}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`)).status, 201);
    for (const text of [`${put("cut.txt")}Content-Length: 3000\r\n\r\nabc`, `${put("cut.txt")}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`])
      for (let i = 0; i < 20; i++) await raw(host, text, { leave: true });
    await until(() => blobs(host) === 1, 10_000, "what was begun to be removed");
    const list = await host.api("GET", `/folders/${folder}/documents`);
    assert.deepEqual(list.body.items.map((one) => one.name), ["chunked.txt"]);
  } finally {
    await host.stop();
  }
});
