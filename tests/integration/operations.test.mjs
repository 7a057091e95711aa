// Running it: health, TLS with certificates read again, a drain that lets running downloads end, a log without tokens.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { freePort, startHost, until } from "../support/host.mjs";

function certificate(folder, name) {
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
    "-subj", `/CN=${name}`, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", path.join(folder, `${name}.key`), "-out", path.join(folder, `${name}.pem`)], { stdio: "ignore" });
}
const curl = (...words) => execFileSync("curl", ["-sS", ...words], { encoding: "utf8" });

test("health, readiness and methods that are not answered", async () => {
  const host = await startHost({});
  try {
    for (const where of ["/healthz", "/readyz"]) assert.equal((await fetch(host.url + where)).status, 200);
    const wrong = await fetch(host.url + "/healthz", { method: "DELETE" });
    assert.equal(wrong.status, 405);
    assert.equal(wrong.headers.get("allow"), "GET, HEAD");
    assert.equal((await fetch(host.url + "/nothing/here")).status, 404);
    assert.match(await (await fetch(host.url + "/robots.txt")).text(), /Disallow: \//);
  } finally {
    await host.stop();
  }
});

test("TLS is switched on in YAML, and SIGHUP reads the certificate again", async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "postern-tls-"));
  for (const name of ["one", "two"]) certificate(folder, name);
  for (const kind of ["pem", "key"]) copyFileSync(path.join(folder, `one.${kind}`), path.join(folder, `live.${kind}`));
  const port = await freePort();
  const host = await startHost({ listen: `{address: "127.0.0.1:${port}", tls: true}`, yaml: `certificates: [{certificate: ${folder}/live.pem, key: ${folder}/live.key}]\n` });
  try {
    const { ids } = await host.documents({ "a.txt": Buffer.from("over TLS") });
    const { address } = await host.share([ids["a.txt"]]);
    const secure = address.replace(/^http:\/\/[^/]+/, `https://localhost:${port}`);
    for (const version of ["--tlsv1.2", "--tlsv1.3"]) {
      const answer = curl(version, ...(version === "--tlsv1.2" ? ["--tls-max", "1.2"] : []), "--cacert", `${folder}/one.pem`, "-i", secure);
      assert.match(answer, /^HTTP\/1\.1 200/);
      assert.match(answer, /strict-transport-security: max-age=\d+/i);
    }
    assert.equal(curl("--cacert", `${folder}/one.pem`, `${secure}/documents/${ids["a.txt"]}`), "over TLS");
    for (const kind of ["pem", "key"]) copyFileSync(path.join(folder, `two.${kind}`), path.join(folder, `live.${kind}`));
    host.process.kill("SIGHUP");
    await until(() => { try { return curl("--cacert", `${folder}/two.pem`, "-o", "/dev/null", "-w", "%{http_code}", secure) === "200"; } catch { return false; } }, 5_000, "the new certificate");
    assert.throws(() => execFileSync("curl", ["-sS", "--tls-max", "1.1", "--cacert", `${folder}/two.pem`, secure], { stdio: "ignore" }));
  } finally {
    await host.stop();
    rmSync(folder, { recursive: true });
  }
});

test("SIGTERM lets a running download end and refuses new connections", async () => {
  const host = await startHost({});
  try {
    const { ids } = await host.documents({ "big.bin": Buffer.alloc(8 << 20, 7) });
    const { address } = await host.share([ids["big.bin"]]);
    const running = fetch(`${address}/documents/${ids["big.bin"]}`);
    const response = await running;
    host.process.kill("SIGTERM");
    await until(async () => fetch(host.url + "/healthz").then(() => false, () => true), 5_000, "new connections to be refused");
    assert.equal((await response.arrayBuffer()).byteLength, 8 << 20);
    assert.deepEqual(await host.exited, { code: 0, signal: null });
  } finally {
    await host.stop();
  }
});

test("the log has a line for each request and never a token", async () => {
  const host = await startHost({});
  try {
    const { ids } = await host.documents({ "a.txt": Buffer.from("a") });
    const { address } = await host.share([ids["a.txt"]]);
    await fetch(`${address}/documents/${ids["a.txt"]}`);
    await fetch(`${address}/nothing\u001b[31m`);
    await fetch(host.url + "/l/" + "Z".repeat(43));
    const lines = await until(() => {
      const all = readFileSync(host.log, "utf8").trim().split("\n").map((line) => JSON.parse(line));
      return all.filter((line) => line.path?.startsWith("/l/")).length >= 2 && all;
    }, 5_000, "the lines to be written");
    const download = lines.find((line) => line.path === `/l/…/documents/${ids["a.txt"]}`);
    assert.equal(download.status, "200");
    assert.equal(download.bytes, "1");
    const text = readFileSync(host.log, "utf8");
    assert.ok(!text.includes(address.split("/l/")[1]) && !text.includes("ZZZZ") && !text.includes(host.apiKey));
  } finally {
    await host.stop();
  }
});
