// What a page tells its application: the configuration the server wrote into it, and the theme the reader chose.
export interface PageConfig {
  locale?: string;
  /** Whose support this is. */
  company?: string;
  policy_url?: string;
  /** For how many days full network addresses of visits are kept. */
  visit_days?: number;
}

export function readConfig(): PageConfig {
  const content = document.querySelector<HTMLMetaElement>('meta[name="amanah-config"]')?.content;
  try {
    const config: unknown = JSON.parse(content ?? "{}");
    return typeof config === "object" && config !== null ? config : {};
  } catch {
    return {};
  }
}

/** Storage may be forbidden (private windows, foreign frames): then the choice lasts as long as the page. */
export function remember(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Nothing to do: the page works without.
  }
}

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export type Theme = "auto" | "light" | "dark";

export function chosenTheme(): Theme {
  const theme = recall("amanah.theme");
  return theme === "light" || theme === "dark" ? theme : "auto";
}

export function applyTheme(theme: Theme = chosenTheme()): void {
  if (theme === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}
