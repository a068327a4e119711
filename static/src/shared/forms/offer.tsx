// The sealed way, one tap away, when the gate has hidden something that a customer typed. Nothing where no form fits.
import { useEffect, useState } from "preact/hooks";
import type { Failure } from "../result";
import type { Room } from "../room";
import type { TemplateOut } from "../wire";
import { useLanguage } from "../ui/hooks";
import { Icon } from "../ui/icons";
import { FormCalls } from "./calls";
import { loadFormWords, type FormWords } from "./words";

const MOST = 2;

interface OfferProps {
  room: Room;
  /** Kinds of what was hidden. */
  labels: readonly string[];
  onDone: () => void;
}

export function Offer({ room, labels, onDone }: OfferProps) {
  const language = useLanguage();
  const [words, setWords] = useState<FormWords | null>(null);
  const [offered, setOffered] = useState<TemplateOut[]>([]);
  const [error, setError] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const kinds = labels.join(",");
  useEffect(() => {
    let wanted = true;
    const calls = new FormCalls(room.sources.api.http);
    void Promise.all([loadFormWords(language), calls.templates(labels)]).then(
      ([loaded, answer]) => {
        if (!wanted || !answer.ok) return;
        setWords(loaded);
        setOffered(answer.data.items.slice(0, MOST));
      },
      () => undefined,
    );
    return () => void (wanted = false);
  }, [language, room, kinds]);

  const begin = async (template: TemplateOut) => {
    const conversation = room.conversation;
    if (!conversation || busy) return;
    setBusy(true);
    const answer = await new FormCalls(room.sources.api.http).begin(conversation.id, template.id);
    setBusy(false);
    if (answer.ok) onDone();
    else setError(answer.error);
  };
  if (!words || offered.length === 0) return null;
  return (
    <div class="sealed-offer" role="status">
      <p>
        <Icon name="lock" size={16} /> {error ? language.failure(error.code) : words.t("form.offer")}
      </p>
      <p class="sealed-form-actions">
        {offered.map((template) => (
          <button key={template.id} type="button" class="button button-small" disabled={busy} onClick={() => void begin(template)}>
            {words.of(template.title)}
          </button>
        ))}
        <button type="button" class="button button-small button-quiet" onClick={onDone}>
          {words.t("form.cancel")}
        </button>
      </p>
    </div>
  );
}
