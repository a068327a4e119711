// This browser as a device that is woken: asks the person, ties a subscription to the server's key, and lets go of it.
import { failure, type Failure, type Result } from "../shared/result";
import type { Locale } from "../shared/i18n";
import type { AccountApi } from "./account-api";

const WORKER = "/push-worker.js";

/** Whether this browser can be woken at all; on an iPhone only once the page is on its home screen. */
export function canPush(): boolean {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

export async function isPushed(): Promise<boolean> {
  const worker = canPush() ? await navigator.serviceWorker.getRegistration(WORKER) : undefined;
  return Boolean(await worker?.pushManager.getSubscription());
}

/** Has this browser woken; asks for permission, which browsers want to be asked for after a tap only. */
export async function startPush(api: AccountApi, key: string, locale: Locale): Promise<Result<unknown>> {
  if ((await Notification.requestPermission()) !== "granted") return failure("push_denied");
  try {
    await navigator.serviceWorker.register(`${WORKER}?lang=${locale}`);
    const worker = await navigator.serviceWorker.ready;
    const subscription = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    const answer = await api.addPush(subscription.endpoint);
    if (!answer.ok) await subscription.unsubscribe();
    return answer;
  } catch {
    return failure("push_failed");
  }
}

/** Lets this browser be woken no more. */
export async function stopPush(): Promise<Failure | null> {
  const worker = await navigator.serviceWorker.getRegistration(WORKER);
  await (await worker?.pushManager.getSubscription())?.unsubscribe();
  await worker?.unregister();
  return null;
}
