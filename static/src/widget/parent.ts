// The page around the frame: told of unread messages and of closing, and heard when it opens or closes the chat.
// Speaks with one origin only, the one that the loader named; a wrong name means that nobody hears.

export interface ParentPage {
  readonly embedded: boolean;
  ready(): void;
  unread(count: number): void;
  close(): void;
  onShown(listener: (shown: boolean) => void): void;
}

export function parentPage(query: URLSearchParams): ParentPage {
  const embedded = query.get("embed") === "1" && window.parent !== window;
  let origin = "";
  try {
    origin = new URL(query.get("origin") ?? "").origin;
  } catch {
    origin = "";
  }
  const tell = (message: object) => {
    if (embedded && origin && origin !== "null") window.parent.postMessage(message, origin);
  };
  return {
    embedded,
    ready: () => tell({ type: "amanah:ready" }),
    unread: (count) => tell({ type: "amanah:unread", count }),
    close: () => tell({ type: "amanah:close" }),
    onShown: (listener) => {
      if (!embedded) return listener(true);
      window.addEventListener("message", (event) => {
        if (event.source !== window.parent || event.origin !== origin) return;
        const type = (event.data as { type?: unknown } | null)?.type;
        if (type === "amanah:opened") listener(true);
        else if (type === "amanah:closed") listener(false);
      });
    },
  };
}
