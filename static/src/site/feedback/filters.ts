// A chosen filter is taken at once, and what is not chosen does not stand in the address.
export function sendFilters(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-filters]");
  if (!form) return;
  form.addEventListener("submit", () => {
    for (const field of form.querySelectorAll<HTMLInputElement | HTMLSelectElement>("input, select")) field.disabled = field.value === "";
  });
  form.addEventListener("change", (event) => {
    if (event.target instanceof HTMLSelectElement) form.requestSubmit();
  });
  // Back from the next page, the fields are to be there again.
  addEventListener("pageshow", () => {
    for (const field of form.querySelectorAll<HTMLInputElement | HTMLSelectElement>("input, select")) field.disabled = false;
  });
}
