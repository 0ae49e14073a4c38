import {
  AuthorityClient,
  CheckAuthorizationFlags,
  type Subject,
} from "@dbus-codegen-ts/polkit/org.freedesktop.PolicyKit1.Authority";
import { type Bus, errorWarnings } from "@dbus-codegen-ts/runtime";
import type { Authorizer, Caller, SessionAction } from "./authorizer.ts";

const POLKIT = { destination: "org.freedesktop.PolicyKit1", path: "/org/freedesktop/PolicyKit1/Authority" };

/** A check by polkit that failed with an error, so that it is unknown whether the action is allowed. */
export interface FailedAuthorizationCheck {
  readonly action: SessionAction;
  /** Unique name of the caller whose action was denied. */
  readonly sender: string;
}

export interface PolicyKitOptions {
  /**
   * Called if a check fails, for instance because polkit is not running, does not know the action, or does not accept
   * checks of this program. Must not throw. The action is denied in any case. Default: emits a process warning.
   */
  readonly onError?: (error: unknown, check: FailedAuthorizationCheck) => void;
}

/**
 * Checks authorizations with polkit. If the caller allows interaction, polkit may ask the user for a password, without a
 * timeout. A check is cancelled when the caller leaves the bus.
 *
 * Polkit accepts checks about other processes only from root and from the owner that the actions file declares.
 */
export class PolicyKitAuthorizer implements Authorizer {
  readonly #authority: AuthorityClient;
  readonly #onError: (error: unknown, check: FailedAuthorizationCheck) => void;
  #checks = 0;

  /** @param bus - The bus of the callers and of polkit. */
  constructor(bus: Bus, options: PolicyKitOptions = {}) {
    this.#authority = new AuthorityClient(bus, POLKIT);
    const report = errorWarnings();
    this.#onError = options.onError ?? ((error, { action }) => report(error, `the check of ${action} by polkit`));
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
      // The check was cancelled if the caller has left the bus.
      if (!signal.aborted) this.#onError(error, { action, sender });
      return false;
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  async #check(action: SessionAction, caller: Caller, details: Readonly<Record<string, string>>, id: string) {
    const { sender, signal, interactiveAuthorization } = caller;
    const subject: Subject = { kind: "system-bus-name", details: { name: sender } };
    const flags = interactiveAuthorization ? CheckAuthorizationFlags.AllowUserInteraction : 0;
    // Entering a password may take longer than the default timeout.
    const options = interactiveAuthorization ? { signal, timeout: Number.POSITIVE_INFINITY } : { signal };
    const { isAuthorized } = await this.#authority.checkAuthorization(subject, action, details, flags, id, options);
    return isAuthorized;
  }

  #cancel(id: string, check: FailedAuthorizationCheck): void {
    this.#authority.cancelCheckAuthorization(id).catch((error: unknown) => this.#onError(error, check));
  }
}
