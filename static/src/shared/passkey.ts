// The browser's side of passkeys: from the server's options to what the server wants back. Asks nobody else.

type Options = Record<string, unknown>;

/** Whether this browser can do it; older ones lack the translation from and to JSON. */
export function hasPasskeys(): boolean {
  return typeof PublicKeyCredential === "function" && typeof PublicKeyCredential.parseRequestOptionsFromJSON === "function";
}

/** Shows a passkey; null when the person gives up. */
export async function showPasskey(options: Options): Promise<Options | null> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as unknown as PublicKeyCredentialRequestOptionsJSON,
  );
  return plain(navigator.credentials.get({ publicKey }));
}

/** Makes a passkey; null when the person gives up. */
export async function makePasskey(options: Options): Promise<Options | null> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  return plain(navigator.credentials.create({ publicKey }));
}

async function plain(asked: Promise<Credential | null>): Promise<Options | null> {
  try {
    const credential = (await asked) as PublicKeyCredential | null;
    return credential && (credential.toJSON() as unknown as Options);
  } catch {
    // Given up, timed out, or no device at hand: browsers do not say which, and need not.
    return null;
  }
}
