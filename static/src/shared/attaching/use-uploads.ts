// The files that go with what is being written in one room.
import { useState } from "preact/hooks";
import { lazy, partWords } from "../lazy";
import type { Failure } from "../result";
import type { Room } from "../room";
import { useSubscription } from "../ui/hooks";
import type { Uploads } from "./uploads";

export const UploadStrip = lazy(() => import("./strip").then((module) => module.UploadStrip), partWords);

export interface Attaching {
  /** Null until the first file was chosen and what uploads it is here. */
  uploads: Uploads | null;
  /** Whether a message would bring files. */
  hasFiles: boolean;
  add: (files: File[]) => void;
  /** What uploads could not be fetched. */
  failed: boolean;
}

/** `conversation` makes sure that there is one for the files. */
export function useUploads(room: Room, token: () => string | null, conversation: () => Promise<string | Failure>): Attaching {
  const { uploads } = room;
  const [failed, setFailed] = useState(false);
  useSubscription(uploads);
  const add = (files: File[]) => {
    setFailed(false);
    const coming = import("./uploads").then(
      (module) => {
        room.uploads ??= new module.Uploads(room, token, conversation);
        room.uploads.add(files);
        return true;
      },
      () => {
        setFailed(true);
        return false;
      },
    );
    room.coming = coming;
    room.changed();
    void coming.then(() => {
      room.coming = null;
      room.changed();
    });
  };
  return { uploads, add, failed, hasFiles: Boolean(room.coming ?? uploads?.hasFiles) };
}
