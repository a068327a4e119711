// Files of a message: pictures small, everything else by name and size. Addresses are asked for when they are shown, and
// anew when one is opened: they are good for some minutes only.
import { useEffect, useState } from "preact/hooks";
import { FILE_PURPOSES, linksOf, sizeOf, type FileLink, type FilePurpose } from "../files";
import type { Room } from "../room";
import type { Message } from "../wire";
import { useLanguage } from "./hooks";
import { Icon } from "./icons";

export function Attachments({ room, message }: { room: Room; message: Message }) {
  const language = useLanguage();
  const [links, setLinks] = useState<Record<string, FileLink>>({});
  const [failed, setFailed] = useState(false);
  const [sealed, setSealed] = useState("");
  const [purpose, setPurpose] = useState<FilePurpose>("support");
  const http = room.sources.api.http;
  const ask = async (ids: string[], stated?: FilePurpose) => {
    const answer = await linksOf(http, message.conversation_id, ids, stated);
    setFailed(!answer.ok);
    if (!answer.ok) return {};
    const found = Object.fromEntries(answer.data.items.map((link) => [link.id, link]));
    setLinks((old) => ({ ...old, ...found }));
    return found as Record<string, FileLink>;
  };
  const pictures = message.attachments.filter((file) => file.thumbnail).map((file) => file.id);
  useEffect(() => {
    if (pictures.length) void ask(pictures);
  }, [pictures.join()]);
  const open = async (id: string, stated?: FilePurpose) => {
    // Opened before it is known where it leads: a window that opens later is taken for an advertisement.
    const page = window.open("", "_blank");
    const link = (await ask([id], stated))[id];
    // Staff are given a sealed file's address only for a purpose; whoever sent it is asked for none.
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
                <img src={small} alt="" width={file.width ?? undefined} height={file.height ?? undefined} loading="lazy" />
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
            {sealed === file.id && (
              <span class="file-purpose">
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
                <button type="button" onClick={() => void open(file.id, purpose)}>
                  {language.t("file.open_sealed")}
                </button>
                <small>{language.t("file.logged")}</small>
              </span>
            )}
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
