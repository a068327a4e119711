// Files in an agent's reply: what chooses and uploads them is the customer's, loaded when a conversation is opened.
import { useEffect, useState } from "preact/hooks";
import { failure } from "../shared/result";
import type { Room } from "../shared/room";
import { useSubscription } from "../shared/ui/hooks";
import { lazy } from "../widget/lazy";
import type { Uploads } from "../widget/uploads";

export const AttachButton = lazy(() => import("../widget/attaching").then((module) => module.AttachButton));
export const UploadStrip = lazy(() => import("../widget/attaching").then((module) => module.UploadStrip));

/** Files of one room on their way; null until what sends them is here. */
export function useUploads(room: Room): Uploads | null {
  const [uploads, setUploads] = useState<Uploads | null>(null);
  useEffect(() => {
    let wanted = true;
    const conversation = async () => room.conversation?.id ?? failure("not_found").error;
    import("../widget/uploads").then(
      (module) => wanted && setUploads(new module.Uploads(room, () => null, conversation)),
      () => undefined,
    );
    return () => {
      wanted = false;
      setUploads(null);
    };
  }, [room]);
  useSubscription(uploads);
  return uploads;
}
