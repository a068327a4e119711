// What becomes of chosen files until the message is sent: name and size, how far each has come, another try.
import { sizeOf } from "../files";
import { Row } from "../ui/heir";
import { useLanguage, useSubscription } from "../ui/hooks";
import { Icon } from "../ui/icons";
import "./attaching.css";
import { MOST_FILES, mostOf, type Upload, type Uploads } from "./uploads";

export function UploadStrip({ uploads }: { uploads: Uploads }) {
  useSubscription(uploads);
  const language = useLanguage();
  if (uploads.items.length === 0) return null;
  return (
    <>
      <ul class="uploads">
        {uploads.items.map((item) => (
          <UploadRow key={item.key} item={item} uploads={uploads} />
        ))}
      </ul>
      {uploads.left > 0 && (
        <p class="upload-error" role="alert">
          {language.t("file.too_many", { n: uploads.left, most: MOST_FILES })}
        </p>
      )}
      <p class="upload-wait" role="status">
        {uploads.isAwaited && (
          <>
            {language.t("file.awaited")}{" "}
            <button type="button" class="link" onClick={() => uploads.keepBack()}>
              {language.t("message.cancel")}
            </button>
          </>
        )}
      </p>
    </>
  );
}

function UploadRow({ item, uploads }: { item: Upload; uploads: Uploads }) {
  const language = useLanguage();
  const { file, error, done, part, key } = item;
  const reason = error?.fields["file"];
  const own = error?.code === "too_large" ? language.t("file.too_large", { n: mostOf(file) }) : error?.code === "file_empty" && language.t("file.empty");
  return (
    <Row class={error ? "upload upload-failed" : "upload"}>
      <Icon name={done?.sealed ? "lock" : "clip"} size={16} />
      <span class="upload-name">{done?.name ?? file.name}</span>
      <span class="upload-size">{sizeOf(file.size, language.locale)}</span>
      {!done && !error && <progress aria-label={language.t("file.progress", { name: file.name })} max={1} value={part} />}
      {item.isSmaller && !error && <span class="upload-note">{language.t("file.smaller", { n: mostOf(file) })}</span>}
      {error && (
        <span role="alert" class="upload-error">
          {reason ? (language.field(reason.reason) ?? reason.message) : own || language.failure(error.code)}
        </span>
      )}
      {error && !reason && !own && (
        <button type="button" class="button button-small" onClick={() => uploads.retry(key)}>
          {language.t("message.retry")}
        </button>
      )}
      <button
        type="button"
        class="icon-button"
        aria-label={language.t("file.remove", { name: file.name })}
        onClick={() => uploads.remove(key)}
      >
        <Icon name="close" size={16} />
      </button>
    </Row>
  );
}
