// The widget's service worker: sends what was still waiting when its tab was closed, as soon as the browser says that there
// is a connection (Background Sync). It answers no requests and keeps nothing but what `shelf` keeps.
import { sendWaiting } from "../shared/posting";
import { Shelf, SYNC_TAG } from "../shared/shelf";

/** Of the service worker's world, what this file uses; the DOM's types do not know it. */
interface Waitable extends Event {
  readonly tag?: string;
  waitUntil(work: Promise<unknown>): void;
}
interface Worker {
  addEventListener(name: "install" | "activate" | "sync", listener: (event: Waitable) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
}
const worker = self as unknown as Worker;

async function send(): Promise<void> {
  const shelf = await Shelf.open();
  // A rejection asks the browser to try again later.
  if (shelf && (await sendWaiting(shelf)) === "later") throw new Error("later");
}

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("sync", (event) => {
  if (event.tag === SYNC_TAG) event.waitUntil(send());
});
