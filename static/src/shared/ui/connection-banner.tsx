// Says when there is no connection, how much waits for it, and offers to try at once.
import type { ConnectionState } from "../socket";
import { useEffect, useState } from "preact/hooks";
import { useLanguage } from "./hooks";

const PATIENCE_MS = 1_200;

export function ConnectionBanner(props: { state: ConnectionState; waiting: number; onReconnect: () => void }) {
  const language = useLanguage();
  const down = props.state === "offline" || props.state === "connecting";
  const [shown, setShown] = useState(false);
  // A blink of the line is nobody's business.
  useEffect(() => {
    if (!down) return setShown(false);
    const timer = setTimeout(() => setShown(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [down]);
  return (
    <div role="status" class={shown ? "banner" : "banner banner-empty"}>
      {shown && (
        <>
          <span>{props.waiting > 0 ? language.t("offline.waiting", { n: props.waiting }) : language.t("offline.none")}</span>
          <button type="button" class="button button-small" onClick={props.onReconnect}>
            {language.t("offline.reconnect")}
          </button>
        </>
      )}
    </div>
  );
}
