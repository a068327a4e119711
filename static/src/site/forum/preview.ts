// Says under a text what will be hidden in it, before it is sent. Nothing of it is stored by asking.
import { Http } from "../../shared/http";
import type { PreviewReply } from "../../shared/wire";
import { labelName, say } from "./words";

const PAUSE_MS = 700;

export function watchText(field: HTMLTextAreaElement, place: HTMLElement): void {
  const http = new Http();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = "";
  const ask = async () => {
    const text = field.value;
    if (text === asked) return;
    asked = text;
    if (text.trim() === "") {
      place.textContent = "";
      return;
    }
    const answer = await http.call<PreviewReply>("POST", "/redactions/preview", { text });
    if (field.value !== text || !answer.ok) return;
    const names = [...new Set(answer.data.spans.map((span) => labelName(span.label)))];
    place.textContent = names.length ? say("preview", { n: answer.data.spans.length, names: names.join(", ") }) : "";
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), PAUSE_MS);
  });
  if (field.value) void ask();
}
