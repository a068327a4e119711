// A real OpenID Connect provider for the tests: `node provider.mjs`, settings as one line of JSON on standard input.
//   {port, client: {id, secret, redirect}, keys: JWK[], people: {subject: {email, email_verified}}}
// Prints `ready` when it listens. Its sign-in page takes a subject and asks for no password: who may be whom is the
// test's affair, everything after that is oidc-provider's own.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { Provider } from "oidc-provider";

const lines = createInterface({ input: process.stdin });
const settings = JSON.parse((await lines[Symbol.asyncIterator]().next()).value);
const issuer = `http://127.0.0.1:${settings.port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: settings.client.id,
      client_secret: settings.client.secret,
      redirect_uris: [settings.client.redirect],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  jwks: { keys: settings.keys },
  cookies: { keys: ["only for tests"] },
  claims: { auth_time: null, openid: ["sub", "amr"], email: ["email", "email_verified"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_ctx, interaction) => `/enter/${interaction.uid}` },
  findAccount: (_ctx, subject) =>
    settings.people[subject] && {
      accountId: subject,
      claims: () => ({ sub: subject, ...settings.people[subject] }),
    },
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope("openid email");
    await grant.save();
    return grant;
  },
});

const answer = provider.callback();
createServer(async (request, response) => {
  if (!request.url.startsWith("/enter/")) {
    answer(request, response);
    return;
  }
  if (request.method === "GET") {
    response.setHeader("Content-Type", "text/html");
    response.end('<!doctype html><title>Enter</title><form method="post"><input name="subject"><button>Enter</button></form>');
    return;
  }
  let body = "";
  for await (const part of request) body += part;
  const form = new URLSearchParams(body);
  const amr = form.get("amr")?.split(" ");
  await provider.interactionFinished(
    request,
    response,
    form.get("subject")
      ? { login: { accountId: form.get("subject"), amr } }
      : { error: "access_denied", error_description: "nobody entered" },
    { mergeWithLastSubmission: false },
  );
}).listen(settings.port, "127.0.0.1", () => console.log("ready"));
