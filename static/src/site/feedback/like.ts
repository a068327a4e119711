// Suggestions like the one that is being written, with "vote for this instead". What is being written stays as a draft.
import { Http } from "../../shared/http";
import { say } from "../forum/words";

interface SimilarItems {
  items: { path: string; title: string; votes: number }[];
}

const PAUSE_MS = 900;
const SHORTEST = 8;
const MOST = 4;

export function watchLike(field: HTMLInputElement, place: HTMLElement): void {
  const http = new Http();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const isSuggestion = () => field.form?.querySelector<HTMLInputElement>('input[name="kind"]:checked')?.value === "suggestion";
  const ask = async () => {
    const title = field.value;
    if (title.trim().length < SHORTEST || !isSuggestion()) {
      place.hidden = true;
      return;
    }
    const answer = await http.call<SimilarItems>("POST", "/feedback/similar", { text: title });
    if (field.value !== title || !answer.ok) return;
    const found = answer.data.items.slice(0, MOST);
    place.replaceChildren(Object.assign(document.createElement("p"), { className: "hint", textContent: say("fb_similar") }), ...found.map(row), seen());
    place.hidden = found.length === 0;
  };
  const askSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), PAUSE_MS);
  };
  field.addEventListener("input", askSoon);
  field.form?.addEventListener("change", askSoon);
  if (field.value && place.hidden) askSoon();
}

/** Whoever has seen them is not asked again when they send. */
function seen(): HTMLElement {
  return Object.assign(document.createElement("input"), { type: "hidden", name: "seen", value: "1" });
}

function row(item: SimilarItems["items"][number]): HTMLElement {
  const line = Object.assign(document.createElement("div"), { className: "like-row" });
  const href = item.path;
  const name = Object.assign(document.createElement("a"), { href, target: "_blank", textContent: item.title });
  const end = Object.assign(document.createElement("span"), { className: "row" });
  const votes = Object.assign(document.createElement("span"), { textContent: say("fb_votes", { n: item.votes }) });
  const instead = Object.assign(document.createElement("a"), { href, className: "button button-small", textContent: say("fb_vote_instead") });
  end.append(votes, instead);
  line.append(name, end);
  return line;
}
