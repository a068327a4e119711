// Where a form stands in a conversation. All that draws it is loaded when the first one is seen.
import { useEffect, useState } from "preact/hooks";
import type { Room } from "../room";
import { useLanguage } from "../ui/hooks";

type Card = typeof import("./card");

let loaded: Card | null = null;

export function FormSlot({ room, id }: { room: Room; id: string }) {
  const language = useLanguage();
  const [card, setCard] = useState(loaded);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (card || failed) return;
    import("./card").then(
      (module) => setCard((loaded = module)),
      () => setFailed(true),
    );
  }, [card, failed]);
  if (card) return <card.FormCard key={id} room={room} id={id} />;
  if (!failed) return null;
  return (
    <p role="alert">
      {language.failure("network")}{" "}
      <button type="button" class="button button-small" onClick={() => setFailed(false)}>
        {language.t("message.retry")}
      </button>
    </p>
  );
}
