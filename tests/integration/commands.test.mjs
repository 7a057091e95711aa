// The command line as an administrator meets it: help, mistakes, exit codes, and the record that cannot be bent.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { build, databases, Host, program, source, startHost } from "../support/host.mjs";

const run = (...words) => spawnSync(program, words, { encoding: "utf8" });

test("help helps, mistakes are one sentence with exit code 2", () => {
  for (const words of [["--help"], ["serve", "--help"], ["key", "create", "--help"], ["audit", "--help"]]) {
    const answer = run(...words);
    assert.equal(answer.status, 0, words.join(" "));
    assert.match(answer.stdout, /Usage|usage/);
    assert.equal(answer.stderr, "");
  }
  const wrong = [[], ["dance"], ["key"], ["key", "create"], ["key", "create", "--name", "x", "--role", "king"],
    ["key", "create", "--name", "x", "--expires", "soon"], ["links", "list", "--state", "tired"], ["plugin", "inspect"],
    ["serve", "--config", "/nowhere/postern.yaml"], ["check", "--sample", "cake"], ["audit", "list", "--limit", "0"]];
  for (const words of wrong) {
    const answer = run(...words);
    assert.equal(answer.status, 2, `${words.join(" ")}: ${answer.stderr}`);
    assert.equal(answer.stderr.trim().split("\n").length, 1, answer.stderr);
    assert.equal(answer.stdout, "");
  }
});

test("the committed samples and tables are what the schemas generate", () => {
  for (const [what, marker, file] of [["host", "postern", "config/postern.yaml"], ["firm", "firm", "config/firms/demo.yaml"]]) {
    assert.equal(run("check", "--sample", what).stdout, readFileSync(path.join(source, file), "utf8"), file);
    const table = run("check", "--options", what).stdout.trim();
    const readme = readFileSync(path.join(source, "README.md"), "utf8");
    const between = new RegExp(`<!-- options:${marker} -->\\n([\\s\\S]*?)<!-- /options -->`).exec(readme);
    assert.equal(between?.[1].trim(), table, `the table of ${what} in README.md`);
  }
});

test("check names every mistake at its place", async () => {
  const host = new Host({});
  await host.prepare();
  try {
    assert.match(host.run("check"), /the settings are right: 1 firm/);
    const file = path.join(host.dir, "firms/acme.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace("allow: [database/1, ", "allow: [").replace("language: en", "langage: en") + "    settings: {expires_days: soon}\n");
    const answer = run("check", "--config", host.config);
    assert.equal(answer.status, 2);
    const lines = answer.stderr.trim().split("\n");
    assert.ok(lines.length >= 1, answer.stderr);
    assert.match(answer.stderr, /acme\.yaml:\d+:\d+: /);
  } finally {
    await host.stop();
  }
});

test("plugin inspect reads a file and runs nothing of it", () => {
  const answer = run("plugin", "inspect", path.join(build, "plugins_out/share.so"));
  assert.equal(answer.status, 0, answer.stderr);
  assert.match(answer.stdout, /share/);
  const json = JSON.parse(run("plugin", "inspect", "--json", path.join(build, "plugins_out/share.so")).stdout);
  assert.equal(json.id, "share");
  const stranger = run("plugin", "inspect", "/bin/true");
  assert.notEqual(stranger.status, 0);
  assert.equal(stranger.stderr.trim().split("\n").length, 1);
});

for (const database of databases) {
  test(`keys, links and the audit record on ${database}`, async () => {
    const host = await startHost({ database });
    try {
      const { ids } = await host.documents({ "a.txt": Buffer.from("a") });
      const { link, address } = await host.share([ids["a.txt"]]);
      assert.match(host.run("links", "list"), new RegExp(`${link}  active  share  jane@lumen.example`));
      host.run("links", "revoke", link);
      assert.equal((await fetch(address)).status, 410, "revoked from the command line while the host runs");
      const key = /^(\S+)  owner  test/m.exec(host.run("key", "list"))[1];
      host.run("key", "revoke", key);
      assert.equal((await host.api("GET", "/accounts", undefined, { expect: 401 })).status, 401);
      const lines = host.run("audit", "list").trim().split("\n").map((line) => JSON.parse(line));
      assert.deepEqual(lines.map((line) => line.sequence), lines.map((_, i) => i + 1));
      for (const event of ["account.created", "document.added", "link.issued", "share.created", "link.revoked"])
        assert.ok(lines.some((line) => line.event === event), event);
      assert.match(host.run("audit", "verify"), /is whole/);

      if (database === "sqlite") {
        const seq = lines.find((line) => line.event === "link.revoked").sequence;
        execFileSync("python3", ["-c", `import sqlite3; c = sqlite3.connect(${JSON.stringify(path.join(host.folder(), "firm.db"))}); c.execute("update audit set event = 'link.opened' where sequence = ${seq}"); c.commit()`]);
        const bent = run("audit", "verify", "--config", host.config);
        assert.equal(bent.status, 1);
        assert.match(bent.stdout, new RegExp(`NOT whole: .*\\b${seq}\\b`));
      }
    } finally {
      await host.stop();
    }
  });
}
