// The clock of a scheduled topic is the writer's own; without scripts they choose one of Indonesia's.

/** How far a moment's clock is from UTC here, as the form sends it: `e420`, `w300`. */
export function zoneOf(moment: Date): string {
  const ahead = -moment.getTimezoneOffset();
  return `${ahead < 0 ? "w" : "e"}${Math.abs(ahead)}`;
}

export function setClock(place: HTMLElement): void {
  const field = place.querySelector<HTMLInputElement>("input");
  const zones = place.querySelector<HTMLSelectElement>("select");
  if (!field || !zones || zones.selectedOptions[0]?.defaultSelected) return;
  const own = document.createElement("option");
  own.textContent = Intl.DateTimeFormat().resolvedOptions().timeZone.replaceAll("_", " ");
  const set = () => {
    // Summer time: it depends on the day.
    own.value = zoneOf(field.value ? new Date(field.value) : new Date());
  };
  set();
  field.addEventListener("input", set);
  zones.prepend(own);
  zones.value = own.value;
  own.selected = true;
}
