import type { MaybePromise } from "@dbus-codegen-ts/runtime";
import { CanceledError, RejectedError } from "./generated/net.connman.Agent.Error.ts";
import { AgentService, type InputValues } from "./generated/net.connman.Agent.ts";
import { CanceledError as VpnCanceledError } from "./generated/net.connman.vpn.Agent.Error.ts";
import { AgentService as VpnAgentService, type VpnValues } from "./generated/net.connman.vpn.Agent.ts";

/**
 * An agent that cancels every question and refuses every peer. A subclass overrides the methods for questions that it
 * can answer.
 */
export class AgentSkeleton extends AgentService {
  override release(): MaybePromise<void> {}

  override cancel(): MaybePromise<void> {}

  override reportError(..._args: Parameters<AgentService["reportError"]>): MaybePromise<void> {}

  override reportPeerError(..._args: Parameters<AgentService["reportPeerError"]>): MaybePromise<void> {}

  override requestInput(..._args: Parameters<AgentService["requestInput"]>): MaybePromise<InputValues> {
    throw new CanceledError("the agent has no answer");
  }

  override requestBrowser(..._args: Parameters<AgentService["requestBrowser"]>): MaybePromise<void> {
    throw new CanceledError("the agent has no browser");
  }

  override requestPeerAuthorization(
    ..._args: Parameters<AgentService["requestPeerAuthorization"]>
  ): MaybePromise<InputValues> {
    throw new RejectedError("the agent refuses peers");
  }
}

/**
 * An agent of VPN connections that cancels every question. A subclass overrides the methods for questions that it can
 * answer.
 */
export class VpnAgentSkeleton extends VpnAgentService {
  override release(): MaybePromise<void> {}

  override cancel(): MaybePromise<void> {}

  override reportError(..._args: Parameters<VpnAgentService["reportError"]>): MaybePromise<void> {}

  override requestInput(..._args: Parameters<VpnAgentService["requestInput"]>): MaybePromise<VpnValues> {
    throw new VpnCanceledError("the agent has no answer");
  }
}
