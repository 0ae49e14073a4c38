import type { Incoming } from "@dbus-codegen-ts/runtime";

/**
 * Actions that require an authorization: to make an emergency call, and to choose where a session may roam. The file
 * `system/net.connman.sessions.policy` declares these actions to polkit.
 */
export const SESSION_ACTIONS = ["net.connman.session.emergency-call", "net.connman.session.roaming-policy"] as const;
export type SessionAction = (typeof SESSION_ACTIONS)[number];

/** The caller to authorize, such as the `Incoming` of a handler. */
export type Caller = Pick<Incoming, "sender" | "interactiveAuthorization" | "signal" | "credentials">;

/** Decides which callers may perform an action. */
export interface Authorizer {
  /**
   * Returns whether a caller may perform an action. May wait for the user if the caller allows interaction. Never
   * rejects: if the authorization cannot be checked, the result is false.
   *
   * @param details - Additional values for rules and dialogs, by freely chosen names.
   */
  authorize(action: SessionAction, caller: Caller, details?: Readonly<Record<string, string>>): Promise<boolean>;
}

/** Denies all actions. */
export const denyAll: Authorizer = { authorize: async () => false };

/** Returns an authorizer that allows all actions to some users, and denies them to others. */
export function allowUids(uids: readonly number[]): Authorizer {
  const allowed = new Set(uids);
  return {
    async authorize(_action, caller) {
      const { uid } = await caller.credentials().catch(() => ({ uid: undefined }));
      return uid !== undefined && allowed.has(uid);
    },
  };
}
