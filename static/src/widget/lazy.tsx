// A part of the widget that is fetched when it is first wanted: the first message needs none of these.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useLanguage } from "../shared/ui/hooks";

/** A component that shows itself once it is here, and says so where it could not be fetched. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const language = useLanguage();
    const [state, setState] = useState<"waiting" | "here" | "failed">(loaded ? "here" : "waiting");
    useEffect(() => {
      if (state !== "waiting") return;
      const words = language.locale === "en" ? import("./locales/en.json") : import("./locales/id.json");
      Promise.all([load(), words]).then(
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
