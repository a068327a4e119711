// Files of a message: pictures small, everything else by name and size. Addresses are asked for when they are shown, and
// anew when one is opened: they are good for some minutes only.
import { useEffect, useRef, useState } from "preact/hooks";
import { FILE_PURPOSES, linksOf, sizeOf, type FileLink, type FileLook, type FilePurpose } from "../files";
import type { Room } from "../room";
import type { Message } from "../wire";
import { useLanguage } from "./hooks";
import { Icon } from "./icons";

/** An address that was given no longer ago than this is good; what fails is something else. */
const FRESH_MS = 30_000;

export function Attachments({ room, message }: { room: Room; message: Message }) {
  const language = useLanguage();
  const [links, setLinks] = useState<Record<string, FileLink>>({});
  const [failed, setFailed] = useState(false);
  const [sealed, setSealed] = useState("");
  const [refused, setRefused] = useState("");
  const http = room.sources.api.http;
  const askedAt = useRef(0);
  const ask = async (ids: string[], look?: FileLook) => {
    if (!look) askedAt.current = Date.now();
    const answer = await linksOf(http, message.conversation_id, ids, look);
    setFailed(!answer.ok && !look);
    setRefused(!answer.ok && look ? (answer.error.fields["reason"]?.message ?? language.failure(answer.error.code)) : "");
    if (!answer.ok) return {};
    const found = Object.fromEntries(answer.data.items.map((link) => [link.id, link]));
    setLinks((old) => ({ ...old, ...found }));
    return found as Record<string, FileLink>;
  };
  const pictures = message.attachments.filter((file) => file.thumbnail).map((file) => file.id);
  useEffect(() => {
    if (pictures.length) void ask(pictures);
  }, [pictures.join()]);
  /** A picture that comes into sight long after its address was given finds it too old. */
  const renew = () => {
    if (Date.now() - askedAt.current > FRESH_MS) void ask(pictures);
  };
  const open = async (id: string, look?: FileLook) => {
    // Opened before it is known where it leads: a window that opens later is taken for an advertisement.
    const page = window.open("", "_blank");
    const link = (await ask([id], look))[id];
    // Staff are given a sealed file's address only for a purpose and a reason; whoever sent it is asked for none.
    setSealed(!link && message.attachments.some((file) => file.id === id && file.sealed) ? id : "");
    if (!link) return page?.close();
    if (page) {
      page.opener = null;
      page.location.href = link.url;
    } else location.href = link.url;
  };
  return (
    <ul class="files">
      {message.attachments.map((file) => {
        const small = links[file.id]?.thumbnail_url;
        return (
          <li key={file.id}>
            <button
              type="button"
              class={small ? "file file-picture" : "file"}
              // A picture has no words of its own; the others are called by the words that they show.
              {...{ [small ? "aria-label" : "title"]: language.t("file.open", { name: file.name }) }}
              onClick={() => void open(file.id)}
            >
              {small ? (
                <img src={small} alt="" onError={renew} width={file.width ?? undefined} height={file.height ?? undefined} loading="lazy" />
              ) : (
                <>
                  <Icon name={file.sealed ? "lock" : "clip"} />
                  <span class="file-name">{file.name}</span>
                  <span class="file-size">
                    {file.sealed && `${language.t("message.sealed_file")} · `}
                    {sizeOf(file.size, language.locale)}
                  </span>
                </>
              )}
            </button>
            {sealed === file.id && <Unsealing id={file.id} refused={refused} onOpen={(look) => void open(file.id, look)} />}
          </li>
        );
      })}
      {failed && (
        <li role="alert" class="file-failed">
          {language.t("file.failed")}
        </li>
      )}
    </ul>
  );
}

/** Asks staff what they open a sealed file for, and why: its person reads both. */
function Unsealing({ id, refused, onOpen }: { id: string; refused: string; onOpen: (look: FileLook) => void }) {
  const language = useLanguage();
  const [purpose, setPurpose] = useState<FilePurpose>("support");
  const [reason, setReason] = useState("");
  const send = (event: Event) => {
    event.preventDefault();
    onOpen({ purpose, reason });
  };
  return (
    <form class="file-purpose" onSubmit={send} noValidate>
      <label>
        {language.t("file.purpose")}{" "}
        <select value={purpose} onChange={(event) => setPurpose(event.currentTarget.value as FilePurpose)}>
          {FILE_PURPOSES.map((item) => (
            <option key={item} value={item}>
              {language.t(`file.purpose.${item}`)}
            </option>
          ))}
        </select>
      </label>
      <label for={`file-reason-${id}`}>{language.t("file.reason")}</label>
      <input
        id={`file-reason-${id}`}
        value={reason}
        maxLength={200}
        autocomplete="off"
        aria-invalid={Boolean(refused)}
        onInput={(event) => setReason(event.currentTarget.value)}
      />
      <button type="submit">{language.t("file.open_sealed")}</button>
      <small role="alert">{refused}</small>
      <small>{language.t("file.logged")}</small>
    </form>
  );
}
