// The widget's words besides those of the first message.
import type { Words } from "../shared/lazy";

export const laterWords: Words = (locale) => (locale === "en" ? import("./locales/en.json") : import("./locales/id.json"));
