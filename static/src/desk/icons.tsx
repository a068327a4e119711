// The desk's own line icons; like the shared ones always beside words, or in a button that has a name.
const PATHS = {
  inbox: "M4 13l3-8h10l3 8v6H4zM4 13h5l1 3h4l1-3h5",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14M16 16l4 4",
  figures: "M5 20V11M12 20V4M19 20v-6",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5",
  snooze: "M12 21a8 8 0 1 0 0-16 8 8 0 0 0 0 16M12 9v4l3 2M4 5l3-2M20 5l-3-2",
  label: "M4 4h8l8 8-8 8-8-8zM8.5 8.5h.01",
  flag: "M6 21V4h11l-2 4 2 4H6",
  person: "M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8M5 21c0-4 3-7 7-7s7 3 7 7",
  bolt: "M13 3L5 14h6l-1 7 8-11h-6z",
  note: "M5 4h14v10l-5 6H5zM14 20v-6h5",
  bell: "M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4",
  form: "M6 3h12v18H6zM9 8h6M9 12h6M9 16h3",
  clip: "M8 12l6-6a3 3 0 0 1 4 4l-8 8a5 5 0 0 1-7-7l7-7",
  reply: "M10 6l-6 6 6 6M4 12h9c4 0 7 2 7 6",
  check: "M5 12l5 5 9-10",
  order: "M7 4v16M7 20l-3-3M7 20l3-3M13 6h8M13 11h6M13 16h4",
  menu: "M4 6h16M4 12h16M4 18h16",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6",
} as const;

export type DeskIconName = keyof typeof PATHS;

export function DeskIcon({ name, size = 18 }: { name: DeskIconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
