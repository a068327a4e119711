// A stored text on the page: words, links, and a chip that names each hidden identifier. Text nodes only.
import { parseText } from "../text-parts";
import { Icon } from "./icons";
import { useLanguage } from "./hooks";

export function HiddenChip({ label, number }: { label: string; number: number }) {
  const language = useLanguage();
  const name = language.t("chip.name", { label: language.label(label), number });
  return (
    <span class="chip" title={language.t("chip.title", { name })}>
      <Icon name="lock" size={14} />
      {name}
      <span class="sr-only"> {language.t("chip.hidden")}</span>
    </span>
  );
}

export function MessageText({ text }: { text: string }) {
  return (
    <>
      {parseText(text).map((part, index) => {
        if (part.kind === "hidden") return <HiddenChip key={index} label={part.label} number={part.number} />;
        if (part.kind === "text") return part.text;
        return (
          <a key={index} href={part.href} target="_blank" rel="noopener noreferrer nofollow ugc">
            {part.text}
          </a>
        );
      })}
    </>
  );
}
