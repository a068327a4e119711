// Where files are chosen. What uploads them comes with the first one.
import { useRef } from "preact/hooks";
import { useLanguage } from "../ui/hooks";
import { Icon } from "../ui/icons";

export function AttachButton({ onFiles }: { onFiles: (files: File[]) => void }) {
  const language = useLanguage();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={language.t("file.attach")}
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = "";
        }}
      />
      <button type="button" class="icon-button attach" aria-label={language.t("file.attach")} onClick={() => input.current?.click()}>
        <Icon name="clip" />
      </button>
    </>
  );
}
