// Builds the embeddable form as one classic script, dist/feedback.js, which the server answers under that fixed name.
import { defineConfig } from "vite";

export default defineConfig({
  publicDir: false,
  build: {
    outDir: "dist",
    emptyOutDir: false,
    reportCompressedSize: false,
    lib: { entry: "src/feedback/main.ts", formats: ["iife"], name: "AmanahFeedback", fileName: () => "feedback.js" },
  },
});
