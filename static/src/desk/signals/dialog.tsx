// For privacy officers: what people said about the redaction, counted. Loaded when it is asked for, with its own words.
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Api } from "../../shared/api";
import { Translator, type MessageKey } from "../../shared/i18n";
import type { SignalOut, SignalsReply } from "../../shared/wire";
import { lastDays, linesOf, totals } from "./table";
import "./signals.css";

type Say = (key: string, params?: Record<string, string | number>) => string;
const SPANS = [7, 30, 90, 365] as const;

export async function openSignals(api: Api, language: Translator): Promise<void> {
  const opener = document.activeElement;
  const catalogue = language.locale === "en" ? await import("./locales/en.json") : await import("./locales/id.json");
  const words = new Translator(language.locale, catalogue.default);
  const host = document.body.appendChild(document.createElement("div"));
  const close = () => {
    render(null, host);
    host.remove();
    if (opener instanceof HTMLElement) opener.focus();
  };
  render(<SignalsDialog api={api} language={language} say={(key, params) => words.t(key as MessageKey, params)} onClose={close} />, host);
}

function SignalsDialog({ api, language, say, onClose }: { api: Api; language: Translator; say: Say; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [days, setDays] = useState<number>(30);
  const [items, setItems] = useState<readonly SignalOut[] | null>(null);
  const [refused, setRefused] = useState("");
  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    let wanted = true;
    setItems(null);
    setRefused("");
    const { from, to } = lastDays(days, new Date());
    void api.http.call<SignalsReply>("GET", `/privacy/redaction-signals?from=${from}&to=${to}`).then((answer) => {
      if (!wanted) return;
      if (answer.ok) setItems(answer.data.items);
      else setRefused(language.failure(answer.error.code));
    });
    return () => void (wanted = false);
  }, [days]);
  const sums = totals(items ?? []);
  return (
    <dialog ref={dialog} class="signals" aria-labelledby="signals-title" onClose={onClose}>
      <h2 id="signals-title">{say("title")}</h2>
      <p class="hint">{say("about")}</p>
      <label>
        {say("span")}{" "}
        <select value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
          {SPANS.map((span) => (
            <option key={span} value={span}>
              {say("days", { n: span })}
            </option>
          ))}
        </select>
      </label>
      <p class="form-error" role="alert">
        {refused}
      </p>
      <p role="status">
        {items && say("totals", { missed: sums.should_have_been_hidden, wrongly: sums.hidden_wrongly })}
        {!items && !refused && language.t("app.loading")}
      </p>
      {items && items.length > 0 && (
        <div class="signals-scroll" tabIndex={0} role="region" aria-labelledby="signals-title">
          <Table items={items} language={language} say={say} />
        </div>
      )}
      <button type="button" class="button" onClick={() => dialog.current?.close()}>
        {say("close")}
      </button>
    </dialog>
  );
}

function Table({ items, language, say }: { items: readonly SignalOut[]; language: Translator; say: Say }) {
  return (
    <table>
      <thead>
        <tr>
          {["kind", "label", "traits", "writer", "staff"].map((column) => (
            <th key={column} scope="col">
              {say(`column_${column}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {linesOf(items).map((line) => (
          <tr key={[line.kind, line.label, ...line.traits].join("|")}>
            <th scope="row">{say(line.kind)}</th>
            <td>{language.label(line.label)}</td>
            <td>{line.traits.map((trait) => say(trait)).join(", ")}</td>
            <td class="number">{line.writer}</td>
            <td class="number">{line.staff}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
