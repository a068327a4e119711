// Builds the widget's service worker as one classic script, dist/outbox-worker.js, which the server answers at the root.
import { defineConfig } from "vite";

export default defineConfig({
  publicDir: false,
  build: {
    outDir: "dist",
    emptyOutDir: false,
    reportCompressedSize: false,
    lib: { entry: "src/worker/main.ts", formats: ["iife"], name: "AmanahOutbox", fileName: () => "outbox-worker.js" },
  },
});
