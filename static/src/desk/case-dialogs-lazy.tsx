// The dialogs that are asked for now and then are loaded when they are: their code is no part of the first load.
import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Conversation } from "../shared/wire";
import type { DeskClient } from "./client";

export type LazyDialog = "rename" | "merge" | "split" | "to_feedback";

export interface CaseDialogProps {
  name: LazyDialog;
  client: DeskClient;
  conversation: Conversation;
  onClose: () => void;
}

export function LazyCaseDialog(props: CaseDialogProps) {
  const [Dialog, setDialog] = useState<{ draw: FunctionComponent<CaseDialogProps> } | null>(null);
  useEffect(() => {
    void import("./case-dialogs").then((module) => setDialog({ draw: module.CaseDialog }));
  }, []);
  return Dialog && <Dialog.draw {...props} />;
}
