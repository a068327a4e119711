/** The language in which dates are written: English ones with the day first, as on the server's pages and in Indonesia. */
export const dated = (locale: string): string => (locale === "en" ? "en-GB" : locale);
