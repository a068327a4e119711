// What a reader can do about a message's redaction: hide words that should have been, or say that a placeholder stands
// for nothing personal. Loaded when it is asked for, with its own words and style, so that nobody else pays for it.
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Translator, type Catalogue, type MessageKey } from "../i18n";
import { LABELS } from "../labels";
import type { Room } from "../room";
import { HiddenChip } from "../ui/message-text";
import { Language } from "../ui/hooks";
import type { CorrectionReply, Label, Message, NewCorrection, SignalCode } from "../wire";
import css from "./correct.css?inline";
import { afterPress, inCodePoints, isChosen, isFit, likelyLabel, piecesOf, placeOfSelection, type Place } from "./pieces";

const CODES: readonly (SignalCode | "")[] = ["", "word", "place", "company", "product", "public_person", "number", "other"];

type Say = (key: string, params?: Record<string, string | number>) => string;

async function loadWords(locale: string): Promise<Catalogue> {
  const module = locale === "en" ? await import("./locales/en.json") : await import("./locales/id.json");
  return module.default;
}

let styled = false;

/** A sheet made by script is no inline style: the page's policy allows it. */
function style(): void {
  if (styled) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  styled = true;
}

/** Opens the dialog on a message; what is selected in it at this moment is chosen already. */
export async function openCorrection(room: Room, message: Message, element: Element | null, language: Translator): Promise<void> {
  const opener = element?.querySelector<HTMLElement>(".correct");
  // A message that is shown with its marks has its words at other places.
  const shown = message.html === null ? (element?.querySelector(".body") ?? null) : null;
  const selected = placeOfSelection(message.text, shown, document.getSelection());
  const words = new Translator(language.locale, await loadWords(language.locale));
  const say: Say = (key, params) => words.t(key as MessageKey, params);
  style();
  const host = document.body.appendChild(document.createElement("div"));
  const close = (next: HTMLElement | null) => {
    render(null, host);
    host.remove();
    (next ?? opener)?.focus();
  };
  render(
    <Language.Provider value={language}>
      <CorrectionDialog room={room} message={message} selected={selected} language={language} say={say} onClose={close} />
    </Language.Provider>,
    host,
  );
}

interface DialogProps {
  room: Room;
  message: Message;
  selected: Place | null;
  language: Translator;
  say: Say;
  /** With where the focus goes, if not back to where it was. */
  onClose: (next: HTMLElement | null) => void;
}

function CorrectionDialog({ room, message: first, selected, language, say, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const next = useRef<HTMLElement | null>(null);
  const [message, setMessage] = useState(first);
  const [note, setNote] = useState("");
  const [refused, setRefused] = useState("");
  useEffect(() => dialog.current?.showModal(), []);

  /** Somebody else was quicker: the text as it is now, to choose anew. */
  const readAgain = async () => {
    const answer = await room.sources.api.messagesBefore(message.conversation_id, message.seq + 1, 1);
    const now = answer.ok ? answer.data.items.at(-1) : undefined;
    if (now?.seq !== message.seq) return;
    room.take(now, null);
    setMessage(now);
  };
  const correct = (correction: NewCorrection) => {
    const place = `/conversations/${encodeURIComponent(message.conversation_id)}/messages/${message.seq}`;
    return room.sources.api.http.call<CorrectionReply>("POST", `${place}/corrections`, correction);
  };
  const hide = async (place: Place, label: Label) => {
    setRefused("");
    setNote("");
    const answer = await correct({
      kind: "should_have_been_hidden",
      revision: message.revision,
      label,
      ...inCodePoints(message.text, place),
    });
    if (answer.ok) {
      const { elsewhere, done } = answer.data;
      room.take(answer.data.message, null);
      setMessage(answer.data.message);
      setNote(!done ? say("correct.going_on") : elsewhere ? say("correct.hidden_also", { n: elsewhere }) : say("correct.hidden"));
    } else if (answer.error.code === "conflict") {
      await readAgain();
      setRefused(say("correct.outdated"));
    } else setRefused(language.failure(answer.error.code));
  };
  const dispute = async (placeholder: string, code: SignalCode | null) => {
    setRefused("");
    const answer = await correct({ kind: "hidden_wrongly", placeholder, code });
    if (!answer.ok) setRefused(language.failure(answer.error.code));
    return answer.ok;
  };

  return (
    <dialog ref={dialog} class="correction" aria-labelledby="correction-title" onClose={() => onClose(next.current)}>
      <h2 id="correction-title">{say("correct.title")}</h2>
      <p class="form-error" role="alert">
        {refused}
      </p>
      <p class="correction-note" role="status">
        {note}
      </p>
      <Hide key={message.revision} message={message} selected={message === first ? selected : null} language={language} say={say} onHide={hide} />
      {message.redactions.length > 0 && (
        <Disputes
          message={message}
          say={say}
          onDispute={dispute}
          onRewrite={
            message.author.id === room.sources.me
              ? () => {
                  next.current = document.querySelector<HTMLElement>(".composer textarea");
                  dialog.current?.close();
                }
              : null
          }
        />
      )}
      <button type="button" class="button" onClick={() => dialog.current?.close()}>
        {say("correct.close")}
      </button>
    </dialog>
  );
}

interface HideProps {
  message: Message;
  selected: Place | null;
  language: Translator;
  say: Say;
  onHide: (place: Place, label: Label) => Promise<void>;
}

function Hide({ message, selected, language, say, onHide }: HideProps) {
  const { text } = message;
  const [choice, setChoice] = useState<Place | null>(isFit(text, selected) ? selected : null);
  const [label, setLabel] = useState<Label | null>(null);
  const [busy, setBusy] = useState(false);
  const pieces = piecesOf(text);
  if (!pieces.some((piece) => piece.kind === "word")) return null;
  const chosen = isFit(text, choice) ? choice : null;
  const shown = chosen ? text.slice(chosen.start, chosen.end) : "";
  const meant = label ?? likelyLabel(shown);
  return (
    <section aria-labelledby="correction-hide">
      <h3 id="correction-hide">{say("correct.hide_heading")}</h3>
      <p class="hint">{say("correct.hide_hint")}</p>
      <div class="correction-words" role="group" aria-label={say("correct.words")}>
        {pieces.map((piece) => {
          if (piece.kind === "space") return piece.text;
          if (piece.kind === "hidden") return <HiddenChip key={piece.start} label={piece.label} number={piece.number} />;
          return (
            <button
              key={piece.start}
              type="button"
              class="word"
              aria-pressed={isChosen(choice, piece)}
              onClick={() => setChoice(afterPress(text, choice, piece))}
            >
              {piece.text}
            </button>
          );
        })}
      </div>
      <p aria-live="polite">{chosen ? say("correct.chosen", { piece: shown }) : say("correct.none")}</p>
      <div class="correction-row">
        <label>
          {say("correct.label")}
          <select value={meant} onChange={(event) => setLabel(event.currentTarget.value as Label)}>
            {LABELS.map((item) => (
              <option key={item} value={item}>
                {language.label(item)}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          class="button button-main"
          aria-disabled={!chosen || busy}
          onClick={() => {
            if (!chosen || busy) return;
            setBusy(true);
            void onHide(chosen, meant).then(() => setBusy(false));
          }}
        >
          {say(busy ? "correct.working" : "correct.hide")}
        </button>
      </div>
    </section>
  );
}

interface DisputesProps {
  message: Message;
  say: Say;
  onDispute: (placeholder: string, code: SignalCode | null) => Promise<boolean>;
  onRewrite: (() => void) | null;
}

function Disputes({ message, say, onDispute, onRewrite }: DisputesProps) {
  const [codes, setCodes] = useState<Record<string, SignalCode | "">>({});
  const [counted, setCounted] = useState<ReadonlySet<string>>(new Set());
  const pieces = piecesOf(message.text).filter((piece) => piece.kind === "hidden");
  const distinct = [...new Map(pieces.map((piece) => [piece.placeholder, piece])).values()];
  return (
    <section aria-labelledby="correction-wrong">
      <h3 id="correction-wrong">{say("correct.wrong_heading")}</h3>
      <p class="hint">{say("correct.wrong_hint")}</p>
      {distinct.map((piece) => {
        const code = codes[piece.placeholder] ?? "";
        return (
          <div key={piece.placeholder} class="correction-row">
            <HiddenChip label={piece.label} number={piece.number} />
            {!counted.has(piece.placeholder) && (
              <>
                <label>
                  {say("correct.code")}
                  <select
                    value={code}
                    onChange={(event) => setCodes({ ...codes, [piece.placeholder]: event.currentTarget.value as SignalCode | "" })}
                  >
                    {CODES.map((item) => (
                      <option key={item} value={item}>
                        {say(`correct.code_${item}`)}
                      </option>
                    ))}
                  </select>
                </label>
                <button
                  type="button"
                  class="button button-small"
                  onClick={() =>
                    void onDispute(piece.placeholder, code || null).then((ok) => {
                      if (ok) setCounted(new Set([...counted, piece.placeholder]));
                    })
                  }
                >
                  {say("correct.wrong")}
                </button>
              </>
            )}
          </div>
        );
      })}
      <div role="status">
        {counted.size > 0 && (
          <p class="correction-note">
            {say("correct.counted")} {onRewrite && say("correct.rewrite_hint")}
          </p>
        )}
      </div>
      {counted.size > 0 && onRewrite && (
        <button type="button" class="button button-small" onClick={onRewrite}>
          {say("correct.rewrite")}
        </button>
      )}
    </section>
  );
}
