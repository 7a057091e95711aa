// Documents in and out at full size: 3 GiB through the API and through a link, a cut download resumed, thousands of
// aborted ones, and a revoke in the middle.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import test from "node:test";
import { startHost, until } from "../support/host.mjs";

const gib = 1024 ** 3;
const bash = (script, env = {}) => execFileSync("bash", ["-ceuo", "pipefail", script], { encoding: "utf8", env: { ...process.env, ...env }, maxBuffer: 1 << 20 }).trim();
/// `bytes` of the same noise every time, fast to make.
const noise = (bytes) => `(head -c ${bytes} /dev/zero | openssl enc -aes-128-ctr -nosalt -pass pass:postern -pbkdf2 2>/dev/null)`;
const descriptors = (host) => readdirSync(`/proc/${host.process.pid}/fd`).length;
const memory = (host) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${host.process.pid}/status`, "utf8"))[1]) / 1024;

async function bigDocument(host, bytes) {
  const { folder } = await host.documents({});
  const answer = bash(
    `${noise(bytes)} | curl -fsS -T - -H "Authorization: Bearer $KEY" -H 'Content-Type: application/octet-stream' "$URL/api/v1/folders/${folder}/documents/big.bin"`,
    { KEY: host.apiKey, URL: host.url },
  );
  return JSON.parse(answer);
}

for (const encrypt of [true, false]) {
  test(`3 GiB go in and out ${encrypt ? "encrypted" : "plain"}, and a cut download is resumed`, { timeout: 500_000 }, async () => {
    const host = await startHost({ firm: { encrypt } });
    try {
      const want = bash(`${noise(3 * gib)} | sha256sum | cut -d' ' -f1`);
      const document = await bigDocument(host, 3 * gib);
      assert.equal(document.sha256, want);
      assert.equal(document.bytes, 3 * gib);
      const { address } = await host.share([document.id]);
      const url = `${address}/documents/${document.id}`;
      assert.equal(bash(`curl -fsS '${url}' | sha256sum | cut -d' ' -f1`), want);
      const peak = memory(host);
      assert.ok(peak < 200, `the host holds ${peak} MiB after 3 GiB`);

      const file = path.join(host.dir, "part");
      // Cut after a quarter, go on twice.
      const script = `curl -sS --max-filesize 99999999999 '${url}' | head -c ${Math.floor(0.8 * gib)} >'${file}' || true
        [ "$(stat -c %s '${file}')" = ${Math.floor(0.8 * gib)} ]
        curl -fsS -C - -o '${file}' '${url}'
        sha256sum '${file}' | cut -d' ' -f1`;
      assert.equal(bash(script), want);
    } finally {
      await host.stop();
    }
  });
}

test("10,000 aborted downloads leave no descriptor and no memory behind", { timeout: 300_000 }, async () => {
  const host = await startHost({});
  try {
    const { ids } = await host.documents({ "big.bin": Buffer.alloc(8 << 20, 7) });
    const { address } = await host.share([ids["big.bin"]]);
    const target = `${new URL(address).pathname}/documents/${ids["big.bin"]}`;
    const abort = () =>
      new Promise((resolve, reject) => {
        const socket = net.connect(host.port, "127.0.0.1", () => socket.write(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`));
        socket.once("data", (piece) => {
          const status = piece.toString("latin1", 9, 12);
          socket.destroy();
          status === "200" ? resolve() : reject(new Error(`status ${status}`));
        });
        socket.once("error", reject);
      });
    const many = async (count) => {
      let left = count;
      await Promise.all(Array.from({ length: 20 }, async () => { while (left-- > 0) await abort(); }));
    };
    await many(1000); // warm: pools, caches and the allocator have their size
    await until(() => descriptors(host) < 100, 10_000, "descriptors to be closed");
    const before = { descriptors: descriptors(host), memory: memory(host) };
    await many(10_000);
    await until(() => descriptors(host) <= before.descriptors + 2, 20_000, `descriptors to fall back to ${before.descriptors}`);
    const grown = memory(host) - before.memory;
    console.log(`after 10,000 aborted downloads: ${descriptors(host)} descriptors (${before.descriptors} before), ${grown.toFixed(1)} MiB more`);
    assert.ok(grown < 16, `grew by ${grown} MiB`);
  } finally {
    await host.stop();
  }
});

for (const by of ["the API", "the command line"])
test(`revoking a link by ${by} stops a running download within a second`, async () => {
  const host = await startHost({});
  try {
    const { ids } = await host.documents({ "big.bin": Buffer.alloc(256 << 20, 7) });
    const { address, link } = await host.share([ids["big.bin"]]);
    const socket = net.connect(host.port, "127.0.0.1");
    socket.write(`GET ${new URL(address).pathname}/documents/${ids["big.bin"]} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    let received = 0;
    let ended = false;
    // A reader that takes a little now and then, so that the download would last for minutes.
    socket.on("data", (piece) => { received += piece.length; socket.pause(); setTimeout(() => socket.resume(), 50); });
    socket.on("close", () => (ended = true));
    socket.on("error", () => (ended = true));
    await until(() => received > 0, 5_000, "the first bytes");
    if (by === "the API") await host.api("POST", `/links/${link}/revoke`, {});
    else host.run("links", "revoke", link);
    const since = Date.now();
    const sent = () => execFileSync("ss", ["-tnH", "state", "established", `sport = :${host.port}`], { encoding: "utf8" }).trim();
    await until(() => ended || sent() === "", 3_000, "the connection to be cut");
    const took = Date.now() - since;
    console.log(`cut ${took} ms after the revoke`);
    assert.ok(took < 1_100, `took ${took} ms`);
    assert.ok(received < 250 << 20);
    socket.destroy();
  } finally {
    await host.stop();
  }
});
