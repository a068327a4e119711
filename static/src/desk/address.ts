// The desk's addresses: /desk, and /desk/c/ID for one conversation.
const PATH = /^\/desk\/c\/([^/]+)\/?$/;

export function idInAddress(): string | null {
  const match = PATH.exec(location.pathname);
  return match?.[1] ? decodeURIComponent(match[1]) : null;
}

export function pathOf(id: string | null): string {
  return id ? `/desk/c/${encodeURIComponent(id)}` : "/desk";
}
