import {
  type AnyService,
  type Bus,
  type MaybePromise,
  type ObjectPath,
  serveRegistered,
} from "@dbus-codegen-ts/runtime";
import { type AgentCapabilities, AgentManagerClient } from "./generated/org.freedesktop.NetworkManager.AgentManager.ts";
import { AgentCanceledError, NoSecretsError } from "./generated/org.freedesktop.NetworkManager.SecretAgent.errors.ts";
import { type GetSecretsFlags, SecretAgentService } from "./generated/org.freedesktop.NetworkManager.SecretAgent.ts";
import type { ConnectionProfile } from "./generated/org.freedesktop.NetworkManager.Settings.Connection.ts";
import { NETWORK_MANAGER } from "./network-manager.ts";

/** Object path at which NetworkManager calls agents. */
const AGENT_PATH = "/org/freedesktop/NetworkManager/SecretAgent";

const { destination } = NETWORK_MANAGER;

/** A request for the secrets of one group of settings. */
export interface SecretRequest {
  /** Settings of the profile. */
  readonly profile: ConnectionProfile;
  /** Object path of the profile. */
  readonly path: ObjectPath;
  /** Name of the group on the wire, such as `802-11-wireless-security`. */
  readonly group: string;
  /** Keys of required secrets; empty if NetworkManager does not know them. */
  readonly hints: readonly string[];
  /**
   * Flags of the request: what the agent may do to obtain the secrets, such as ask the user, and why NetworkManager
   * requests them.
   */
  readonly flags: GetSecretsFlags;
  /** Aborts when NetworkManager no longer needs the secrets. */
  readonly signal: AbortSignal;
}

let setManager: (agent: SecretAgentSkeleton, uniqueName: string | undefined) => void;

/**
 * A secret agent. A subclass provides secrets. If it also stores secrets, it overrides `saveSecrets` and
 * `deleteSecrets`. When NetworkManager cancels a request, the skeleton replies; the subclass need not handle it.
 */
export abstract class SecretAgentSkeleton extends SecretAgentService {
  static {
    setManager = (agent, uniqueName) => {
      if (agent.#manager !== uniqueName) agent.#cancel(() => true);
      agent.#manager = uniqueName;
    };
  }

  readonly #pending = new Map<AbortController, Pick<SecretRequest, "path" | "group">>();
  #manager: string | undefined;

  /**
   * Returns the secrets as a profile with one group, such as `{ wirelessSecurity: { psk: "secret" } }`. Returns
   * undefined if the agent has no secrets for the request, so that NetworkManager calls other agents. Throws
   * `UserCanceledError` if the user refuses.
   */
  protected abstract provideSecrets(request: SecretRequest): MaybePromise<ConnectionProfile | undefined>;

  override async getSecrets(
    profile: ConnectionProfile,
    path: ObjectPath,
    group: string,
    hints: readonly string[],
    flags: GetSecretsFlags,
  ): Promise<ConnectionProfile> {
    const controller = new AbortController();
    const { signal } = controller;
    this.#pending.set(controller, { path, group });
    try {
      const cancelled = new Promise<never>((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
      const provided = this.provideSecrets({ profile, path, group, hints, flags, signal });
      const secrets = await Promise.race([provided, cancelled]);
      if (secrets === undefined) throw new NoSecretsError(`no secrets of ${group}`);
      return secrets;
    } finally {
      this.#pending.delete(controller);
    }
  }

  override cancelGetSecrets(path: ObjectPath, group: string): void {
    this.#cancel((request) => request.path === path && request.group === group);
  }

  override saveSecrets(_profile: ConnectionProfile, _path: ObjectPath): MaybePromise<void> {}

  override deleteSecrets(_profile: ConnectionProfile, _path: ObjectPath): MaybePromise<void> {}

  #cancel(isMeant: (request: Pick<SecretRequest, "path" | "group">) => boolean): void {
    for (const [controller, request] of this.#pending)
      if (isMeant(request)) controller.abort(new AgentCanceledError("NetworkManager cancelled the request"));
  }
}

/** Options of `registerSecretAgent`. */
export interface SecretAgentOptions {
  /** Name with dots, such as `org.example.Agent`, which only one agent of the user can have. */
  readonly identifier: string;
  /** What the agent can do: no capability by default. */
  readonly capabilities?: AgentCapabilities;
}

/**
 * Serves a secret agent and registers it, also after NetworkManager restarts. Only NetworkManager can call it.
 *
 * @returns The registration. Disposing of it removes the agent.
 * @throws DBusError if NetworkManager does not run or refuses the agent.
 */
export function registerSecretAgent(
  bus: Bus,
  agent: SecretAgentSkeleton & AnyService,
  { identifier, capabilities = 0 }: SecretAgentOptions,
): Promise<AsyncDisposable> {
  const manager = new AgentManagerClient(bus, { destination, path: `${NETWORK_MANAGER.path}/AgentManager` });
  return serveRegistered(bus, AGENT_PATH, agent, {
    name: destination,
    register: () => manager.registerWithCapabilities(identifier, capabilities),
    unregister: () => manager.unregister(),
    onOwner: (uniqueName) => setManager(agent, uniqueName),
  });
}
