// The figures: each a ratio to a peer in the same minute, runs alternating A B A B, the median with minimum and maximum.
// Rows: open, growth, download, upload, memory, start, door. Without names: all of them.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const [buildFolder, ...wanted] = process.argv.slice(2);
process.env.POSTERN_BUILD = path.resolve(buildFolder ?? "build/release");
const { build, freePort, source, startHost, Host, until } = await import("../support/host.mjs");
const rounds = Number(process.env.POSTERN_BENCH_ROUNDS ?? 5);
const seconds = Number(process.env.POSTERN_BENCH_SECONDS ?? 4);
const gib = 1024 ** 3;
const scratch = mkdtempSync(path.join(os.tmpdir(), "postern-bench-"));
const results = path.join(source, "build/bench");
mkdirSync(results, { recursive: true });

const sh = (script) => execFileSync("bash", ["-ceuo", "pipefail", script], { encoding: "utf8", maxBuffer: 1 << 24 }).trim();
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const summary = (values) => ({ median: median(values), min: Math.min(...values), max: Math.max(...values), runs: values.length });
const show = (s, digits = 0) => `${s.median.toFixed(digits)} (${s.min.toFixed(digits)} to ${s.max.toFixed(digits)})`;
const cpu = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
};
const memory = (pid, which = "VmRSS") => Number(new RegExp(`${which}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
const save = (row, figures) => writeFileSync(path.join(results, `${row}.json`), JSON.stringify(figures, null, 2) + "\n");

/// Runs each contestant once to warm up, then all of them in turn; name -> list of what they returned.
async function alternate(contestants) {
  const values = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  for (const run of Object.values(contestants)) await run();
  for (let i = 0; i < rounds; i++) for (const [name, run] of Object.entries(contestants)) values[name].push(await run());
  return values;
}

/// Requests a second and the 99th percentile in ms.
function wrk(url, connections = 32) {
  const text = sh(`wrk -t1 -c${connections} -d${seconds}s --latency '${url}'`);
  const unit = { us: 0.001, ms: 1, s: 1000 };
  const [, value, scale] = /99%\s+([\d.]+)(us|ms|s)/.exec(text);
  if (/Non-2xx/.test(text)) throw new Error(`errors under load: ${text}`);
  return { rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)[1]), p99: Number(value) * unit[scale] };
}

async function started(program, args, url) {
  const child = spawn(program, args, { stdio: "ignore" });
  await until(async () => fetch(url).then(() => true, () => false), 10_000, program);
  return child;
}

async function nginx() {
  const port = await freePort();
  const folder = mkdtempSync(path.join(scratch, "nginx-"));
  mkdirSync(path.join(folder, "www"));
  writeFileSync(path.join(folder, "nginx.conf"), `
    worker_processes 2; pid ${folder}/pid; error_log ${folder}/error.log; daemon off; ${process.getuid() === 0 ? "user root;" : ""}
    include /etc/nginx/modules-enabled/*.conf;
    events { worker_connections 1024; }
    http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; client_max_body_size 0;
      client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
      server { listen 127.0.0.1:${port}; root ${folder}/www; location / { dav_methods PUT; } } }`);
  const child = await started("nginx", ["-p", folder, "-c", path.join(folder, "nginx.conf")], `http://127.0.0.1:${port}/`);
  return { child, url: `http://127.0.0.1:${port}`, www: path.join(folder, "www") };
}

async function openRow() {
  const port = await freePort();
  const hello = await started(path.join(build, "tests/bench/pistache_hello"), [String(port)], `http://127.0.0.1:${port}/`);
  const host = await startHost({ yaml: "threads: {reactor: 2, action: 4, io: 2}\n" });
  const { ids } = await host.documents({ "a.pdf": Buffer.from("%PDF-1.4 a"), "b.pdf": Buffer.from("%PDF-1.4 b"), "c.pdf": Buffer.from("%PDF-1.4 c") });
  const { address } = await host.share(Object.values(ids));
  const runs = await alternate({ pistache: () => wrk(`http://127.0.0.1:${port}/`), open: () => { const before = cpu(host.process.pid); const run = wrk(address); return { ...run, cpu: (cpu(host.process.pid) - before) / (run.rate * seconds) * 1000 }; } });
  hello.kill();
  await host.stop();
  const rate = summary(runs.open.map((run) => run.rate));
  const peer = summary(runs.pistache.map((run) => run.rate));
  const figures = { open_per_second: rate, pistache_hello_per_second: peer, ratio: rate.median / peer.median, p99_ms: summary(runs.open.map((run) => run.p99)), cpu_seconds_per_1000: summary(runs.open.map((run) => run.cpu)) };
  save("open", figures);
  console.log(`open a link, 32 connections: ${show(rate)} /s; bare Pistache hello ${show(peer)} /s; ratio ${figures.ratio.toFixed(3)}; p99 at full load ${show(figures.p99_ms, 1)} ms; CPU s per 1,000: ${show(figures.cpu_seconds_per_1000, 3)}`);
}

async function growthRow() {
  const figures = {};
  for (const links of [10_000, 100_000, 1_000_000]) {
    const host = await startHost({});
    const { ids } = await host.documents({ "a.pdf": Buffer.from("%PDF-1.4 a") });
    const { address } = await host.share(Object.values(ids));
    await host.stop({ keep: true });
    writeFileSync(path.join(scratch, "fill.py"), `
import os, sqlite3, sys
c = sqlite3.connect(sys.argv[1])
names = [r[1] for r in c.execute("pragma table_info(links)")]
row = list(c.execute("select * from links").fetchone())
i, t, r = names.index("id"), names.index("token_hash"), names.index("resource")
def rows(n):
    for k in range(n):
        x = list(row); x[i] = "0199%04x-%04x-7000-8000-%012x" % (k >> 16, k & 0xffff, k); x[t] = os.urandom(32).hex(); x[r] = x[i]; yield x
c.executemany("insert into links values (" + ",".join("?" * len(row)) + ")", rows(int(sys.argv[2])))
c.commit()
c.execute("analyze")
c.commit()
`);
    execFileSync("python3", [path.join(scratch, "fill.py"), path.join(host.folder(), "firm.db"), String(links)]);
    await host.start();
    wrk(address);
    figures[links] = summary(Array.from({ length: rounds }, () => wrk(address).rate));
    await host.stop();
    console.log(`open a link among ${links}: ${show(figures[links])} /s`);
  }
  const base = figures[10_000].median;
  for (const links of Object.keys(figures)) figures[links].of_10000 = figures[links].median / base;
  save("growth", figures);
  console.log(`growth: ${Object.entries(figures).map(([links, f]) => `${links} links ${f.of_10000.toFixed(2)}`).join(", ")}`);
}

async function downloadRow() {
  const peer = await nginx();
  sh(`head -c ${gib} /dev/urandom > '${peer.www}/big.bin'`);
  const hosts = {};
  for (const [name, encrypt] of [["plain", false], ["encrypted", true]]) {
    const host = await startHost({ firm: { encrypt } });
    const { folder } = await host.documents({});
    const id = JSON.parse(sh(`curl -fsS -T '${peer.www}/big.bin' -H 'Authorization: Bearer ${host.apiKey}' -H 'Content-Type: application/octet-stream' '${host.url}/api/v1/folders/${folder}/documents/big.bin'`)).id;
    const { address } = await host.share([id]);
    hosts[name] = { host, url: `${address}/documents/${id}`, cpu: [] };
  }
  const get = (url) => 1024 / Number(sh(`curl -fsS -o /dev/null -w '%{time_total}' '${url}'`));
  const timed = (entry) => () => { const before = cpu(entry.host.process.pid); const rate = get(entry.url); entry.cpu.push(cpu(entry.host.process.pid) - before); return rate; };
  const runs = await alternate({ nginx: () => get(`${peer.url}/big.bin`), plain: timed(hosts.plain), encrypted: timed(hosts.encrypted) });
  const figures = Object.fromEntries(Object.entries(runs).map(([name, values]) => [name, summary(values)]));
  for (const name of ["plain", "encrypted"]) Object.assign(figures[name], { of_nginx: figures[name].median / figures.nginx.median, cpu_seconds_per_gib: median(hosts[name].cpu), peak_mib: memory(hosts[name].host.process.pid, "VmHWM") });
  save("download", figures);
  for (const name of ["nginx", "plain", "encrypted"]) console.log(`download 1 GiB, ${name}: ${show(figures[name])} MiB/s${figures[name].of_nginx ? `; ${figures[name].of_nginx.toFixed(2)} of nginx; CPU ${figures[name].cpu_seconds_per_gib.toFixed(2)} s/GiB; peak ${figures[name].peak_mib.toFixed(0)} MiB` : ""}`);
  peer.child.kill();
  for (const { host } of Object.values(hosts)) await host.stop();
}

async function uploadRow() {
  const peer = await nginx();
  sh(`head -c ${gib} /dev/urandom > '${scratch}/up.bin'`);
  const hosts = {};
  for (const [name, encrypt] of [["plain", false], ["encrypted", true]]) {
    const host = await startHost({ firm: { encrypt } });
    const { folder } = await host.documents({});
    hosts[name] = { host, folder, idle: memory(host.process.pid), cpu: [] };
  }
  const put = (url, headers = "") => 1024 / Number(sh(`curl -fsS -o /dev/null -w '%{time_total}' -T '${scratch}/up.bin' ${headers} '${url}'`));
  let n = 0;
  const timed = (entry) => () => { const before = cpu(entry.host.process.pid); const rate = put(`${entry.host.url}/api/v1/folders/${entry.folder}/documents/up${n++}.bin`, `-H 'Authorization: Bearer ${entry.host.apiKey}'`); entry.cpu.push(cpu(entry.host.process.pid) - before); return rate; };
  const runs = await alternate({ nginx: () => { const rate = put(`${peer.url}/up${n++}.bin`); sh(`rm -f '${peer.www}'/up*`); return rate; }, plain: timed(hosts.plain), encrypted: timed(hosts.encrypted) });
  const figures = Object.fromEntries(Object.entries(runs).map(([name, values]) => [name, summary(values)]));
  for (const name of ["plain", "encrypted"]) Object.assign(figures[name], { of_nginx: figures[name].median / figures.nginx.median, cpu_seconds_per_gib: median(hosts[name].cpu), over_idle_mib: memory(hosts[name].host.process.pid, "VmHWM") - hosts[name].idle });
  save("upload", figures);
  for (const name of ["nginx", "plain", "encrypted"]) console.log(`upload 1 GiB in one PUT, ${name}: ${show(figures[name])} MiB/s${figures[name].of_nginx ? `; ${figures[name].of_nginx.toFixed(2)} of nginx DAV PUT; CPU ${figures[name].cpu_seconds_per_gib.toFixed(2)} s/GiB; peak ${figures[name].over_idle_mib.toFixed(1)} MiB over idle` : ""} `);
  peer.child.kill();
  for (const { host } of Object.values(hosts)) await host.stop();
}

async function memoryRow() {
  const host = await startHost({});
  const idle = memory(host.process.pid);
  const { ids } = await host.documents({ "big.bin": Buffer.alloc(64 << 20, 7) });
  const { address } = await host.share([ids["big.bin"]]);
  const before = memory(host.process.pid);
  const clients = Array.from({ length: 500 }, () => spawn("curl", ["-sS", "-o", "/dev/null", "--limit-rate", "20k", `${address}/documents/${ids["big.bin"]}`], { stdio: "ignore" }));
  await new Promise((resolve) => setTimeout(resolve, 8000));
  const slow = memory(host.process.pid, "VmHWM");
  for (const client of clients) client.kill("SIGKILL");
  await host.stop();
  const figures = { idle_mib: idle, before_mib: before, with_500_slow_downloads_mib: slow };
  save("memory", figures);
  console.log(`memory: idle ${idle.toFixed(1)} MiB; 500 slow encrypted downloads: peak ${slow.toFixed(1)} MiB`);
}

async function startRow() {
  const host = new Host({});
  await host.prepare();
  const times = [];
  for (let i = 0; i <= rounds * 2; i++) {
    const begin = performance.now();
    await host.start();
    times.push(performance.now() - begin);
    host.process.kill("SIGTERM");
    await host.exited;
  }
  await host.stop();
  const figures = summary(times.slice(1));
  save("start", figures);
  console.log(`start to first answer with one plugin: ${show(figures)} ms (asked every 20 ms)`);
}

async function doorRow() {
  const plugins = path.join(build, "test_plugins");
  const values = Array.from({ length: rounds }, () => JSON.parse(sh(`'${build}/tests/bench/door_bench' '${plugins}' '${plugins}/hello.so'`)));
  const figures = { direct_ns: summary(values.map((v) => v.direct_ns)), door_ns: summary(values.map((v) => v.door_ns)), over_ns: summary(values.map((v) => v.over_ns)) };
  save("door", figures);
  console.log(`call through a plugin's door: ${show(figures.door_ns)} ns, direct virtual call ${show(figures.direct_ns)} ns, over it ${show(figures.over_ns)} ns`);
}

const rows = { open: openRow, growth: growthRow, download: downloadRow, upload: uploadRow, memory: memoryRow, start: startRow, door: doorRow };
try {
  console.log(`${os.cpus().length} x ${os.cpus()[0].model.trim()}, load ${os.loadavg()[0].toFixed(1)}, ${rounds} runs each`);
  for (const row of wanted.length ? wanted : Object.keys(rows)) await rows[row]();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
