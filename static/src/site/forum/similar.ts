// Topics like the one that is being begun, under its title: perhaps it was answered before.
import { Http } from "../../shared/http";
import { readable, say } from "./words";

interface SimilarTopics {
  items: { number: number; slug: string; title: string }[];
}

const PAUSE_MS = 900;
const SHORTEST = 8;
const MOST = 4;

export function watchTitle(field: HTMLInputElement, place: HTMLElement): void {
  const http = new Http();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ask = async () => {
    const title = field.value;
    if (title.trim().length < SHORTEST) {
      place.hidden = true;
      return;
    }
    const answer = await http.call<SimilarTopics>("POST", "/forum/topics/similar", { title });
    if (field.value !== title || !answer.ok) return;
    const found = answer.data.items.slice(0, MOST);
    place.hidden = found.length === 0;
    const list = document.createElement("ul");
    for (const topic of found) {
      const item = document.createElement("li");
      // A new tab: what is being written stays.
      item.append(Object.assign(document.createElement("a"), { href: `/forum/t/${topic.number}/${topic.slug}`, target: "_blank", textContent: readable(topic.title) }));
      list.append(item);
    }
    place.replaceChildren(Object.assign(document.createElement("p"), { className: "hint", textContent: say("similar") }), list);
  };
  const askSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), PAUSE_MS);
  };
  field.addEventListener("input", askSoon);
  // This comes after the page: what was typed until then, or stood in a draft, is looked for too.
  if (field.value) askSoon();
}
