// Giving a conversation another subject, putting two conversations of one customer together, parting one in two, and asking a customer whether what they said
// may stand on the board.
import { useEffect, useState } from "preact/hooks";
import type { Translator } from "../shared/i18n";
import type { Result } from "../shared/result";
import { parseText } from "../shared/text-parts";
import { useLanguage } from "../shared/ui/hooks";
import type { Conversation, FeedbackAsk, FeedbackAskOut, Message } from "../shared/wire";
import { pathOf } from "./address";
import type { CaseDialogProps } from "./case-dialogs-lazy";
import type { DeskClient } from "./client";
import { FormDialog, LineField, TextField } from "./dialog";

export function CaseDialog(props: CaseDialogProps) {
  if (props.name === "rename") return <RenameDialog {...props} />;
  if (props.name === "merge") return <MergeDialog {...props} />;
  if (props.name === "split") return <SplitDialog {...props} />;
  return <FeedbackDialog {...props} />;
}

const EXCERPT = 60;

/** The beginning of a text in a line of plain words: where no chip can stand, what is hidden is named. */
function shortened(text: string, language: Translator): string {
  const words = parseText(text).map((part) =>
    part.kind === "hidden" ? `[${language.t("chip.name", { label: language.label(part.label), number: part.number })}]` : part.text,
  );
  const plain = words.join("").replace(/\s+/g, " ");
  return plain.length > EXCERPT ? `${plain.slice(0, EXCERPT - 1)}…` : plain;
}

/** What a message is called in a list: its words, else its files or its form. */
function called(message: Message, language: Translator): string {
  if (message.text) return shortened(message.text, language);
  const files = message.attachments.map((file) => file.name).join(", ");
  return files || language.t(message.form ? "desk.split_form" : "message.deleted");
}

function RenameDialog({ client, conversation, onClose }: CaseDialogProps) {
  const language = useLanguage();
  // What is hidden in the old one has no words that could be typed again.
  const old = conversation.subject?.includes("⟦") ? "" : (conversation.subject ?? "");
  const submit = async (value: (name: string) => string): Promise<Result<unknown>> => {
    const answer = await client.desk.rename(conversation.id, value("subject").trim());
    if (answer.ok) client.learn(answer.data.conversation);
    client.say(answer, { words: "desk.saved_toast" });
    return answer;
  };
  return (
    <FormDialog id="rename" title={language.t("desk.rename")} action={language.t("desk.save")} onClose={onClose} onSubmit={submit}>
      {(error) => <LineField name="subject" label={language.t("desk.subject")} hint={language.t("desk.subject_hint")} max={200} value={old} error={error} />}
    </FormDialog>
  );
}

/** Asked of the server: the list on the left has a page of one view. Null until it has answered. */
function useMergeable(client: DeskClient, id: string): Conversation[] | null {
  const [found, setFound] = useState<Conversation[] | null>(null);
  useEffect(() => {
    void client.desk.mergeable(id).then((answer) => {
      setFound(answer.ok ? answer.data.items.map((item) => item.conversation) : []);
      if (!answer.ok) client.say(answer, null);
    });
  }, [id]);
  return found;
}

function turnTo(client: DeskClient, id: string): void {
  history.pushState(null, "", pathOf(id));
  client.view(id);
}

function MergeDialog({ client, conversation, onClose }: CaseDialogProps) {
  const language = useLanguage();
  const others = useMergeable(client, conversation.id);
  const submit = async (value: (name: string) => string): Promise<Result<unknown>> => {
    const answer = await client.desk.merge(conversation.id, value("into"));
    if (answer.ok) {
      client.takeCase(answer, { words: "desk.merged_toast" });
      turnTo(client, value("into"));
    }
    return answer;
  };
  const title = (other: Conversation) =>
    `${other.subject ? shortened(other.subject, language) : language.t("desk.untitled")} · ${language.moment(new Date(other.created_at))}`;
  return (
    <FormDialog id="merge" title={language.t("desk.merge")} action={others?.length ? language.t("desk.merge_do") : null} onClose={onClose} onSubmit={submit}>
      {() => (
        <>
          <p>{language.t("desk.merge_note")}</p>
          {others?.length === 0 && <p>{language.t("desk.merge_none")}</p>}
          {others && others.length > 0 && (
            <div class="field">
              <label for="field-into">{language.t("desk.merge_into")}</label>
              <select id="field-into" name="into" required>
                {others.map((other) => (
                  <option key={other.id} value={other.id}>
                    {title(other)}
                  </option>
                ))}
              </select>
            </div>
          )}
        </>
      )}
    </FormDialog>
  );
}

function SplitDialog({ client, conversation, onClose }: CaseDialogProps) {
  const language = useLanguage();
  const messages = client.rooms.get(conversation.id)?.messages.slice(1) ?? [];
  const submit = async (value: (name: string) => string): Promise<Result<unknown>> => {
    const answer = await client.desk.split(conversation.id, Number(value("from")), value("subject").trim());
    if (answer.ok) {
      const { id } = answer.data.item.conversation;
      client.takeCase(answer, { words: "desk.split_toast", undo: { words: "desk.split_open", run: () => turnTo(client, id) } });
    }
    return answer;
  };
  return (
    <FormDialog id="split" title={language.t("desk.split")} action={messages.length > 0 ? language.t("desk.split_do") : null} onClose={onClose} onSubmit={submit}>
      {(error) => (
        <>
          <p>{language.t("desk.split_note")}</p>
          {messages.length === 0 ? (
            <p>{language.t("desk.split_none")}</p>
          ) : (
            <div class="field">
              <label for="field-from">{language.t("desk.split_from")}</label>
              <select id="field-from" name="from" required>
                {messages.map((message) => (
                  <option key={message.seq} value={message.seq} selected={message === messages.at(-1)}>
                    {`${language.time(new Date(message.created_at))} ${message.author.display_name}: ${called(message, language)}`}
                  </option>
                ))}
              </select>
            </div>
          )}
          {messages.length > 0 && <LineField name="subject" label={language.t("desk.split_subject")} max={200} optional error={error} />}
        </>
      )}
    </FormDialog>
  );
}

const KINDS = ["suggestion", "criticism", "complaint", "impression"] as const;

function FeedbackDialog({ client, conversation, onClose }: CaseDialogProps) {
  const language = useLanguage();
  const [asked, setAsked] = useState<FeedbackAskOut | null>(null);
  useEffect(() => {
    void client.desk.feedback(conversation.id).then((answer) => answer.ok && setAsked(answer.data.ask));
  }, []);
  const submit = async (value: (name: string) => string): Promise<Result<unknown>> => {
    const body: FeedbackAsk = { kind: value("kind") as FeedbackAsk["kind"], title: value("title"), text: value("text") };
    const answer = await client.desk.askFeedback(conversation.id, body);
    if (answer.ok) client.say(answer, { words: "desk.feedback_asked_toast" });
    return answer;
  };
  return (
    <FormDialog
      id="feedback"
      title={language.t("desk.to_feedback")}
      action={language.t("desk.feedback_ask")}
      onClose={onClose}
      onSubmit={submit}
    >
      {(error) => (
        <>
          <p>{language.t("desk.feedback_note")}</p>
          {asked && <p class="hint">{language.t(`desk.feedback_${asked.state}`, { title: asked.title })}</p>}
          <div class="field">
            <label for="field-kind">{language.t("desk.feedback_kind")}</label>
            <select id="field-kind" name="kind" required>
              {KINDS.map((kind) => (
                <option key={kind} value={kind}>
                  {language.t(`desk.kind_${kind}`)}
                </option>
              ))}
            </select>
          </div>
          <TextField name="title" label={language.t("desk.feedback_title")} rows={1} max={120} required value={conversation.subject ?? ""} error={error} />
          <TextField name="text" label={language.t("desk.feedback_text")} rows={5} required error={error} />
        </>
      )}
    </FormDialog>
  );
}
