// How the desk works: ready answers and macros (every agent's), labels, sealed forms, promises, hours, who gets what (administrators').
import "./pages.css";
import { useState } from "preact/hooks";
import { useLanguage } from "../shared/ui/hooks";
import type { PageProps } from "./lazy-page";
import { AgentSettings } from "./settings/agents";
import { CannedSettings } from "./settings/canned";
import { FormSettings } from "./settings/forms";
import { HoursSettings } from "./settings/hours";
import { LabelSettings } from "./settings/labels";
import { MacroSettings } from "./settings/macros";
import { PolicySettings } from "./settings/policies";
import { SiteSettings } from "./settings/sites";

const PARTS = {
  canned: CannedSettings,
  macros: MacroSettings,
  labels: LabelSettings,
  forms: FormSettings,
  policies: PolicySettings,
  hours: HoursSettings,
  agents: AgentSettings,
  sites: SiteSettings,
} as const;
type Part = keyof typeof PARTS;
const ADMINS: readonly Part[] = ["labels", "forms", "policies", "hours", "agents", "sites"];

export function SettingsPage({ client }: PageProps) {
  const language = useLanguage();
  const [part, setPart] = useState<Part>("canned");
  const admin = client.account?.role === "admin";
  const parts = (Object.keys(PARTS) as Part[]).filter((name) => admin || !ADMINS.includes(name));
  const Shown = PARTS[part];
  return (
    <div class="page-inner">
      <h2>{language.t("desk.page_settings")}</h2>
      <div class="parts" role="group" aria-label={language.t("desk.settings_parts")}>
        {parts.map((name) => (
          <button key={name} type="button" aria-pressed={name === part} onClick={() => setPart(name)}>
            {language.t(`desk.settings_${name}`)}
          </button>
        ))}
      </div>
      <Shown key={part} client={client} />
    </div>
  );
}
