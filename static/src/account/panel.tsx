// What the sections are made of: a panel with its heading, lists that load, a refusal, a question before what can't be undone.
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { MessageKey } from "../shared/i18n";
import type { Failure, Result } from "../shared/result";
import { useLanguage } from "../shared/ui/hooks";
import type { AccountClient } from "./client";
import { refusalWords } from "./words";

export function Panel({ title, lead, children }: { title: string; lead?: string; children: ComponentChildren }) {
  return (
    <section class="panel">
      <h3 tabIndex={-1}>{title}</h3>
      {lead && <p class="quiet">{lead}</p>}
      {children}
    </section>
  );
}

/** Why something was refused, said aloud. */
export function Refusal({ error, overrides }: { error: Failure | null; overrides?: Record<string, MessageKey> }) {
  const language = useLanguage();
  return (
    <p class="form-error" role="alert">
      {refusalWords(error, language, overrides)}
    </p>
  );
}

/** That something was done, said aloud; empty before. */
export function Done({ words }: { words: string }) {
  return (
    <p class="done" role="status">
      {words}
    </p>
  );
}

export interface Loaded<T> {
  data: T | null;
  error: Failure | null;
  reload: () => void;
  /** What the server has said in answer to a change: what was asked before that is older, however late it comes. */
  put: (data: T) => void;
}

/** What a list is drawn from. */
export interface Listed<T> {
  data: T[] | null;
  error: Failure | null;
  reload: () => void;
  more?: (() => void) | null;
}

/** Loads once, again whenever the client's turn comes or `reload` is called; what was there stays until then. */
export function useLoaded<T>(client: AccountClient, load: () => Promise<Result<T>>): Loaded<T> {
  const [data, setData] = useState<T | null>(null);
  const [error, setError] = useState<Failure | null>(null);
  const [tries, setTries] = useState(0);
  const newest = useRef(0);
  useEffect(() => {
    const asked = ++newest.current;
    void client.run(load).then((answer) => {
      if (asked !== newest.current) return;
      setError(answer.ok ? null : answer.error);
      if (answer.ok) setData(answer.data);
    });
    return () => void (newest.current += 1);
  }, [client.turn, tries]);
  const put = (fresh: T) => {
    newest.current += 1;
    setError(null);
    setData(fresh);
  };
  return { data, error, reload: () => setTries((count) => count + 1), put };
}

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** Like `useLoaded` for what comes in pages; later pages are added on demand. */
export function usePaged<T>(client: AccountClient, load: (cursor: string | null) => Promise<Result<Page<T>>>): Listed<T> {
  const first = useLoaded(client, () => load(null));
  const [later, setLater] = useState<Page<T> | null>(null);
  const [error, setError] = useState<Failure | null>(null);
  useEffect(() => setLater(null), [first.data]);
  const cursor = (later ?? first.data)?.next_cursor ?? null;
  const more = async () => {
    const answer = await client.run(() => load(cursor));
    setError(answer.ok ? null : answer.error);
    if (answer.ok) setLater((before) => ({ ...answer.data, items: [...(before?.items ?? []), ...answer.data.items] }));
  };
  return {
    data: first.data && [...first.data.items, ...(later?.items ?? [])],
    error: first.error ?? error,
    reload: first.reload,
    more: cursor === null ? null : () => void more(),
  };
}

/** Draws a list, or that it loads, can't be had, or is empty. */
export function Listing<T>({ list, empty, children }: { list: Listed<T>; empty: string; children: (items: T[]) => ComponentChildren }) {
  const language = useLanguage();
  return (
    <>
      {list.error && (
        <div class="trouble">
          <Refusal error={list.error} />
          <button type="button" class="button button-small" onClick={list.reload}>
            {language.t("message.retry")}
          </button>
        </div>
      )}
      {!list.data && !list.error && (
        <p class="quiet" role="status">
          {language.t("app.loading")}
        </p>
      )}
      {list.data?.length === 0 && <p class="empty">{empty}</p>}
      {list.data && list.data.length > 0 && children(list.data)}
      {list.more && (
        <button type="button" class="button button-small more" onClick={list.more}>
          {language.t("account.more")}
        </button>
      )}
    </>
  );
}

/** A button that asks once more before it acts. */
export function Sure({ label, name, question, yes, onYes }: { label: string; name?: string; question: string; yes: string; onYes: () => Promise<void> }) {
  const language = useLanguage();
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const keep = useRef<HTMLButtonElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const wasAsked = useRef(false);
  useLayoutEffect(() => {
    if (asked) keep.current?.focus();
    else if (wasAsked.current) opener.current?.focus();
    wasAsked.current = asked;
  }, [asked]);
  if (!asked) {
    return (
      <button ref={opener} type="button" class="button button-small" {...(name ? { "aria-label": name } : {})} onClick={() => setAsked(true)}>
        {label}
      </button>
    );
  }
  const act = async () => {
    if (busy) return;
    setBusy(true);
    await onYes();
    setBusy(false);
    setAsked(false);
  };
  return (
    <div class="sure" role="group" aria-label={question} onKeyDown={(event) => event.key === "Escape" && setAsked(false)}>
      <p>{question}</p>
      <button ref={keep} type="button" class="button button-small" onClick={() => setAsked(false)}>
        {language.t("account.keep")}
      </button>
      <button type="button" class="button button-small button-danger" aria-disabled={busy} onClick={() => void act()}>
        {yes}
      </button>
    </div>
  );
}
