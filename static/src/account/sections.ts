// Which sections there are, and which one an address names. Pure.
export const SECTIONS = ["profile", "security", "devices", "notices", "access", "consents"] as const;
export type Section = (typeof SECTIONS)[number];
export const DEFAULT_SECTION: Section = "profile";

/** The section in an address's fragment; the first for any other. */
export function sectionIn(fragment: string): Section {
  return SECTIONS.find((name) => fragment === `#${name}`) ?? DEFAULT_SECTION;
}
