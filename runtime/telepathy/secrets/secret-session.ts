import { type Bus, NotSupportedError, type ObjectPath, Variant } from "@dbus-codegen-ts/runtime";
import { type Secret, ServiceClient } from "@dbus-codegen-ts/secret-service/org.freedesktop.Secret.Service";
import { DaemonClient } from "../service/daemon.ts";
import { offerKey, PLAIN, type SecretCipher } from "./secret-cipher.ts";
import { SecretServiceError } from "./secret-service-error.ts";

/**
 * Options of all calls to the Secret Service. The timeout limits how long a service that does not reply delays the
 * accounts.
 */
export const CALL_OPTIONS = { timeout: 5_000 } as const;

export const SERVICE_PATH = "/org/freedesktop/secrets";

const ENCRYPTED = "dh-ietf1024-sha256-aes128-cbc-pkcs7";
const TEXT = "text/plain; charset=utf8";

/** A session with one Secret Service. Secrets are encrypted if the service supports it. */
export class SecretSession {
  /** Unique name of the Secret Service. Secrets are sent to this connection only. */
  readonly owner: string;
  readonly path: ObjectPath;
  readonly #cipher: SecretCipher;

  /**
   * Opens a session.
   *
   * @throws SecretServiceError if the service does not support encryption and may be on another host; errors of the
   * call.
   */
  static async open(bus: Bus, owner: string): Promise<SecretSession> {
    const service = new ServiceClient(bus, { destination: owner, path: SERVICE_PATH });
    const offer = offerKey();
    try {
      const input = new Variant("ay", offer.publicKey);
      const [{ signature, value }, path] = await service.openSession(ENCRYPTED, input, CALL_OPTIONS);
      if (signature !== "ay" || !(value instanceof Uint8Array))
        throw new SecretServiceError("the public key has another type");
      return new SecretSession(owner, path, offer.accept(value));
    } catch (error) {
      if (!(error instanceof NotSupportedError)) throw error;
    }
    await requireSameHost(bus, owner);
    const [, path] = await service.openSession("plain", new Variant("s", ""), CALL_OPTIONS);
    return new SecretSession(owner, path, PLAIN);
  }

  private constructor(owner: string, path: ObjectPath, cipher: SecretCipher) {
    this.owner = owner;
    this.path = path;
    this.#cipher = cipher;
  }

  encrypt(text: string): Secret {
    return { session: this.path, contentType: TEXT, ...this.#cipher.encrypt(new TextEncoder().encode(text)) };
  }

  /**
   * Decrypts a secret to text. Throws Error if the secret is not UTF-8, or was not encrypted with the key of the
   * session.
   */
  decrypt(secret: Secret): string {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.#cipher.decrypt(secret));
  }
}

/**
 * Throws SecretServiceError unless the Secret Service and this program are on the same host: the bus knows the
 * process ids of both. It knows them for connections over Unix sockets only.
 */
async function requireSameHost(bus: Bus, owner: string): Promise<void> {
  const daemon = new DaemonClient(bus);
  for (const name of [owner, bus.uniqueName]) {
    // dbus-daemon returns 0 for a connection over TCP.
    const processId = await daemon.processId(name).catch(() => 0);
    if (processId === 0) {
      throw new SecretServiceError("the Secret Service supports no encryption, and may be on another host");
    }
  }
}
