// Builds the applications of the client but the widget (vite.widget.config.ts) as hashed files plus a manifest; the server
// reads it by entry name (src/site/main.ts, src/site/forum.ts, ...) and serves the files, immutable, under /assets/.
import { defineConfig } from "vitest/config";
import { later } from "./vite.later.ts";

export default defineConfig({
  base: "/assets/",
  plugins: [later],
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
            { name: "app", test: /src\/(?!site\/)|node_modules/, minShareCount: 2 },
          ],
        },
      },
    },
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
