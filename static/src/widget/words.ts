// The widget's words besides those of the first message.
import { doorWords, type Words } from "../shared/lazy";

export const laterWords: Words = (locale) => (locale === "en" ? import("./locales/en.json") : import("./locales/id.json"));

/** For who signs in or registers. */
export const accountWords: Words = async (locale) => {
  const [door, own] = await Promise.all([doorWords(locale), laterWords(locale)]);
  return { default: { ...door.default, ...own.default } };
};
