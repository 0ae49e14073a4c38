import type { Bus } from "@dbus-codegen-ts/runtime";
import {
  AuthorityClient,
  type AuthorizationResult,
  CheckAuthorizationFlags,
  type Subject,
} from "./generated/org.freedesktop.PolicyKit1.Authority.ts";
import { POLKIT, subjectOfConnection, subjectOfProcess } from "./subjects.ts";

export { type AgentOptions, type AuthenticationRequest, registerAgent } from "./agent.ts";
export { authenticate, type Conversation, type HelperOptions } from "./helper.ts";
export { POLKIT, subjectOfConnection, subjectOfProcess };

/** Options of `checkAuthorization`. */
export interface CheckOptions {
  /** Whether polkit may ask the user for authentication, which can take any time: false by default. */
  readonly isInteractive?: boolean;
  /**
   * Variables for the text of the dialog and for polkit's rules. Only root and the owner of the action may pass any.
   */
  readonly details?: Readonly<Record<string, string>>;
  /** Cancels the check and closes the dialog. */
  readonly signal?: AbortSignal;
}

/**
 * Returns whether a subject is authorized for an action. polkit permits checks of other users to root and to the owner of
 * the action.
 *
 * @throws FailedError if the action is unknown, NotAuthorizedError if the check is not permitted, or the reason of `signal`.
 */
export async function checkAuthorization(
  bus: Bus,
  subject: Subject,
  action: string,
  { isInteractive = false, details = {}, signal }: CheckOptions = {},
): Promise<AuthorizationResult> {
  signal?.throwIfAborted();
  const authority = new AuthorityClient(bus, POLKIT);
  const id = signal === undefined ? "" : `check-${++lastCheck}`;
  const flags = isInteractive ? CheckAuthorizationFlags.AllowUserInteraction : 0;
  const cancel = (): void => {
    // The check may have ended.
    authority.cancelCheckAuthorization(id).catch(() => undefined);
  };
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    const timeout = isInteractive ? { timeout: Number.POSITIVE_INFINITY } : {};
    const call = signal === undefined ? timeout : { ...timeout, signal };
    return await authority.checkAuthorization(subject, action, details, flags, id, call);
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

/** Number in the cancellation ID of the latest check. */
let lastCheck = 0;
