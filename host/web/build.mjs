// Makes the shared assets: one stylesheet (Pico.css and ours), htmx and our scripts, each under a name that holds the
// hash of its content, with .br and .gz beside it. Run once by CMake: node build.mjs <sources> <node_modules> <output>.
// manifest.txt has one line for each asset: the plain name, a space, the hashed name.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [sources, modules, output] = process.argv.slice(2);
if (!sources || !modules || !output) {
  console.error("build.mjs: want three folders: sources, node_modules, output");
  process.exit(2);
}

const read = (...parts) => readFileSync(join(...parts), "utf8");
const list = (folder, extension) =>
  readdirSync(join(sources, folder)).filter((name) => extname(name) === extension).sort();

// Comments and needless space only; nothing that needs to understand the style sheet.
function shrink(css) {
  return css
    .replace(/\/\*[^]*?\*\//g, "")
    .replace(/\s+/g, " ")
    .replace(/\s*([{};,])\s*/g, "$1")
    .replace(/;}/g, "}")
    .replace(/: (?=[^{}]*[;}])/g, ":")
    .trim();
}

const licence = (name, version, terms) => `/*! ${name} ${version}, ${terms} */\n`;
const version = (name) => JSON.parse(read(modules, name, "package.json")).version;

// Pico scales the whole page with the window; ours keeps the reader's own size. Its own licence line stays in front.
const pico = read(modules, "@picocss/pico/css/pico.min.css")
  .replace(/^@charset "UTF-8";/, "")
  .replace(/@media \(min-width:\d+px\)\{:host,:root\{--pico-font-size:[\d.]+%\}\}/g, "");
const ours = list("styles", ".css").map((name) => read(sources, "styles", name)).join("\n");

const assets = new Map();
assets.set("postern.css", `@charset "UTF-8";` + pico + "\n" + shrink(ours) + "\n");
assets.set("htmx.js", licence("htmx", version("htmx.org"), "0BSD") + read(modules, "htmx.org/dist/htmx.min.js"));
for (const name of list("scripts", ".js")) assets.set(name, read(sources, "scripts", name));

rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
const manifest = [];
for (const [name, text] of assets) {
  const bytes = Buffer.from(text);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  const hashed = `${basename(name, extname(name))}.${hash}${extname(name)}`;
  const hints = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  writeFileSync(join(output, hashed), bytes);
  writeFileSync(join(output, hashed + ".br"), brotliCompressSync(bytes, { params: hints }));
  writeFileSync(join(output, hashed + ".gz"), gzipSync(bytes, { level: 9 }));
  manifest.push(`${name} ${hashed}\n`);
}
writeFileSync(join(output, "manifest.txt"), manifest.join(""));
