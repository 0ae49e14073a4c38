import type { MaybePromise } from "@dbus-codegen-ts/runtime";
import { SerialTasks } from "@dbus-codegen-ts/runtime/async";
import type { ConnectionPhase } from "./status-machine.ts";

/** Functions of a connection that `SelfHandle` uses. */
export interface SelfHandleContext {
  readonly phase: ConnectionPhase;
  /** Returns the handle of the user's identifier, which need not be normalised. */
  ensureHandle(identifier: string): MaybePromise<number>;
  /**
   * Called when the user's handle was determined, if the connection is still in the same phase.
   *
   * @param before - Former handle; 0 if this is the first.
   */
  changed(before: number, after: number, phase: ConnectionPhase): void;
  /** Called with the error if the user's identifier cannot get a handle. */
  failed(error: unknown): void;
}

/** The handle of the user. Changes are applied in the order in which the protocol reports them. */
export class SelfHandle {
  readonly #context: SelfHandleContext;
  readonly #changes = new SerialTasks();
  /** Newest identifier of the user that is waiting for an earlier change; undefined if no change is waiting. */
  #waitingIdentifier: string | undefined;
  #handle = 0;

  constructor(context: SelfHandleContext) {
    this.#context = context;
  }

  /** Handle of the user; 0 until connected. */
  get handle(): number {
    return this.#handle;
  }

  /** Sets the first identifier of the user. Does nothing if the connection is not connecting. */
  begin(identifier: string): void {
    if (this.#context.phase === "connecting") this.#changes.run(() => this.#set(identifier, "connecting"));
  }

  /**
   * Changes the user's identifier after earlier changes. If several changes are waiting, only the newest is
   * applied.
   */
  change(identifier: string): void {
    const isWaiting = this.#waitingIdentifier !== undefined;
    this.#waitingIdentifier = identifier;
    if (isWaiting) return;
    this.#changes.run(() => {
      const newest = this.#waitingIdentifier ?? identifier;
      this.#waitingIdentifier = undefined;
      return this.#set(newest, "connected");
    });
  }

  /** Changes the user's identifier if the connection is in the given phase. Never throws or rejects. */
  #set(identifier: string, phase: ConnectionPhase): MaybePromise<void> {
    if (this.#context.phase !== phase) return undefined;
    try {
      const handle = this.#context.ensureHandle(identifier);
      if (!(handle instanceof Promise)) return this.#setHandle(handle, phase);
      return handle
        .then((settled) => this.#setHandle(settled, phase))
        .catch((error: unknown) => this.#context.failed(error));
    } catch (error) {
      // A connection without a valid self handle violates the specification.
      return this.#context.failed(error);
    }
  }

  #setHandle(handle: number, phase: ConnectionPhase): void {
    if (this.#context.phase !== phase) return;
    const before = this.#handle;
    this.#handle = handle;
    this.#context.changed(before, handle, phase);
  }
}
