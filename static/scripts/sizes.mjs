// Prints what each entry weighs, gzipped, everything it loads included, and fails when one is over its budget.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url);
const weigh = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;
const manifestOf = (name) => JSON.parse(readFileSync(new URL(`.vite/${name}.json`, dist), "utf8"));
const [applications, widget] = [manifestOf("manifest"), manifestOf("widget")];

/** Every file a page with this entry fetches; of the catalogues, loaded by language, the Indonesian. */
function filesOf(entry) {
  const manifest = entry in widget ? widget : applications;
  const files = new Set();
  const visit = (name) => {
    const chunk = manifest[name];
    if (files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const sheet of chunk.css ?? []) files.add(sheet);
    for (const next of chunk.imports ?? []) visit(next);
  };
  visit(entry);
  const lazy = (manifest[entry].dynamicImports ?? []).concat(
    ...(manifest[entry].imports ?? []).map((name) => manifest[name].dynamicImports ?? []),
  );
  // The widget's other words come with the screens that they are of.
  const wanted = (file) => file.endsWith("id.json") && (manifest !== widget || file === "src/shared/locales/id.json");
  for (const name of lazy.filter(wanted)) files.add(manifest[name].file);
  return [...files];
}

const KIB = 1024;
const budgets = [
  ["src/site/main.ts", 10 * KIB],
  ["src/site/forum.ts", 20 * KIB],
  ["src/site/feedback.ts", 20 * KIB],
  ["src/site/triage.ts", 24 * KIB],
  ["src/widget/main.tsx", 32 * KIB],
  ["src/desk/main.tsx", 150 * KIB],
  ["src/account/main.tsx", 48 * KIB],
];
const rows = budgets.map(([entry, budget]) => [entry, filesOf(entry).reduce((sum, file) => sum + weigh(file), 0), budget]);
// What a visitor loads in a page of another site until their first message is sent: the bytes of the promise, not KiB.
const outbox = widget["src/shared/shelf.ts"];
const first = [...filesOf("src/widget/main.tsx"), "embed.js", outbox.file, ...(outbox.imports ?? []).map((name) => widget[name].file), "outbox-worker.js"];
// The frame's page, which the server writes, is some 450 bytes of it.
rows.push(["a first message", [...new Set(first)].reduce((sum, file) => sum + weigh(file), 0), 40_000 - 500]);
rows.push(["embed.js", weigh("embed.js"), 3.75 * KIB], ["feedback.js", weigh("feedback.js"), 15 * KIB]);

let over = false;
for (const [name, size, budget] of rows) {
  const verdict = size > budget ? "OVER" : "ok";
  over ||= size > budget;
  console.log(`${name.padEnd(22)} ${(size / KIB).toFixed(1).padStart(6)} KiB gzip of ${+(budget / KIB).toFixed(1)}  ${verdict}`);
}
process.exit(over ? 1 : 0);
