import type { Authorizer, NetworkService, SimulatedService } from "@dbus-codegen-ts/connman";
import { deferred } from "@dbus-codegen-ts/runtime/async";
import { until } from "../../reliability/support.ts";
import { keep } from "./disposables.ts";
import { type App, lines, type Session, Stage, type StageOptions, type WireSettings } from "./support.ts";

export const idle = (service: SimulatedService) => ({ ...service, state: "idle" }) as const;
export const ready = (service: SimulatedService) => ({ ...service, state: "ready" }) as const;

/** Changes of services, by service id. */
export type Changes = Readonly<Record<string, Partial<Omit<NetworkService, "id">>>>;

/** Opens a stage, and closes it after the test. */
export async function stageOf(options: StageOptions): Promise<Stage> {
  return keep(await Stage.open(options));
}

/** Creates a session and receives its first Update. */
export async function opened(stage: Stage, settings: WireSettings = {}, app?: App): Promise<Session> {
  const session = await (app ?? (await stage.app())).create(settings);
  await stage.settled();
  session.takeUpdates();
  return session;
}

/** Applies changes one after another. Returns the Updates that a session receives meanwhile, one per line. */
export async function updatesDuring(
  stage: Stage,
  session: Session,
  ...changes: readonly Changes[]
): Promise<readonly string[]> {
  for (const change of changes) {
    stage.network.changeAll(change);
    await stage.settled();
  }
  return lines(session.takeUpdates());
}

/** An authorizer that waits for the decision of a test. */
export class UndecidedAuthorizer implements Authorizer {
  /** Decides all waiting and future authorizations. */
  readonly decide: (isAllowed: boolean) => void;
  readonly #decision: Promise<boolean>;
  #isCalled = false;

  constructor() {
    const { promise, resolve } = deferred<boolean>();
    this.#decision = promise;
    this.decide = resolve;
  }

  authorize(): Promise<boolean> {
    this.#isCalled = true;
    return this.#decision;
  }

  /** Resolves when an authorization has been requested. */
  called(): Promise<void> {
    return until("the authorizer is called", () => this.#isCalled);
  }
}
