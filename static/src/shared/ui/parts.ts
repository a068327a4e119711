// What many messages need and the first one does not: quotes, marks, files, reactions, and what is done with a message.
import { useEffect, useState } from "preact/hooks";
import { partWords } from "../lazy";
import { useLanguage } from "./hooks";

type Parts = typeof import("./message-parts");

let loaded: Parts | null = null;

/** The parts, with their words, once they are here; null before, or where they are not wanted. */
export function useParts(wanted: boolean): Parts | null {
  const language = useLanguage();
  const [parts, setParts] = useState(loaded);
  useEffect(() => {
    if (!wanted || parts) return;
    Promise.all([import("./message-parts"), partWords(language.locale)]).then(
      ([module, { default: learned }]) => {
        language.learn(learned);
        setParts((loaded = module));
      },
      () => undefined,
    );
  }, [wanted, parts]);
  return wanted ? parts : null;
}
