// Enhances the board of suggestions and the staff's inbox, which are complete without: votes in place, items like the
// one that is being written, drafts, and keys for whoever works through many.
import "../shared/styles/tokens.css";
import "../shared/styles/base.css";
import "./forum.css";
import "./post.css";
import "./feedback.css";
import { applyTheme } from "../shared/page";
import { offerCode } from "./feedback/code";
import { sendFilters } from "./feedback/filters";
import { keepWriting } from "./feedback/keeping";
import { watchLike } from "./feedback/like";
import { voteInPlace } from "./feedback/voting";
import { dropAllDrafts } from "./forum/drafts";
import { closeMenus } from "./forum/press";
import { keepTimes } from "./forum/times";
import { readWords } from "./forum/words";

applyTheme();
readWords();
keepTimes();
closeMenus();
voteInPlace();
sendFilters();
keepWriting();
offerCode();

const title = document.querySelector<HTMLInputElement>("[data-like]");
const like = document.querySelector<HTMLElement>("[data-like-list]");
if (title && like) watchLike(title, like);

for (const out of document.querySelectorAll('form[action="/keluar"]')) out.addEventListener("submit", dropAllDrafts);
