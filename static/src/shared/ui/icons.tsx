// Line icons, drawn here so that no font and no image has to be fetched. Always beside words, so hidden from readers.
const PATHS = {
  lock: "M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6z",
  send: "M4 12l16-8-6 16-3-7z",
  down: "M6 10l6 6 6-6",
  close: "M6 6l12 12M18 6L6 18",
  back: "M15 5l-7 7 7 7",
  more: "M4.5 12h1M11.5 12h1M18.5 12h1",
  chat: "M5 5h14v11H10l-5 4z",
  reply: "M10 8V4L3 11l7 7v-4c5 0 8 1.5 11 5-1-6-4-10-11-11z",
  clip: "M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4L14.5 7",
  help: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.4-1 .9-1 1.7M12 17h.01",
} as const;

export function Icon({ name, size = 20 }: { name: keyof typeof PATHS; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The mark of Amanah: a speech bubble that holds a sealed dot. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg class="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path class="mark-body" d="M16 3c7.7 0 13 4.9 13 11.4S23.7 26 16 26c-1.3 0-2.6-.1-3.7-.4L6 29v-6.2C4.1 20.7 3 17.8 3 14.4 3 7.9 8.3 3 16 3z" />
      <circle class="mark-seal" cx="16" cy="14.5" r="4.5" />
    </svg>
  );
}
