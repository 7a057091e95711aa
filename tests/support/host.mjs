// A host of one's own for a test: a fresh folder, free port, one firm (or several), SQLite or a fresh PostgreSQL schema.
//
//   const host = await startHost({ database: "sqlite" });
//   await host.api("POST", "/accounts", { kind: "client", name: "A" });
//   await host.stop();
import { execFile, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

export const source = process.env.POSTERN_SOURCE ?? path.resolve(import.meta.dirname ?? ".", "../..");
export const build = process.env.POSTERN_BUILD ?? path.join(source, "build/dev");
export const program = path.join(build, "host/postern");
export const postgresql = process.env.POSTERN_TEST_POSTGRESQL ?? "";

/// The databases that every test runs on; PostgreSQL only where one was started for the tests.
export const databases = postgresql ? ["sqlite", "postgresql"] : ["sqlite"];

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/// Waits until `check` gives something true, at most `milliseconds`.
export async function until(check, milliseconds = 10_000, what = "a condition") {
  const end = Date.now() + milliseconds;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${milliseconds} ms for ${what} in vain`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function firmYaml(firm, url, database) {
  return `name: ${firm.name}
hosts: [${firm.hosts.join(", ")}]
base_url: ${url}
contact: {email: help@${firm.id}.example, phone: "+34 600 000 000"}
language: en
languages: [en, ja]
time_zone: Europe/Madrid
database: {url: "${database}"}
blobs: {encrypt: ${firm.encrypt ?? true}, minimum_free: 100 MiB}
notification:
  from: {email: links@${firm.id}.example}
  transport: mailbox
links: {wrong_tokens_per_minute: ${firm.wrongTokens ?? 20}}
plugins:
  share:
    enabled: true
    allow: [database/1, links/1, documents/1, notifier/1, audit/1, pages/1, clock/1, random/1, log/1]
${firm.yaml ?? ""}`;
}

export class Host {
  constructor(options) {
    this.options = options;
    this.dir = mkdtempSync(path.join(os.tmpdir(), "postern-host-"));
    chmodSync(this.dir, 0o755);
  }

  firms() {
    return this.options.firms ?? [{ id: "acme", name: "Acme Tax", hosts: ["127.0.0.1", "localhost"], ...this.options.firm }];
  }

  async prepare() {
    this.port = await freePort();
    this.url = `http://127.0.0.1:${this.port}`;
    mkdirSync(path.join(this.dir, "firms"), { recursive: true });
    this.config = path.join(this.dir, "postern.yaml");
    writeFileSync(
      this.config,
      `listen: [{address: "127.0.0.1:${this.port}"}${this.options.listen ? ", " + this.options.listen : ""}]
plugin_folder: ${path.join(build, "plugins_out")}
log: {format: json, level: info}
${this.options.yaml ?? ""}`,
    );
    for (const firm of this.firms()) {
      const schema = `t_${firm.id}_${randomBytes(6).toString("hex")}`;
      const database = this.options.database === "postgresql"
        ? postgresql + (postgresql.includes("?") ? "&" : "?") + "schema=" + schema
        : "sqlite:firm.db";
      writeFileSync(path.join(this.dir, "firms", `${firm.id}.yaml`), firmYaml(firm, `http://${firm.hosts[0]}:${this.port}`, database), { mode: 0o600 });
    }
    return this;
  }

  /// Starts the process and waits until it is ready.
  async start() {
    this.log = path.join(this.dir, "log");
    const log = openSync(this.log, "a");
    this.process = spawn(program, ["serve", "--config", this.config], { stdio: ["ignore", log, log] });
    this.exited = new Promise((resolve) => this.process.once("exit", (code, signal) => resolve({ code, signal })));
    let ended = null;
    this.exited.then((how) => (ended = how));
    await until(async () => {
      if (ended) throw new Error(`the host ended at once: ${JSON.stringify(ended)}\n${readFileSync(this.log, "utf8").slice(-2000)}`);
      try {
        return (await fetch(this.url + "/readyz")).status === 200;
      } catch {
        return false;
      }
    }, 20_000, "the host to be ready");
    return this;
  }

  /// Runs a command of the program; its standard output. A failing one throws.
  run(...words) {
    return execFileSync(program, [...words, "--config", this.config], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }
  runAsync(...words) {
    return promisify(execFile)(program, [...words, "--config", this.config]);
  }

  key(firm = this.firms()[0].id, role = "owner") {
    return this.run("key", "create", "--firm", firm, "--name", "test", "--role", role, "--quiet").trim();
  }

  /// A call of the staff API with this host's first key; answers {status, headers, body}. Throws at 400 and above
  /// unless `expect` names the status.
  async api(method, path, body, { expect, headers = {}, key } = {}) {
    this.apiKey ??= this.key();
    const init = { method, headers: { Authorization: `Bearer ${key ?? this.apiKey}`, ...headers } };
    if (body !== undefined && !(body instanceof Uint8Array)) {
      init.body = JSON.stringify(body);
      init.headers["Content-Type"] ??= "application/json";
    } else if (body !== undefined) {
      init.body = body;
      init.headers["Content-Type"] ??= "application/octet-stream";
    }
    const response = await fetch(this.url + "/api/v1" + path, init);
    const text = await response.text();
    const type = response.headers.get("content-type") ?? "";
    const answer = { status: response.status, headers: response.headers, body: type.includes("json") ? JSON.parse(text) : text };
    if (expect !== undefined ? answer.status !== expect : answer.status >= 400)
      throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
    return answer;
  }

  /// A client, a folder and documents {name: bytes}; their ids.
  async documents(files, account = { kind: "client", name: "Lumen Bakery", email: "owner@lumen.example" }) {
    const client = (await this.api("POST", "/accounts", account)).body.id;
    const folder = (await this.api("POST", `/accounts/${client}/folders`, { name: "2026" })).body.id;
    const ids = {};
    for (const [name, bytes] of Object.entries(files))
      ids[name] = (await this.api("PUT", `/folders/${folder}/documents/${encodeURIComponent(name)}`, bytes)).body.id;
    return { client, folder, ids };
  }

  /// A share of those documents with one recipient; {share, link, address}.
  async share(documents, recipient = { name: "Jane Miller", email: "jane@lumen.example" }, more = {}) {
    const share = (await this.api("POST", "/share", { title: "Accounts", documents, recipients: [recipient], ...more })).body;
    return { share, link: share.recipients[0].link, address: share.recipients[0].address };
  }

  folder(firm = this.firms()[0].id) {
    return path.join(this.dir, "data", firm);
  }
  /// The messages in the firm's mailbox, by file name.
  mailbox(firm) {
    try {
      const folder = path.join(this.folder(firm), "mailbox");
      return readdirSync(folder).filter((name) => name.endsWith(".eml")).sort().map((name) => ({ name, text: readFileSync(path.join(folder, name), "utf8") }));
    } catch {
      return [];
    }
  }

  async kill() {
    this.process.kill("SIGKILL");
    return this.exited;
  }
  /// Asks it to end, waits, and removes the folder.
  async stop({ keep = false } = {}) {
    if (this.process && this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill("SIGTERM");
      await this.exited;
    }
    const ended = this.process ? await this.exited : null;
    if (!keep) rmSync(this.dir, { recursive: true, force: true });
    return ended;
  }
}

export async function startHost(options = {}) {
  const host = new Host(options);
  await host.prepare();
  await host.start();
  return host;
}
