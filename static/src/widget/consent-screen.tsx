// Before the first message: what happens with what is typed, in two sentences, and one clear choice.
import { useLanguage } from "../shared/ui/hooks";
import { Icon } from "../shared/ui/icons";
import type { WidgetClient } from "./client";

interface ConsentProps {
  client: WidgetClient;
  policyUrl: string;
  onSignIn: () => void;
}

export function ConsentScreen({ client, policyUrl, onSignIn }: ConsentProps) {
  const language = useLanguage();
  return (
    <div class="consent">
      <h2>{language.t("widget.welcome")}</h2>
      <div class="consent-card">
        <p>
          <Icon name="lock" />
          <span>{language.t("widget.consent_store")}</span>
        </p>
        <p>
          <Icon name="chat" />
          <span>{language.t("widget.consent_read")}</span>
        </p>
      </div>
      <p class="form-error" role="alert">
        {client.error && language.failure(client.error.code)}
      </p>
      <button type="button" class="button button-main" aria-disabled={client.busy} onClick={() => void client.agree()}>
        {language.t(client.busy ? "widget.starting" : "widget.consent_agree")}
      </button>
      <p class="consent-more">
        {policyUrl && (
          <a href={policyUrl} target="_blank" rel="noopener">
            {language.t("widget.consent_policy")}
          </a>
        )}
        {client.account?.role !== "customer" && (
          <button type="button" class="link" onClick={onSignIn}>
            {language.t("widget.sign_in_or_register")}
          </button>
        )}
      </p>
    </div>
  );
}
