import type { MaybePromise } from "@dbus-codegen-ts/runtime";
import { Agent1Service } from "./generated/org.bluez.Agent1.ts";
import { RejectedError } from "./generated/org.bluez.Error.ts";

/** An agent that refuses every pairing. A subclass overrides the methods that its capability needs. */
export class AgentSkeleton extends Agent1Service {
  override release(): MaybePromise<void> {}

  override cancel(): MaybePromise<void> {}

  override requestPinCode(..._args: Parameters<Agent1Service["requestPinCode"]>): MaybePromise<string> {
    return refuse();
  }

  override displayPinCode(..._args: Parameters<Agent1Service["displayPinCode"]>): MaybePromise<void> {
    return refuse();
  }

  override requestPasskey(..._args: Parameters<Agent1Service["requestPasskey"]>): MaybePromise<number> {
    return refuse();
  }

  override displayPasskey(..._args: Parameters<Agent1Service["displayPasskey"]>): MaybePromise<void> {
    return refuse();
  }

  override requestConfirmation(..._args: Parameters<Agent1Service["requestConfirmation"]>): MaybePromise<void> {
    return refuse();
  }

  override requestAuthorization(..._args: Parameters<Agent1Service["requestAuthorization"]>): MaybePromise<void> {
    return refuse();
  }

  override authorizeService(..._args: Parameters<Agent1Service["authorizeService"]>): MaybePromise<void> {
    return refuse();
  }
}

function refuse(): never {
  throw new RejectedError("the agent refuses");
}
