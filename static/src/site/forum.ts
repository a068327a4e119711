// Enhances the forum's pages, which are complete without: times in the reader's own zone, live answers, drafts.
import "../shared/styles/tokens.css";
import "../shared/styles/base.css";
import "./forum.css";
import "./post.css";
import { applyTheme } from "../shared/page";

applyTheme();
