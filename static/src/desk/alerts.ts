// Notices of the desktop: that something came, never what. Asked for only by the agent's own tap.
import { recall, remember } from "../shared/page";

const KEY = "amanah.desk.alerts";

export type AlertState = "unsupported" | "off" | "blocked" | "on";

export function alertState(): AlertState {
  if (!("Notification" in window)) return "unsupported";
  if (Notification.permission === "denied") return "blocked";
  return Notification.permission === "granted" && recall(KEY) === "on" ? "on" : "off";
}

/** Call from a tap only: browsers ask the person then. */
export async function turnAlerts(on: boolean): Promise<AlertState> {
  if (on && "Notification" in window && Notification.permission === "default") await Notification.requestPermission();
  remember(KEY, on ? "on" : null);
  return alertState();
}

/** Shows one notice at a time, and only to somebody who looks elsewhere. */
export function alertAway(words: string, onClick: () => void): void {
  if (alertState() !== "on" || document.visibilityState === "visible") return;
  const notice = new Notification(words, { tag: "amanah-desk" });
  notice.onclick = () => {
    window.focus();
    notice.close();
    onClick();
  };
}
