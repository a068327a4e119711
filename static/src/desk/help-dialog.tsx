// Which keys the desk knows, and the switch that turns single letters off.
import { useEffect, useRef, useState } from "preact/hooks";
import { useLanguage } from "../shared/ui/hooks";
import { enableLetters, lettersEnabled, SHEET } from "./shortcuts";

export function HelpDialog({ onClose }: { onClose: () => void }) {
  const language = useLanguage();
  const dialog = useRef<HTMLDialogElement>(null);
  const [letters, setLetters] = useState(lettersEnabled);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="help keys" aria-labelledby="help-title" onClose={onClose}>
      <h2 id="help-title">{language.t("desk.help")}</h2>
      <div class="keys-groups">
        {SHEET.map((group) => (
          <div key={group.title}>
            <h3>{language.t(group.title)}</h3>
            <dl>
              {group.rows.map(([keys, words]) => (
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
          </div>
        ))}
      </div>
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
