// The page around the frame: told of unread messages and of closing, and heard when it opens or closes the chat, says how it
// shall look or who is in front of it. Speaks with one origin only, the one that the loader named; a wrong name means that
// nobody hears.

export interface ParentPage {
  readonly embedded: boolean;
  ready(): void;
  /** `asked`: staff wait for an answer of another kind than words. */
  unread(count: number, asked: boolean): void;
  /** The visitor has written: from now on there may be answers. */
  wrote(): void;
  identified(ok: boolean): void;
  close(): void;
  onShown(listener: (shown: boolean) => void): void;
  onAsked(asked: Asked): void;
}

/** What the page may ask for. */
export interface Asked {
  identify(token: string): void;
  forget(): void;
  dress(look: unknown): void;
}

type Heard = { type?: unknown; token?: unknown } | null;

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
  const hear = (listener: (heard: Heard) => void) => {
    window.addEventListener("message", (event) => {
      if (embedded && event.source === window.parent && event.origin === origin) listener(event.data as Heard);
    });
  };
  return {
    embedded,
    ready: () => tell({ type: "amanah:ready" }),
    unread: (count, asked) => tell({ type: "amanah:unread", count, asked }),
    wrote: () => tell({ type: "amanah:wrote" }),
    identified: (ok) => tell({ type: "amanah:identified", ok }),
    close: () => tell({ type: "amanah:close" }),
    onShown: (listener) => {
      if (!embedded) return listener(true);
      hear((heard) => {
        if (heard?.type === "amanah:opened") listener(true);
        else if (heard?.type === "amanah:closed") listener(false);
      });
    },
    onAsked: (asked) =>
      hear((heard) => {
        if (heard?.type === "amanah:identify" && typeof heard.token === "string") asked.identify(heard.token);
        else if (heard?.type === "amanah:forget") asked.forget();
        else if (heard?.type === "amanah:theme") asked.dress(heard);
      }),
  };
}
