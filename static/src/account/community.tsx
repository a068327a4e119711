// Who one is in the forum: a handle instead of a name, a picture, words about oneself; and the name that support sees.
import { useState } from "preact/hooks";
import type { Failure } from "../shared/result";
import { valuesOf } from "../shared/ui/fields";
import { useLanguage } from "../shared/ui/hooks";
import type { MyProfileOut, ProfileChange } from "../shared/wire";
import type { AccountClient } from "./client";
import { Field } from "./field";
import { Done, Panel, Refusal, useLoaded } from "./panel";
import { calendar } from "./words";

const LONGEST_BIO = 1_000;

export function Community({ client }: { client: AccountClient }) {
  const language = useLanguage();
  const loaded = useLoaded(client, () => client.api.profile());
  const profile = loaded.data?.profile;
  if (!profile) return null;
  return (
    <>
      <NamePanel client={client} profile={profile} reload={loaded.reload} />
      <Panel title={language.t("account.forum_title")} lead={language.t("account.forum_lead")}>
        <p class="row">
          <img src={profile.person.avatar_path} alt="" width={48} height={48} />
          <span class="row-words">
            <a href={profile.person.path}>{profile.person.handle}</a>
            <span class="quiet">{language.t("account.forum_level", { n: profile.person.level })}</span>
          </span>
        </p>
        <ForumForm client={client} profile={profile} reload={loaded.reload} key={profile.person.handle} />
      </Panel>
    </>
  );
}

interface FormProps {
  client: AccountClient;
  profile: MyProfileOut;
  reload: () => void;
}

/** Sends a change; says how it went. */
function useChange({ client, reload }: FormProps) {
  const language = useLanguage();
  const [error, setError] = useState<Failure | null>(null);
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const send = async (change: ProfileChange): Promise<boolean> => {
    if (busy) return false;
    setBusy(true);
    setSaid("");
    const answer = await client.run(() => client.api.changeProfile(change));
    setBusy(false);
    setError(answer.ok ? null : answer.error);
    if (!answer.ok) return false;
    setSaid(language.t("account.saved"));
    reload();
    return true;
  };
  return { error, said, busy, send };
}

function NamePanel(props: FormProps) {
  const language = useLanguage();
  const { error, said, busy, send } = useChange(props);
  const submit = async (form: HTMLFormElement) => {
    if (await send({ display_name: valuesOf(form)("display_name") })) await props.client.reload();
  };
  return (
    <Panel title={language.t("account.name_title")} lead={language.t("account.name_lead")}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
      >
        <Field form="name" name="display_name" label={language.t("form.name")} autocomplete="nickname" value={props.profile.display_name} error={error} />
        <Refusal error={error} />
        <Done words={said} />
        <div class="actions">
          <button type="submit" class="button" aria-disabled={busy}>
            {language.t("account.name_change")}
          </button>
        </div>
      </form>
    </Panel>
  );
}

function ForumForm(props: FormProps) {
  const language = useLanguage();
  const { error, said, busy, send } = useChange(props);
  const { person, handle_change_at: waits } = props.profile;
  const reason = error?.fields["bio"];
  const submit = (form: HTMLFormElement) => {
    const value = valuesOf(form);
    const handle = value("handle").trim();
    return send({ bio: value("bio"), ...(waits === null && handle !== person.handle ? { handle } : {}) });
  };
  const hint = waits === null ? language.t("account.handle_hint") : language.t("account.handle_wait", { date: calendar(new Date(waits), language) });
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void submit(event.currentTarget);
      }}
    >
      <Field form="forum" name="handle" label={language.t("account.handle")} hint={hint} autocomplete="off" value={person.handle} error={error} />
      <div class="field">
        <label for="forum-bio">{language.t("account.bio")}</label>
        <textarea
          id="forum-bio"
          name="bio"
          rows={4}
          maxLength={LONGEST_BIO}
          defaultValue={person.bio?.text ?? ""}
          aria-invalid={Boolean(reason)}
          aria-describedby={reason ? "forum-bio-hint forum-bio-reason" : "forum-bio-hint"}
        />
        <p id="forum-bio-hint" class="hint">
          {language.t("account.bio_hint")}
        </p>
        {reason && (
          <p id="forum-bio-reason" class="reason">
            {language.field(reason.reason) ?? reason.message}
          </p>
        )}
      </div>
      <Refusal error={error} />
      <Done words={said} />
      <div class="actions">
        <button type="submit" class="button" aria-disabled={busy}>
          {language.t("account.forum_save")}
        </button>
      </div>
    </form>
  );
}
