// The desk's addresses: /desk, /desk/c/ID for one conversation, /desk/search and the like for its other pages.
const PATH = /^\/desk\/c\/([^/]+)\/?$/;
const PAGE_PATH = /^\/desk\/(search|figures|settings)\/?$/;

export const PAGES = ["search", "figures", "settings"] as const;
export type PageName = (typeof PAGES)[number];

export function idInAddress(): string | null {
  const match = PATH.exec(location.pathname);
  return match?.[1] ? decodeURIComponent(match[1]) : null;
}

export function pageInAddress(): PageName | null {
  return (PAGE_PATH.exec(location.pathname)?.[1] as PageName | undefined) ?? null;
}

export function pathOf(id: string | null): string {
  return id ? `/desk/c/${encodeURIComponent(id)}` : "/desk";
}

export function pathOfPage(page: PageName): string {
  return `/desk/${page}`;
}
