import type { Incoming } from "@dbus-codegen-ts/runtime";
import { UsageCounts } from "@dbus-codegen-ts/runtime/usage";
import type { Authorizer, SessionAction } from "../adapters/authorization/authorizer.ts";
import type { SessionQuotas } from "../quotas.ts";
import { permissionDenied } from "./connman-errors.ts";

/** Requests authorizations for callers. Limits how many authorizations wait at the same time. */
export class SessionAuthorizations {
  readonly #authorizer: Authorizer;
  readonly #waiting: UsageCounts;

  constructor(authorizer: Authorizer, quotas: Required<SessionQuotas>) {
    this.#authorizer = authorizer;
    this.#waiting = new UsageCounts("authorizations that wait", {
      perClient: quotas.authorizationsPerClient,
      perUser: quotas.authorizationsPerUser,
      total: quotas.authorizations,
    });
  }

  /**
   * Resolves when all actions are allowed to a caller.
   *
   * @throws PermissionDenied of ConnMan if an action is not allowed; LimitsExceededError if too many authorizations wait.
   */
  async authorize(actions: readonly SessionAction[], incoming: Incoming): Promise<void> {
    if (actions.length === 0) return;
    const { uid } = await incoming.credentials();
    const consumer = { client: incoming.sender, uid };
    this.#waiting.begin(consumer);
    try {
      for (const action of actions) if (!(await this.#authorizer.authorize(action, incoming))) throw permissionDenied();
    } finally {
      this.#waiting.end(consumer);
    }
  }
}
