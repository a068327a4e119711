// Packs every file that is worth it once, as Brotli and gzip beside it; the server sends what a browser takes.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url);
const LEAST = 300;

for (const name of readdirSync(dist)) {
  if (!/\.(js|css|svg)$/.test(name)) continue;
  const plain = readFileSync(new URL(name, dist));
  if (plain.length < LEAST) continue;
  writeFileSync(new URL(`${name}.gz`, dist), gzipSync(plain, { level: 9 }));
  writeFileSync(new URL(`${name}.br`, dist), brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }));
}
