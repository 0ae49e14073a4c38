import { type Bus, Variant } from "@dbus-codegen-ts/runtime";
import {
  AuthorityClient,
  CheckAuthorizationFlags,
  type Subject,
} from "@dbus-codegen-ts/stubs/org.freedesktop.PolicyKit1.Authority";
import type { Authorizer, Caller, SessionAction } from "./authorizer.ts";

const POLKIT = { destination: "org.freedesktop.PolicyKit1", path: "/org/freedesktop/PolicyKit1/Authority" };

/** What was to be found out when polkit failed. */
export interface FailedAuthorizationCheck {
  readonly action: SessionAction;
  /** Unique name of the caller, to whom it was denied. */
  readonly sender: string;
}

/** How polkit is asked. */
export interface PolicyKitOptions {
  /**
   * Is told why a check failed, for instance because polkit is not there, does not know the action, or does not let this
   * program ask. It must not throw. By default such errors are dropped; the caller is denied all the same.
   */
  readonly onError?: (error: unknown, check: FailedAuthorizationCheck) => void;
}

/**
 * Asks polkit on the system bus. The user is asked for a password only when the caller allowed interaction, for as long
 * as that takes; a check ends with the caller leaving the bus.
 *
 * Polkit answers root, and whom the actions file names as owner of the action. Nobody else may ask about others.
 */
export class PolicyKitAuthorizer implements Authorizer {
  readonly #authority: AuthorityClient;
  readonly #onError: (error: unknown, check: FailedAuthorizationCheck) => void;
  #checks = 0;

  /** @param bus - The bus that both the callers and polkit are on. */
  constructor(bus: Bus, options: PolicyKitOptions = {}) {
    this.#authority = new AuthorityClient(bus, POLKIT);
    this.#onError = options.onError ?? (() => undefined);
  }

  async authorize(action: SessionAction, caller: Caller, details: Readonly<Record<string, string>> = {}) {
    const { sender, signal } = caller;
    if (signal.aborted) return false;
    const id = String(++this.#checks);
    const cancel = () => this.#cancel(id, { action, sender });
    signal.addEventListener("abort", cancel, { once: true });
    try {
      return await this.#check(action, caller, details, id);
    } catch (error) {
      // A caller that has left is what ended the check.
      if (!signal.aborted) this.#onError(error, { action, sender });
      return false;
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  async #check(action: SessionAction, caller: Caller, details: Readonly<Record<string, string>>, id: string) {
    const { sender, signal, interactiveAuthorization } = caller;
    const subject: Subject = { kind: "system-bus-name", details: { name: new Variant("s", sender) } };
    const flags = interactiveAuthorization ? CheckAuthorizationFlags.AllowUserInteraction : 0;
    // People take longer than the default timeout to find their password.
    const options = interactiveAuthorization ? { signal, timeout: Number.POSITIVE_INFINITY } : { signal };
    const { isAuthorized } = await this.#authority.checkAuthorization(subject, action, details, flags, id, options);
    return isAuthorized;
  }

  #cancel(id: string, check: FailedAuthorizationCheck): void {
    this.#authority.cancelCheckAuthorization(id).catch((error: unknown) => this.#onError(error, check));
  }
}
