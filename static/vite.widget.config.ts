// Builds the customer's chat by itself. It is what others put into their pages, so it shares no file with the staff's desk
// or the account page: one file compresses better than parts of four, and what it never calls is not in it.
import { defineConfig } from "vite";
import { later } from "./vite.later.ts";

/** What is fetched when it is wanted; all else is one file. */
const LATER = new RegExp(
  [
    "/locales/",
    "shared/(attaching/(uploads|smaller|strip|attaching)|correct/|files|labels|shelf|styles/closed|sealed-box|forms/(?!slot)|ui/(composer-strip|fields|heir|message-(parts|files|menu)|rich-text))",
    "widget/(account-screen|ask|becoming|begun|closing|drafts|elsewhere|history|identified|later)",
  ].join("|"),
);

export default defineConfig({
  base: "/assets/",
  plugins: [later],
  publicDir: false,
  build: {
    outDir: "dist",
    emptyOutDir: false,
    assetsDir: "",
    manifest: ".vite/widget.json",
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
    // One sheet: what is loaded later brings its own.
    rollupOptions: {
      input: ["src/widget/main.tsx"],
      output: { codeSplitting: { groups: [{ name: "chat", test: (id) => !LATER.test(id) }] } },
    },
  },
});
