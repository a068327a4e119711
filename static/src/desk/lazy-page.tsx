// The desk's other pages, loaded when they are asked for: their code is no part of the first load.
import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useLanguage } from "../shared/ui/hooks";
import type { PageName } from "./address";
import type { DeskClient } from "./client";

export interface PageProps {
  client: DeskClient;
  onOpen: (id: string) => void;
}

const LOADERS: Record<PageName, () => Promise<FunctionComponent<PageProps>>> = {
  search: () => import("./search-page").then((module) => module.SearchPage),
  figures: () => import("./figures-page").then((module) => module.FiguresPage),
  settings: () => import("./settings-page").then((module) => module.SettingsPage),
};

export function LazyPage({ name, ...props }: PageProps & { name: PageName }) {
  const language = useLanguage();
  const [loaded, setLoaded] = useState<{ name: PageName; draw: FunctionComponent<PageProps> } | null>(null);
  useEffect(() => {
    let wanted = true;
    void LOADERS[name]().then((draw) => wanted && setLoaded({ name, draw }));
    return () => {
      wanted = false;
    };
  }, [name]);
  return (
    <section id="conversation" class="page" aria-label={language.t(`desk.page_${name}`)} tabIndex={-1}>
      {loaded?.name === name ? <loaded.draw {...props} /> : <p class="quiet centred">{language.t("app.loading")}</p>}
    </section>
  );
}
