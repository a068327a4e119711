// What the builds of all applications leave out of Socket.IO.
import type { Plugin } from "vite";

/** The lighter of the two ways to poll that engine.io-client brings; every browser with modules has `fetch`. */
const FETCH = JSON.stringify(new URL("node_modules/engine.io-client/build/esm/transports/polling-fetch.js", import.meta.url).pathname);

/**
 * What of Socket.IO our server never speaks, and a bundler can't see: WebTransport, which engine.io-client registers by
 * name, and attachments of bytes, for which every packet is searched. The server closes a connection that sends one.
 */
const UNSPOKEN: Readonly<Record<string, string>> = {
  "engine.io-client ./webtransport.js": "export const WT = undefined;",
  "engine.io-client ./polling-xhr.node.js": `export { Fetch as XHR } from ${FETCH};`,
  "engine.io-client ./transports/polling-xhr.node.js": "export const XHR = undefined;",
  "engine.io-client ./transports/polling-xhr.js": "export const XHR = undefined;",
  "engine.io-parser ./contrib/base64-arraybuffer.js": "export const decode = () => new ArrayBuffer(0);",
  "socket.io-parser ./is-binary.js": "export const isBinary = () => false, hasBinary = isBinary;",
  "socket.io-parser ./binary.js":
    "export const deconstructPacket = (packet) => ({ packet, buffers: [] }), reconstructPacket = (packet) => packet;",
};

export const textOnly: Plugin = {
  name: "text-only",
  enforce: "pre",
  resolveId(id, importer) {
    const key = `${/node_modules\/([a-z.-]+)\/build\//.exec(importer ?? "")?.[1]} ${id}`;
    return key in UNSPOKEN ? `\0${key}` : null;
  },
  load: (id) => UNSPOKEN[id.slice(1)] ?? null,
};
