// The desk's left side: the views with their counts, the other pages, and how available one is. On a phone it is
// folded away behind a button.
import { useState } from "preact/hooks";
import { Row } from "../shared/ui/heir";
import { useLanguage, useNow } from "../shared/ui/hooks";
import { Icon } from "../shared/ui/icons";
import type { CaseView } from "../shared/wire";
import { PAGES, pathOfPage, type PageName } from "./address";
import type { DeskClient } from "./client";
import { DeskIcon } from "./icons";
import { isBuiltIn } from "./queue";

interface SidebarProps {
  client: DeskClient;
  page: PageName | null;
  onView: (view: string) => void;
  onPage: (page: PageName) => void;
  onSaveView: () => void;
  onChangeView: (view: CaseView) => void;
}

const MINUTE = 60_000;

export function useViewName(client: DeskClient): (view: string) => string {
  const language = useLanguage();
  return (view) => (isBuiltIn(view) ? language.t(`desk.view_${view}`) : (client.inbox.saved(view)?.name ?? view));
}

export function Sidebar({ client, page, onView, onPage, onSaveView, onChangeView }: SidebarProps) {
  const language = useLanguage();
  const nameOf = useViewName(client);
  const now = useNow(MINUTE);
  const [open, setOpen] = useState(false);
  const { inbox } = client;
  const current = page === null ? inbox.chosen.view : null;
  const choose = (view: string) => {
    setOpen(false);
    onView(view);
  };
  const pages = PAGES.filter((name) => mayOpen(client, name));
  const title = page === null ? nameOf(inbox.chosen.view) : language.t(`desk.page_${page}`);
  return (
    <div class={open ? "sidebar sidebar-open" : "sidebar"}>
      <button type="button" class="sidebar-fold" aria-expanded={open} aria-controls="desk-views" onClick={() => setOpen(!open)}>
        <DeskIcon name="menu" />
        <span>{title}</span>
        <Icon name="down" size={16} />
      </button>
      <nav id="desk-views" class="views" aria-label={language.t("desk.views")}>
        <ul>
          {inbox.keys.map((view, index) => {
            const saved = inbox.saved(view);
            return (
              <Row key={view} class="view-row">
                <button
                  type="button"
                  class="view"
                  aria-pressed={view === current}
                  title={saved ? nameOf(view) : undefined}
                  onClick={() => choose(view)}
                >
                  <span class="view-name">{nameOf(view)}</span>
                  {view !== "closed" && <span class="view-count">{inbox.count(view, client.me, now)}</span>}
                  {index < 9 && (
                    <kbd class="view-key" aria-hidden="true">
                      {index + 1}
                    </kbd>
                  )}
                </button>
                {saved?.own && (
                  <button
                    type="button"
                    class="icon-button view-drop"
                    aria-label={language.t("desk.view_change", { name: nameOf(view) })}
                    title={language.t("desk.view_change", { name: nameOf(view) })}
                    onClick={() => onChangeView(saved)}
                  >
                    <DeskIcon name="edit" size={14} />
                  </button>
                )}
                {saved?.own && (
                  <button
                    type="button"
                    class="icon-button view-drop"
                    aria-label={language.t("desk.view_drop", { name: nameOf(view) })}
                    title={language.t("desk.view_drop", { name: nameOf(view) })}
                    onClick={() => void dropView(client, saved)}
                  >
                    <Icon name="close" size={14} />
                  </button>
                )}
              </Row>
            );
          })}
        </ul>
        {!inbox.plain && (
          <button type="button" class="view view-new" onClick={onSaveView}>
            {language.t("desk.view_keep")}
          </button>
        )}
        {pages.length > 0 && (
          <ul class="pages">
            {pages.map((name) => (
              <li key={name}>
                <a
                  class="view"
                  href={pathOfPage(name)}
                  aria-current={page === name ? "page" : undefined}
                  onClick={(event) => {
                    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                    event.preventDefault();
                    setOpen(false);
                    onPage(name);
                  }}
                >
                  <DeskIcon name={name} />
                  <span class="view-name">{language.t(`desk.page_${name}`)}</span>
                </a>
              </li>
            ))}
          </ul>
        )}
      </nav>
    </div>
  );
}

function mayOpen(client: DeskClient, page: PageName): boolean {
  if (client.inbox.plain) return false;
  const role = client.account?.role;
  return page !== "settings" || role === "agent" || role === "admin";
}

async function dropView(client: DeskClient, view: CaseView): Promise<void> {
  const answer = await client.desk.dropView(view.id);
  if (answer.ok) await client.inbox.loadViews();
  const undo = { words: "desk.view_restore" as const, run: () => void restoreView(client, view) };
  client.say(answer, { words: "desk.view_dropped_toast", undo });
  if (answer.ok) await client.loadMore();
}

/** Keeps once more what was dropped by a slip: one tap, and a shared one is gone for everybody. */
async function restoreView(client: DeskClient, { name, filter, shared }: CaseView): Promise<void> {
  if (name === null || filter === null) return;
  const answer = await client.desk.keepView({ name, filter, shared });
  if (answer.ok) await client.inbox.loadViews();
  client.say(answer, { words: "desk.view_kept_toast" });
}
