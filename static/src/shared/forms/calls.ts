// The calls of sealed forms. Nothing that was typed is kept here or anywhere else in the client once it was sent.
import type { Http } from "../http";
import type { Result } from "../result";
import type { FormReply, FormValues, PaperReply, RevealField, RevealReply, TemplateList } from "../wire";

const path = (id: string) => `/forms/${encodeURIComponent(id)}`;

export class FormCalls {
  constructor(private readonly http: Http) {}

  get(id: string): Promise<Result<FormReply>> {
    return this.http.call("GET", path(id));
  }
  fill(id: string, values: FormValues): Promise<Result<FormReply>> {
    return this.http.call("PUT", `${path(id)}/values`, values);
  }
  withdraw(id: string): Promise<Result<FormReply>> {
    return this.http.call("DELETE", `${path(id)}/values`, {});
  }
  locate(id: string, place: GeolocationCoordinates, consent: number): Promise<Result<FormReply>> {
    return this.http.call("POST", `${path(id)}/location`, { latitude: place.latitude, longitude: place.longitude, consent });
  }
  reveal(id: string, look: RevealField): Promise<Result<RevealReply>> {
    return this.http.call("POST", `${path(id)}/reveal`, look);
  }
  document(id: string, reason: string): Promise<Result<PaperReply>> {
    return this.http.call("POST", `${path(id)}/document`, { reason });
  }
  /** Templates that can be sent; with labels, those that are the way for what the gate hid. */
  templates(labels: readonly string[] = []): Promise<Result<TemplateList>> {
    return this.http.call("GET", "/forms/templates" + (labels.length ? `?labels=${labels.join(",")}` : ""));
  }
  begin(conversation: string, template: string): Promise<Result<FormReply>> {
    return this.http.call("POST", `/conversations/${encodeURIComponent(conversation)}/forms`, { template });
  }
}
