// Builds the four applications of the client as hashed files plus a manifest; the server reads the manifest by entry
// name (src/site/main.ts, src/widget/main.tsx, src/desk/main.tsx, src/account/main.tsx) and serves the files,
// immutable, under /assets/.
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "/assets/",
  build: {
    outDir: "dist",
    assetsDir: "",
    manifest: true,
    // The pages' policy is img-src 'self' data:, font-src 'self'; nothing is inlined that a policy could refuse.
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
    rollupOptions: {
      input: ["src/site/main.ts", "src/widget/main.tsx", "src/desk/main.tsx", "src/account/main.tsx"],
      output: {
        // Few files compress better than many: what the public page needs too, then what the applications share.
        codeSplitting: {
          groups: [
            { name: "core", test: /shared\/(i18n|page|text-parts)\.ts$|styles\/(tokens|base)\.css$/ },
            { name: "app", minShareCount: 3 },
          ],
        },
      },
    },
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
