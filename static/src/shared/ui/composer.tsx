// Where a message is written. Marks what will be hidden before it is sent, counts, sends; never drops what was typed.
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { carrySpans, codePointLength, toUtf16, wellFormed } from "../offsets";
import type { Result } from "../result";
import { distinctLabels } from "../text-parts";
import type { Span } from "../wire";
import { useLanguage, useMedia } from "./hooks";
import { Icon } from "./icons";

export const MAX_LENGTH = 4_000;
const COUNT_FROM = 3_500;
const PREVIEW_AFTER_MS = 350;
const STOPPED_TYPING_MS = 4_000;

export interface ComposerProps {
  id: string;
  text: string;
  disabled?: boolean;
  label: string;
  preview: (text: string, signal: AbortSignal) => Promise<Result<{ spans: Span[] }>>;
  onText: (text: string) => void;
  onSend: (text: string) => void;
  onTyping: (typing: boolean) => void;
  /** What goes with the text: what it answers, files. Stands above the writing area. */
  above?: ComponentChildren;
  /** Buttons beside the writing area. */
  beside?: ComponentChildren;
  /** True where something besides the text may be sent without one. */
  mayBeEmpty?: boolean;
  /** What a key means to the owner; true when it was meant for them, and does nothing more. */
  onKey?: (event: KeyboardEvent, area: HTMLTextAreaElement) => boolean;
  /** Files that were pasted into the writing area. */
  onFiles?: (files: File[]) => void;
}

type Marks = { text: string; spans: Span[]; failed: boolean };

/** What the server would hide in this text; asked for when the writer pauses. */
function usePreview(text: string, ask: ComposerProps["preview"]): Marks {
  const [marks, setMarks] = useState<Marks>({ text: "", spans: [], failed: false });
  useEffect(() => {
    if (!text.trim() || codePointLength(text) > MAX_LENGTH) return setMarks({ text, spans: [], failed: false });
    const abort = new AbortController();
    const timer = setTimeout(() => {
      void ask(wellFormed(text), abort.signal).then((answer) => {
        if (abort.signal.aborted) return;
        if (answer.ok) setMarks({ text, spans: toUtf16(text, answer.data.spans), failed: false });
        else setMarks((old) => ({ ...old, failed: answer.error.code === "redaction_unavailable" }));
      });
    }, PREVIEW_AFTER_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text]);
  return marks.text === text ? marks : { ...marks, text, spans: carrySpans(marks.text, text, marks.spans) };
}

/** The text once more, unseen, under the writing area: it gives the height and carries the marks. */
function Mirror({ text, spans }: { text: string; spans: readonly Span[] }) {
  const pieces = [];
  let from = 0;
  for (const span of spans) {
    pieces.push(text.slice(from, span.start), <mark key={span.start}>{text.slice(span.start, span.end)}</mark>);
    from = span.end;
  }
  pieces.push(text.slice(from));
  // A last line that is empty has no height of its own.
  return (
    <div class="mirror" aria-hidden="true">
      {pieces}
      {"\u200b"}
    </div>
  );
}

function PreviewLine({ id, marks }: { id: string; marks: Marks }) {
  const language = useLanguage();
  const names = distinctLabels(marks.spans).map((label) => language.label(label));
  return (
    <p id={id} class="preview" role="status">
      {marks.failed && language.t("preview.unavailable")}
      {!marks.failed && marks.spans.length > 0 && (
        <>
          <Icon name="lock" size={16} />
          <span>{language.t("preview.count", { n: marks.spans.length, names: names.join(", ") })}</span>
        </>
      )}
    </p>
  );
}

export function Composer(props: ComposerProps) {
  const language = useLanguage();
  const touch = useMedia("(pointer: coarse)");
  const area = useRef<HTMLTextAreaElement>(null);
  const marks = usePreview(props.text, props.preview);
  const length = codePointLength(props.text);
  const tooLong = length > MAX_LENGTH;
  const empty = !props.text.trim() && !props.mayBeEmpty;
  const stop = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  useLayoutEffect(() => {
    // The value is the source's, also when it changed from outside (a text taken back).
    if (area.current && area.current.value !== props.text) area.current.value = props.text;
  }, [props.text]);
  useEffect(() => () => clearTimeout(stop.current), []);

  const onInput = (value: string) => {
    props.onText(value);
    props.onTyping(value.trim() !== "");
    clearTimeout(stop.current);
    stop.current = setTimeout(() => props.onTyping(false), STOPPED_TYPING_MS);
  };
  const send = () => {
    if (empty || tooLong || props.disabled) return;
    clearTimeout(stop.current);
    props.onSend(wellFormed(props.text.trim()));
    area.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (area.current && props.onKey?.(event, area.current)) return event.preventDefault();
    if (event.key !== "Enter" || event.isComposing) return;
    const wanted = event.ctrlKey || event.metaKey || (!event.shiftKey && !event.altKey && !touch);
    if (!wanted) return;
    event.preventDefault();
    send();
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {props.above}
      <PreviewLine id={`${props.id}-preview`} marks={marks} />
      <div class="composer-row">
        {props.beside}
        <div class="writing">
          <div class="writing-inner">
            <Mirror text={props.text} spans={marks.spans} />
            <textarea
              ref={area}
              id={props.id}
              rows={1}
              value={props.text}
              disabled={props.disabled ?? false}
              aria-label={props.label}
              aria-describedby={`${props.id}-preview ${props.id}-count`}
              aria-invalid={tooLong}
              placeholder={props.label}
              autocomplete="off"
              // Some browsers send what they check to a service of their maker.
              spellcheck={false}
              enterkeyhint={touch ? "enter" : "send"}
              onInput={(event) => onInput(event.currentTarget.value)}
              onKeyDown={onKeyDown}
              onPaste={(event) => {
                const files = [...(event.clipboardData?.files ?? [])];
                const kinds = event.clipboardData?.types ?? [];
                // Word processors and spreadsheets lay a picture of the words beside them.
                const isWords = kinds.includes("text/plain") && kinds.includes("text/html");
                if (!files.length || !props.onFiles || isWords) return;
                event.preventDefault();
                props.onFiles(files);
              }}
              onBlur={() => props.onTyping(false)}
            />
          </div>
        </div>
        <button type="submit" class="send" disabled={empty || tooLong || props.disabled}>
          <Icon name="send" size={20} />
          <span class="send-word">{language.t("composer.send")}</span>
        </button>
      </div>
      <p id={`${props.id}-count`} class={tooLong ? "count count-over" : "count"} aria-live="polite">
        {length >= COUNT_FROM && language.t(tooLong ? "composer.over" : "composer.count", { n: length, max: MAX_LENGTH })}
      </p>
    </form>
  );
}
