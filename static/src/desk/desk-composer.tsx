// Where an agent writes: a reply to the customer or a note for colleagues, each with words of its own. The two never
// share a draft, a colour or a button, so that nobody sends a note by mistake. `/` puts in a ready answer or runs a macro.
import { useEffect, useRef, useState } from "preact/hooks";
import { AttachButton } from "../shared/attaching/button";
import { UploadStrip, useUploads } from "../shared/attaching/use-uploads";
import { failure } from "../shared/result";
import type { Room } from "../shared/room";
import { Composer } from "../shared/ui/composer";
import { ComposerStrip } from "../shared/ui/composer-strip";
import { useLanguage } from "../shared/ui/hooks";
import { sendWithFiles } from "../shared/writing";
import type { Conversation } from "../shared/wire";
import { runMacro } from "./case-tools";
import type { DeskClient } from "./client";
import { FormMenu } from "./form-menu";
import { DeskIcon } from "./icons";
import { fitting, slashWord } from "./model";

export type Mode = "reply" | "note";

interface DeskComposerProps {
  client: DeskClient;
  conversation: Conversation;
  room: Room;
  mode: Mode;
  onMode: (mode: Mode) => void;
}

export function DeskComposer({ client, conversation, room, mode, onMode }: DeskComposerProps) {
  const language = useLanguage();
  const modes: readonly Mode[] = ["reply", "note"];
  const notes = !client.inbox.plain;
  return (
    <div class={mode === "note" ? "writer writer-note" : "writer"}>
      {notes && (
        <div class="writer-modes" role="group" aria-label={language.t("desk.write")}>
          {modes.map((name) => (
            <button key={name} type="button" aria-pressed={mode === name} onClick={() => onMode(name)}>
              <DeskIcon name={name} size={16} />
              {language.t(`desk.mode_${name}`)}
            </button>
          ))}
          <span class="writer-hint">{language.t(mode === "note" ? "desk.note_hint" : "desk.slash_hint")}</span>
        </div>
      )}
      {mode === "note" && notes ? (
        <NoteComposer client={client} conversation={conversation} />
      ) : (
        <ReplyComposer client={client} conversation={conversation} room={room} />
      )}
    </div>
  );
}

type Ready = { id: string; shortcut: string; title: string; kind: "canned" | "macro" };
const MOST = 8;

/** The ready answers and macros, the latter under a name made of their title. */
function readyOnes(client: DeskClient): Ready[] {
  const slug = (title: string) => title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  return [
    ...client.office.canned.map((one) => ({ id: one.id, shortcut: one.shortcut, title: one.title, kind: "canned" as const })),
    ...client.office.macros.map((one) => ({ id: one.id, shortcut: slug(one.title), title: one.title, kind: "macro" as const })),
  ];
}

function ReplyComposer({ client, conversation, room }: { client: DeskClient; conversation: Conversation; room: Room }) {
  const language = useLanguage();
  const [slash, setSlash] = useState<{ from: number; word: string; to: number } | null>(null);
  const [at, setAt] = useState(0);
  const [refusal, setRefusal] = useState("");
  const { uploads, add, failed, hasFiles } = useUploads(
    room,
    () => null,
    async () => room.conversation?.id ?? failure("not_found").error,
  );
  const area = () => document.getElementById("reply") as HTMLTextAreaElement | null;
  const found = slash ? fitting(readyOnes(client), slash.word).slice(0, MOST) : [];
  const open = found.length > 0;
  const look = () => {
    const box = area();
    const word = box && slashWord(box.value, box.selectionStart);
    setSlash(word && box ? { ...word, to: box.selectionStart } : null);
    setAt(0);
  };
  const choose = async (ready: Ready | undefined) => {
    if (!ready || !slash) return;
    const { from, to } = slash;
    setSlash(null);
    const put = (text: string) => {
      const draft = room.draft;
      room.setDraft(draft.slice(0, from) + text + draft.slice(to));
      requestAnimationFrame(() => {
        area()?.focus();
        area()?.setSelectionRange(from + text.length, from + text.length);
      });
    };
    if (ready.kind === "macro") {
      put("");
      return runMacro(client, conversation.id, ready.id);
    }
    const answer = await client.desk.fill(ready.id, conversation.id);
    if (answer.ok) put(answer.data.text);
    else client.say(answer, null);
  };
  const onKey = (event: KeyboardEvent): boolean => {
    if (event.isComposing) return false;
    if (!open && event.key === "Escape" && (room.editing ?? room.answering)) {
      event.stopPropagation();
      room.turnTo(null);
      return true;
    }
    if (!open) return false;
    if (event.key === "ArrowDown") setAt((at + 1) % found.length);
    else if (event.key === "ArrowUp") setAt((at + found.length - 1) % found.length);
    else if (event.key === "Escape") {
      event.stopPropagation();
      setSlash(null);
    } else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") void choose(found[at]);
    else return false;
    return true;
  };
  return (
    <div class="ready-frame">
      {open && (
        <ul class="ready" aria-label={language.t("desk.ready")} role="listbox">
          {found.map((ready, index) => (
            <li
              key={ready.id}
              role="option"
              aria-selected={index === at}
              class="ready-one"
              onPointerDown={(event) => {
                event.preventDefault();
                void choose(ready);
              }}
            >
              <kbd>/{ready.shortcut}</kbd>
              <span class="menu-words">{ready.title}</span>
              {ready.kind === "macro" && <DeskIcon name="bolt" size={14} />}
            </li>
          ))}
        </ul>
      )}
      <p class="sr-only" role="status">
        {open && language.t("desk.ready_said", { n: found.length, title: found[at]?.title ?? "" })}
      </p>
      <Composer
        id="reply"
        text={room.draft}
        label={language.t("composer.reply")}
        preview={(text, signal) => client.api.preview(text, signal)}
        onText={(text) => {
          uploads?.keepBack();
          room.setDraft(text);
          look();
        }}
        onTyping={(typing) => room.setTyping(typing)}
        onKey={onKey}
        mayBeEmpty={hasFiles}
        onFiles={add}
        above={
          <>
            {(refusal || failed) && <p role="alert">{refusal || language.failure("network")}</p>}
            <ComposerStrip room={room} />
            {uploads && <UploadStrip uploads={uploads} />}
          </>
        }
        beside={
          room.editing ? null : (
            <>
              <AttachButton onFiles={add} />
              <FormMenu client={client} id={conversation.id} />
            </>
          )
        }
        onSend={(text) => {
          setSlash(null);
          void sendWithFiles(room, text).then((error) => setRefusal(error ? language.failure(error.code) : ""));
        }}
      />
    </div>
  );
}

function NoteComposer({ client, conversation }: { client: DeskClient; conversation: Conversation }) {
  const language = useLanguage();
  const { id } = conversation;
  const [text, setText] = useState(client.noteDrafts.get(id) ?? "");
  const [busy, setBusy] = useState(false);
  const written = useRef(text);
  written.current = text;
  useEffect(() => {
    document.getElementById("note")?.focus();
    return () => {
      if (written.current.trim()) client.noteDrafts.set(id, written.current);
      else client.noteDrafts.delete(id);
    };
  }, []);
  const save = async (note: string) => {
    if (busy) return;
    setBusy(true);
    const answer = await client.addNote(id, note);
    setBusy(false);
    if (answer.ok) setText("");
    document.getElementById("note")?.focus();
  };
  return (
    <Composer
      id="note"
      text={text}
      label={language.t("desk.note_label")}
      preview={(words, signal) => client.api.preview(words, signal)}
      disabled={busy}
      onText={setText}
      onTyping={() => undefined}
      onSend={(note) => void save(note)}
    />
  );
}
