// Enhances the forum's pages, which are complete without: times in the reader's own zone, live answers, drafts, a look
// ahead at what will be hidden, lists that go on.
import "../shared/styles/tokens.css";
import "../shared/styles/base.css";
import "./forum.css";
import "./post.css";
import "./charts.css";
import { applyTheme } from "../shared/page";
import { quotable } from "./forum/contacts";
import { listenForKeys } from "./forum/desk";
import { dropAllDrafts } from "./forum/drafts";
import { growList } from "./forum/lists";
import { Live } from "./forum/live";
import { closeMenus, pressInPlace } from "./forum/press";
import { Suggest } from "./forum/suggest";
import { keepTimes } from "./forum/times";
import { readWords } from "./forum/words";
import { Writer } from "./forum/writer";

const QUOTED = 400;

applyTheme();
readWords();
keepTimes();
closeMenus();
pressInPlace();

for (const [place, field] of document.querySelectorAll<HTMLInputElement>("form[role=search] input[type=search]").entries()) {
  new Suggest(field, `saran-${place}`).start();
}

const list = document.querySelector<HTMLElement>("[data-list]");
if (list) growList(list);

const waiting = document.querySelector<HTMLElement>("[data-review]");
if (waiting) listenForKeys(waiting);

const posts = document.querySelector<HTMLElement>("[data-live]");
const live = posts ? new Live(posts) : null;
live?.start();

const form = document.querySelector<HTMLFormElement>("form[data-writer]");
const writer = form ? new Writer(form, live) : null;
writer?.start();

const words = (post: Element): string => {
  const prose = post.querySelector(".prose");
  return prose ? quotable(prose) : "";
};

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest<HTMLElement>("a[data-quote]") : null;
  const post = link?.closest("article");
  if (!link || !post || !writer || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  const marked = getSelection();
  const chosen = marked && !marked.isCollapsed && post.contains(marked.anchorNode) ? marked.toString() : "";
  const said = (chosen || words(post)).trim().slice(0, QUOTED);
  writer.quote(post.querySelector(".post-who a")?.textContent?.trim() ?? "", Number(link.dataset["quote"]), said);
});

const passkeys = [...document.querySelectorAll<HTMLElement>("[data-passkey]")];
if (passkeys.length) void import("./forum/passkey").then(({ offerPasskeys }) => offerPasskeys(passkeys));

for (const out of document.querySelectorAll('form[action="/keluar"]')) out.addEventListener("submit", dropAllDrafts);
