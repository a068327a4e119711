// What many messages need and the first one does not: quotes, marks, files, reactions, and what is done with a message.
import { useEffect, useState } from "preact/hooks";
import { useLanguage } from "./hooks";

type Parts = typeof import("./message-parts");

let loaded: Parts | null = null;

/** The parts, with their words, once they are here; null before, or where they are not wanted. */
export function useParts(wanted: boolean): Parts | null {
  const language = useLanguage();
  const [parts, setParts] = useState(loaded);
  useEffect(() => {
    if (!wanted || parts) return;
    const words = language.locale === "en" ? import("./locales/en.json") : import("./locales/id.json");
    Promise.all([import("./message-parts"), words]).then(
      ([module, { default: learned }]) => {
        language.learn(learned);
        setParts((loaded = module));
      },
      () => undefined,
    );
  }, [wanted, parts]);
  return wanted ? parts : null;
}
