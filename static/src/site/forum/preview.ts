// Says under a text what will be hidden in it, before it is sent. Nothing of it is stored by asking.
import { Http } from "../../shared/http";
import type { PreviewReply } from "../../shared/wire";
import { sorted, wayToSign } from "./contacts";
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
    const found = sorted(field.form, text, answer.data.spans);
    const names = [...new Set(found.hidden.map((span) => labelName(span.label)))];
    const said = names.length ? [say("preview", { n: found.hidden.length, names: names.join(", ") })] : [];
    if (found.shown.length) said.push(say("contact_shown", { values: [...new Set(found.shown)].join(", ") }));
    const way = found.unsigned ? wayToSign(field.form) : null;
    if (way) said.push(say("contact_unsigned"));
    place.replaceChildren(said.join(" "));
    if (way) place.append(" ", way);
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), PAUSE_MS);
  });
  if (field.value) void ask();
}
