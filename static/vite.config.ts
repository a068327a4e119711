// Builds the applications of the client as hashed files plus a manifest; the server reads the manifest by entry
// name (src/site/main.ts, src/site/forum.ts, src/site/feedback.ts, ...) and serves the files, immutable, under /assets/.
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/**
 * What of Socket.IO our server never speaks, and a bundler can't see: WebTransport, which engine.io-client registers by
 * name, and attachments of bytes, for which every packet is searched. The server closes a connection that sends one.
 */
const UNSPOKEN: Readonly<Record<string, string>> = {
  "engine.io-client ./webtransport.js": "export const WT = undefined;",
  "engine.io-parser ./contrib/base64-arraybuffer.js": "export const decode = () => new ArrayBuffer(0);",
  "socket.io-parser ./is-binary.js": "export const isBinary = () => false, hasBinary = isBinary;",
  "socket.io-parser ./binary.js":
    "export const deconstructPacket = (packet) => ({ packet, buffers: [] }), reconstructPacket = (packet) => packet;",
};

const textOnly: Plugin = {
  name: "text-only",
  enforce: "pre",
  resolveId(id, importer) {
    const key = `${/node_modules\/([a-z.-]+)\/build\//.exec(importer ?? "")?.[1]} ${id}`;
    return key in UNSPOKEN ? `\0${key}` : null;
  },
  load: (id) => UNSPOKEN[id.slice(1)] ?? null,
};

export default defineConfig({
  base: "/assets/",
  plugins: [textOnly],
  build: {
    outDir: "dist",
    assetsDir: "",
    manifest: true,
    // The pages' policy is img-src 'self' data:, font-src 'self'; nothing is inlined that a policy could refuse.
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
    rollupOptions: {
      input: [
        "src/site/main.ts",
        "src/site/forum.ts",
        "src/site/feedback.ts",
        "src/site/triage.ts",
        "src/widget/main.tsx",
        "src/desk/main.tsx",
        "src/account/main.tsx",
      ],
      output: {
        // Few files compress better than many: what the public page needs too, then what the applications share.
        codeSplitting: {
          groups: [
            { name: "core", test: /shared\/(i18n|page|text-parts|http|result)\.ts$|styles\/(tokens|base)\.css$/ },
            // What the server's own pages share is theirs alone: the applications carry none of it.
            { name: "pages", test: /src\/site\/(forum\/|forum\.css|post\.css)/, minShareCount: 2 },
            { name: "app", test: /src\/(?!site\/)|node_modules/, minShareCount: 3 },
          ],
        },
      },
    },
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
