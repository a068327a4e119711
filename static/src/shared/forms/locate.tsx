// Shipping cost from where somebody is: asked once, sent once, kept nowhere.
import { useState } from "preact/hooks";
import type { Failure } from "../result";
import type { Desk } from "./card";
import { Consent } from "./consent";

const PATIENCE_MS = 20_000;

function whereAmI(): Promise<GeolocationCoordinates | null> {
  return new Promise((resolve) =>
    navigator.geolocation.getCurrentPosition(
      (position) => resolve(position.coords),
      () => resolve(null),
      { timeout: PATIENCE_MS, maximumAge: 0, enableHighAccuracy: false },
    ),
  );
}

export function Locating({ desk }: { desk: Desk }) {
  const { calls, form, words, take } = desk;
  const [agreed, setAgreed] = useState(false);
  const [unagreed, setUnagreed] = useState(false);
  const [busy, setBusy] = useState(false);
  const [unknown, setUnknown] = useState(false);
  const [error, setError] = useState<Failure | null>(null);

  const locate = async () => {
    setUnagreed(!agreed);
    if (!agreed || busy) return;
    setBusy(true);
    setError(null);
    const place = "geolocation" in navigator ? await whereAmI() : null;
    setUnknown(place === null);
    if (place) setError(take(await calls.locate(form.id, place, form.version)));
    setBusy(false);
  };
  const refused = error && (error.fields["location"]?.message ?? words.language.failure(error.code));
  return (
    <>
      <Consent desk={desk} agreed={agreed} missing={unagreed} onAgree={setAgreed} />
      <p class="form-error" role="alert">
        {unknown ? words.t("form.no_place") : refused}
      </p>
      <p class="sealed-form-actions">
        <button type="button" class="button button-main" disabled={busy} onClick={() => void locate()}>
          {words.t(busy ? "form.locating" : "form.locate")}
        </button>
      </p>
    </>
  );
}
