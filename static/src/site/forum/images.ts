// Images in what is being written: chosen, pasted or dropped, looked at once more, uploaded, and named in the text. The
// form does the same without scripts. Whatever happens, text and file stay.
import { say } from "./words";

const ADDRESS = "/api/v1/attachments?confirmed=true";
const LONGEST_ALT = 120;

interface Uploaded {
  attachment: { markdown_path: string; small_path: string };
}

interface Refused {
  error?: { message?: string; fields?: Record<string, { message: string }> };
}

export class Images {
  private readonly file: HTMLInputElement;
  private readonly alt: HTMLInputElement;
  private readonly confirmed: HTMLInputElement;
  private readonly button: HTMLButtonElement;
  private readonly said: HTMLElement;
  private busy = false;

  constructor(
    private readonly fold: HTMLDetailsElement,
    private readonly text: HTMLTextAreaElement,
  ) {
    const find = <T extends Element>(selector: string) => fold.querySelector<T>(selector) as T;
    this.file = find("input[type=file]");
    this.alt = find("input[name=image_alt]");
    this.confirmed = find("input[name=image_confirmed]");
    this.button = find("button");
    this.said = find("[data-image-said]");
  }

  start(): void {
    this.button.addEventListener("click", (event) => {
      event.preventDefault();
      void this.attach();
    });
    this.file.addEventListener("change", () => this.look());
    this.alt.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      void this.attach();
    });
    this.text.addEventListener("paste", (event) => this.take(event, event.clipboardData));
    this.text.addEventListener("drop", (event) => this.take(event, event.dataTransfer));
    this.text.addEventListener("dragover", (event) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    });
  }

  /** Whether an image is chosen that the text does not name yet. */
  get waits(): boolean {
    return Boolean(this.file.files?.length);
  }

  /** Uploads what is chosen; resolves with whether nothing waits any more. */
  async attach(): Promise<boolean> {
    const file = this.file.files?.[0];
    if (this.busy) return false;
    this.complain("");
    if (!file) return this.refuse(say("image_none"), this.file);
    if (!this.confirmed.checked) return this.refuse(say("image_unconfirmed"), this.confirmed);
    if (file.size > Number(this.file.dataset["most"])) return this.refuse(say("image_too_large"), this.file);
    this.busy = true;
    this.button.setAttribute("aria-disabled", "true");
    try {
      const { status, body } = await send(file, this.fold.hasAttribute("data-confidential"), (percent) => (this.said.textContent = say("image_sending", { n: percent })));
      if (status !== 201) return this.refuse(reasonOf(body as Refused) || say("refused"), this.file);
      this.name((body as { data: Uploaded }).data.attachment);
      return true;
    } catch {
      return this.refuse(say("image_lost"), this.button);
    } finally {
      this.busy = false;
      this.button.removeAttribute("aria-disabled");
    }
  }

  private take(event: Event, from: DataTransfer | null): void {
    const image = [...(from?.files ?? [])].find((file) => file.type.startsWith("image/"));
    // What is pasted from a document holds its text too, and an image of it: the text is meant.
    if (!image || from?.types.includes("text/plain")) return;
    event.preventDefault();
    const chosen = new DataTransfer();
    chosen.items.add(image);
    this.file.files = chosen.files;
    this.fold.open = true;
    this.look();
    this.fold.scrollIntoView({ block: "nearest" });
    this.alt.focus();
  }

  /** Shows what was chosen, to be looked at before it is sent. */
  private look(): void {
    this.complain("");
    this.fold.querySelector(".attached")?.remove();
    const file = this.file.files?.[0];
    if (!file) return;
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      this.fold.querySelector(".attached")?.remove();
      const image = Object.assign(document.createElement("img"), { alt: "", width: 160, height: 120, src: String(reader.result) });
      const shown = Object.assign(document.createElement("p"), { className: "attached" });
      shown.append(image);
      this.file.closest(".field")?.after(shown);
    });
    reader.readAsDataURL(file);
  }

  private name(image: Uploaded["attachment"]): void {
    const alt = this.alt.value.replace(/[[\]\\\s]+/g, " ").slice(0, LONGEST_ALT).trim();
    const before = this.text.value.slice(0, this.text.selectionStart);
    const gap = before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
    this.text.setRangeText(`${gap}![${alt}](${image.markdown_path})\n\n`, this.text.selectionStart, this.text.selectionEnd, "end");
    this.file.value = "";
    this.alt.value = "";
    this.confirmed.checked = false;
    this.fold.open = false;
    this.look();
    const field = this.text.closest(".field");
    field?.querySelector(".attached")?.remove();
    const shown = Object.assign(document.createElement("p"), { className: "attached" });
    shown.setAttribute("role", "status");
    field?.append(shown);
    // After it is there: what is in it from the beginning is not read out.
    shown.append(Object.assign(document.createElement("img"), { alt: "", width: 64, height: 64, src: image.small_path }), say("image_ready"));
    this.said.textContent = "";
    this.text.focus();
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  private refuse(message: string, at: HTMLElement): false {
    this.fold.open = true;
    this.complain(message);
    at.focus();
    return false;
  }

  private complain(message: string): void {
    this.said.textContent = message;
    this.said.classList.toggle("reason", message !== "");
  }
}

function reasonOf(body: Refused): string {
  const field = Object.values(body.error?.fields ?? {})[0];
  return field?.message ?? body.error?.message ?? "";
}

/** `fetch` tells nothing of how much has gone out. */
function send(file: File, confidential: boolean, progress: (percent: number) => void): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", confidential ? `${ADDRESS}&confidential=true` : ADDRESS);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.upload.addEventListener("progress", (event) => progress(Math.floor((100 * event.loaded) / Math.max(1, event.total))));
    request.addEventListener("load", () => (request.response ? resolve({ status: request.status, body: request.response }) : reject(new Error("empty"))));
    for (const name of ["error", "abort", "timeout"]) request.addEventListener(name, () => reject(new Error(name)));
    request.send(file);
  });
}
