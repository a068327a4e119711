// Builds the embed loader as one classic script, dist/embed.js, which the server answers under the fixed name /widget.js.
import { defineConfig } from "vite";

export default defineConfig({
  publicDir: false,
  build: {
    outDir: "dist",
    emptyOutDir: false,
    reportCompressedSize: false,
    lib: { entry: "src/embed/main.ts", formats: ["iife"], name: "AmanahEmbed", fileName: () => "embed.js" },
  },
});
