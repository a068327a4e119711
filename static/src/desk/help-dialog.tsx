// Which keys the desk knows, and the switch that turns single letters off.
import { useEffect, useRef, useState } from "preact/hooks";
import { useLanguage } from "../shared/ui/hooks";
import { enableLetters, lettersEnabled } from "./shortcuts";

export function HelpDialog({ onClose }: { onClose: () => void }) {
  const language = useLanguage();
  const dialog = useRef<HTMLDialogElement>(null);
  const [letters, setLetters] = useState(lettersEnabled);
  useEffect(() => dialog.current?.showModal(), []);
  const rows = [
    ["j k ↓ ↑", "desk.key_next"],
    ["Enter", "desk.key_open"],
    ["r", "desk.key_reply"],
    ["a", "desk.key_assign"],
    ["e", "desk.key_close"],
    ["1 2 3 4", "desk.key_filter"],
    ["Esc", "desk.key_escape"],
    ["?", "desk.key_help"],
  ] as const;
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={onClose}>
      <h2 id="help-title">{language.t("desk.help")}</h2>
      <dl>
        {rows.map(([keys, words]) => (
          <div key={words}>
            <dt>
              {keys.split(" ").map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{language.t(words)}</dd>
          </div>
        ))}
      </dl>
      <label class="switch">
        <input
          type="checkbox"
          checked={letters}
          onChange={(event) => {
            enableLetters(event.currentTarget.checked);
            setLetters(event.currentTarget.checked);
          }}
        />
        {language.t("desk.key_enabled")}
      </label>
      <button type="button" class="button" onClick={() => dialog.current?.close()}>
        {language.t("desk.help_close")}
      </button>
    </dialog>
  );
}
