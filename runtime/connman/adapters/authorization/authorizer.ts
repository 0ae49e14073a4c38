import type { Incoming } from "@dbus-codegen-ts/runtime";

/**
 * What not every application may do to its session, by the names that the file `system/net.connman.sessions.policy`
 * gives to polkit: make an emergency call, and choose where the session may roam.
 */
export const SESSION_ACTIONS = ["net.connman.session.emergency-call", "net.connman.session.roaming-policy"] as const;
export type SessionAction = (typeof SESSION_ACTIONS)[number];

/** Who wants to do it. A handler's `Incoming` is one. */
export type Caller = Pick<Incoming, "sender" | "interactiveAuthorization" | "signal" | "credentials">;

/** Decides which application may do what. */
export interface Authorizer {
  /**
   * Tells whether the caller may do something, after asking the user where that is needed and the caller agrees to wait.
   * Never rejects: where it cannot be found out, the answer is no.
   *
   * @param details - Circumstances that rules and dialogs may look at, by names of the caller's choice.
   */
  authorize(action: SessionAction, caller: Caller, details?: Readonly<Record<string, string>>): Promise<boolean>;
}

/** Lets nobody do anything. */
export const denyAll: Authorizer = { authorize: async () => false };

/** Lets these users do everything, by the numeric ids that the bus knows, and others nothing. */
export function allowUids(uids: readonly number[]): Authorizer {
  const allowed = new Set(uids);
  return {
    async authorize(_action, caller) {
      const { uid } = await caller.credentials().catch(() => ({ uid: undefined }));
      return uid !== undefined && allowed.has(uid);
    },
  };
}
