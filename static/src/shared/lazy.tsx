// A part of an application that is fetched, with its words, when it is first wanted.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Catalogue, Locale } from "./i18n";
import { useLanguage } from "./ui/hooks";

export type Words = (locale: Locale) => Promise<{ default: Catalogue }>;

/** The words of what messages may have besides text. */
export const partWords: Words = (locale) => (locale === "en" ? import("./ui/locales/en.json") : import("./ui/locales/id.json"));

/** The words of signing in and registering. */
export const doorWords: Words = (locale) => (locale === "en" ? import("./door/locales/en.json") : import("./door/locales/id.json"));

/** A component that shows itself once it is here, and says so where it could not be fetched. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>, words: Words): ComponentType<P> {
  let loaded: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const language = useLanguage();
    const [state, setState] = useState<"waiting" | "here" | "failed">(loaded ? "here" : "waiting");
    useEffect(() => {
      if (state !== "waiting") return;
      Promise.all([load(), words(language.locale)]).then(
        ([component, { default: learned }]) => {
          language.learn(learned);
          loaded = component;
          setState("here");
        },
        () => setState("failed"),
      );
    }, [state]);
    const Loaded = loaded;
    if (Loaded) return <Loaded {...props} />;
    if (state === "waiting") return null;
    return (
      <p class="centred" role="alert">
        {language.failure("network")}{" "}
        <button type="button" class="button" onClick={() => setState("waiting")}>
          {language.t("message.retry")}
        </button>
      </p>
    );
  };
}
