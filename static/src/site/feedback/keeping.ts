// Drafts of what is written in forms that go the browser's own way: kept until the server has taken them.
import { recall, remember } from "../../shared/page";
import { dropDraft, type Fields, keepDraft, recallDraft } from "../forum/drafts";
import { Images } from "../forum/images";
import { watchText } from "../forum/preview";
import { say } from "../forum/words";

const SAVE_MS = 400;
const KEPT = ["title", "text"] as const;
const SENT = "amanah.feedback-sent";
const CARRIED = "#isi=";

type Typing = HTMLInputElement | HTMLTextAreaElement;

export function keepWriting(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-writer]");
  const refused = document.querySelector(".form-error") !== null;
  const sent = recall(SENT);
  // The page after the one with the form: without a complaint, the server has it.
  if (sent && !refused) dropDraft(sent);
  remember(SENT, null);
  for (const text of document.querySelectorAll<HTMLTextAreaElement>("textarea[data-compose]")) {
    const preview = text.closest(".field")?.querySelector<HTMLElement>("[data-preview]");
    if (preview) watchText(text, preview);
    const fold = text.form?.querySelector<HTMLDetailsElement>("[data-images]");
    if (fold) new Images(fold, text).start();
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) text.form?.requestSubmit();
    });
  }
  if (form?.dataset["place"]) keep(form, `${form.dataset["writer"]}:${form.dataset["place"]}`);
}

/** What was typed into the form on another page (`feedback.js`): behind the `#`, which is gone as soon as it is read. */
function carried(): Fields | null {
  if (!location.hash.startsWith(CARRIED)) return null;
  const found = location.hash.slice(CARRIED.length);
  history.replaceState(history.state, "", location.pathname + location.search);
  try {
    const typed: unknown = JSON.parse(decodeURIComponent(found));
    const [title, text] = Array.isArray(typed) ? (typed as unknown[]) : [];
    return typeof title === "string" && typeof text === "string" && (title + text).trim() ? { title, text } : null;
  } catch {
    return null;
  }
}

function keep(form: HTMLFormElement, place: string): void {
  const fields = KEPT.map((name) => form.elements.namedItem(name)).filter(
    (item): item is Typing => item instanceof HTMLInputElement || item instanceof HTMLTextAreaElement,
  );
  const saved = form.querySelector<HTMLElement>("[data-saved]");
  const values = (): Fields => Object.fromEntries(fields.map((field) => [field.name, field.value]));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const draft = fields.every((field) => field.value.trim() === "") ? (carried() ?? recallDraft(place)) : null;
  if (draft) {
    for (const field of fields) {
      field.value = draft[field.name] ?? "";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    offerDiscard();
  }
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      keepDraft(place, values());
      if (saved) saved.textContent = fields.some((field) => field.value.trim()) ? say("draft_saved") : "";
    }, SAVE_MS);
  });
  // This comes after the page: what was typed until then is kept, too.
  if (!draft && fields.some((field) => field.value !== field.defaultValue)) form.dispatchEvent(new Event("input"));
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    keepDraft(place, values());
    // A file that is only attached brings the form back: nothing is sent yet.
    if (!event.submitter?.hasAttribute("formnovalidate")) remember(SENT, place);
  });

  function offerDiscard(): void {
    if (!saved) return;
    const discard = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: say("draft_discard") });
    discard.addEventListener("click", () => {
      dropDraft(place);
      for (const field of fields) field.value = "";
      saved.textContent = "";
    });
    saved.replaceChildren(say("draft_restored"), " ", discard);
  }
}
