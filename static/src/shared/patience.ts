// How long anything may wait for this device's disk. Browsers let its database hang: beside another tab's long write, on a
// card that is full or worn. Keeping words is worth a moment; not sending them for its sake is worth none.
const DISK_MS = 3_000;

/** What a promise gives, or `late` where the disk takes longer than a person should wait. */
export function soon<T>(given: Promise<T>, late: T): Promise<T> {
  return Promise.race([given, new Promise<T>((resolve) => setTimeout(resolve, DISK_MS, late))]);
}
