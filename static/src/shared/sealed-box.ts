// Small secrets on this device's disk: sealed with a key that lives in the browser and that no script can read out.
// Whoever reads the disk's files of the database finds neither words nor token in them.

const DATABASE = "amanah";
const VERSION = 1;
export const KEYS = "keys";
export const WAITING = "waiting";
const KEY_NAME = "outbox";

/** Bytes of the initialisation vector (NIST SP 800-38D, 8.2.2: 96 random bits). */
const IV_BYTES = 12;

export interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer;
}

/** Opens the database; rejects where the browser refuses storage (a private window, a frame it does not trust). */
export function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, VERSION);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore(KEYS);
      opening.result.createObjectStore(WAITING, { keyPath: "id" });
    };
    opening.onsuccess = () => {
      // A later version in another tab must not wait for this one.
      opening.result.onversionchange = () => opening.result.close();
      resolve(opening.result);
    };
    opening.onerror = () => reject(new Error("storage"));
    opening.onblocked = () => reject(new Error("storage"));
  });
}

export function request<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(new Error("storage"));
  });
}

/** Resolves once what was written is on the disk, as far as the browser promises that. */
export function written(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(new Error("storage"));
  });
}

/** Seals and opens with one key. */
export interface SealedBox {
  /** Seals a value for one place: what is moved to another place does not open there. */
  seal(value: unknown, place: string): Promise<Sealed>;
  /** Opens what was sealed there; null for what does not open any more. */
  unseal(sealed: Sealed, place: string): Promise<unknown>;
}

const bytes = (text: string) => new TextEncoder().encode(text);

export function boxWith(key: CryptoKey): SealedBox {
  const how = (iv: Uint8Array<ArrayBuffer>, place: string) => ({ name: "AES-GCM", iv, additionalData: bytes(place) });
  return {
    async seal(value, place) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      return { iv, data: await crypto.subtle.encrypt(how(iv, place), key, bytes(JSON.stringify(value))) };
    },
    async unseal({ iv, data }, place) {
      try {
        return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(how(iv, place), key, data))) as unknown;
      } catch {
        return null;
      }
    },
  };
}

/** The box with this browser's key, which is made at its first use. Of two tabs that make one at once, the first to write it wins. */
export async function boxOf(database: IDBDatabase): Promise<SealedBox> {
  const find = () => request<CryptoKey | undefined>(database.transaction(KEYS).objectStore(KEYS).get(KEY_NAME));
  const known = await find();
  if (known) return boxWith(known);
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const writing = database.transaction(KEYS, "readwrite");
  writing.objectStore(KEYS).add(made, KEY_NAME).onerror = (event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  await written(writing);
  return boxWith((await find()) ?? made);
}
