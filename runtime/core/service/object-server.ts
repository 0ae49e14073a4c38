import type { BusPort } from "../bus/port.ts";
import { DBusError } from "../errors.ts";
import type { ErrorHook } from "../hooks.ts";
import type { Quotas } from "../quotas.ts";
import { Peer } from "../standard/org.freedesktop.DBus.Peer.ts";
import { InvalidArgsError, UnknownObjectError } from "../standard-errors.ts";
import { excerpt, MalformedMessageError, MissingDescriptorError } from "../wire/errors.ts";
import { copyMessage, decodeBody, type Message } from "../wire/message.ts";
import { CallQuota } from "./call-quota.ts";
import { CallerRegistry } from "./caller-registry.ts";
import { type CalledMethod, findMethod, invoke, isThenable } from "./dispatch.ts";
import { FairScheduler } from "./fair-scheduler.ts";
import { type ConnectedPeriod, IncomingCall } from "./incoming-call.ts";
import type { MethodMember } from "./members.ts";
import type { ObjectView } from "./object-view.ts";
import type { RefuseHook } from "./refuse-hook.ts";
import { Reply } from "./reply.ts";
import { ServedObjectTree } from "./served-object-tree.ts";
import type { AnyService } from "./service.ts";
import { emitInterfacesAdded, emitInterfacesRemoved, ObjectSignalSink, type SignalOutput } from "./signal-sink.ts";
import { STANDARD_CONTRACTS } from "./standard-contracts.ts";
import { type FindServices, Subtree, type SubtreeOptions } from "./subtree.ts";

/** Services at a path, served until closed. */
export interface ServedObject extends AsyncDisposable {
  readonly path: string;
  /**
   * Ends serving them. Later calls get UnknownObject or UnknownInterface. Does nothing if the object is already closed.
   */
  close(): Promise<void>;
}

/** Objects below a path that a function finds for each call, served until closed. */
export interface ServedSubtree extends ServedObject {
  /**
   * Sets the path at which services send their signals, before a call has found them. A service sends its signals from
   * the one path of the subtree at which it was last found or bound. Objects that send signals therefore need separate
   * services.
   *
   * @param relative - Path below that of the subtree.
   */
  bind(relative: string, ...services: readonly AnyService[]): void;
}

/** Serves objects on a bus: dispatches each call to its handler and sends the reply. */
export class ObjectServer {
  readonly #bus: BusPort;
  readonly #tree = new ServedObjectTree();
  readonly #onError: ErrorHook;
  readonly #refuse: RefuseHook | undefined;
  readonly #quota: CallQuota;
  readonly #scheduler = new FairScheduler();
  #period: ConnectedPeriod | undefined;
  #callers: CallerRegistry | undefined;

  constructor(bus: BusPort, onError: ErrorHook, quotas: Quotas, refuse?: RefuseHook) {
    this.#bus = bus;
    this.#onError = onError;
    this.#refuse = refuse;
    this.#quota = new CallQuota(quotas);
  }

  /** Serves services at a path, all or none. */
  serve(path: string, services: readonly AnyService[]): ServedObject {
    const served = this.#tree.add(path, services);
    const output: SignalOutput = { bus: this.#bus, onError: this.#onError, isOpen: () => true };
    const sinks = served.map((iface) => ({ state: iface.state, sink: new ObjectSignalSink(output, path, iface) }));
    for (const { state, sink } of sinks) state.addSink(sink);
    const managers = served.length > 0 ? this.#tree.managersAbove(path) : [];
    for (const manager of managers) emitInterfacesAdded(output, manager, path, served);
    return servedObject(path, () => {
      for (const { state, sink } of sinks) state.removeSink(sink);
      const currentManagers = served.length > 0 ? this.#tree.managersAbove(path) : [];
      this.#tree.remove(path, served);
      for (const manager of currentManagers) emitInterfacesRemoved(output, manager, path, served);
    });
  }

  /** Adds ObjectManager, for the objects served below, to the object at a path. */
  serveObjectManager(path: string): ServedObject {
    return servedObject(path, this.#tree.addManager(path));
  }

  /** Serves the objects below a path that a function finds. */
  serveSubtree(path: string, find: FindServices, options: SubtreeOptions): ServedSubtree {
    let isOpen = true;
    const output: SignalOutput = { bus: this.#bus, onError: this.#onError, isOpen: () => isOpen };
    const subtree = new Subtree(path, find, options, (at, iface) => new ObjectSignalSink(output, at, iface));
    const remove = this.#tree.addSubtree(subtree);
    const served = servedObject(path, () => {
      isOpen = false;
      remove();
    });
    return { ...served, bind: (relative, ...services) => void subtree.bind(subtree.pathOf(relative), services) };
  }

  /** Handles a method call. Throws MalformedMessageError if its arguments do not fit its signature. */
  handle(call: Message): void {
    this.#callers ??= new CallerRegistry(this.#bus, (sender) => this.#quota.forget(sender));
    this.#period ??= { bus: this.#bus, onError: this.#onError, refuse: this.#refuse, isLost: false };
    const { sender = "" } = call;
    if (this.#quota.hasMaxCalls(sender)) {
      void this.#callers.watch();
      this.#replyTo(call).refuse(this.#quota.tooManyCalls);
    } else if (this.#scheduler.mustWait(sender)) this.#wait(call, sender);
    else {
      const run = this.#prepare(call, this.#replyTo(call));
      if (run !== undefined) this.#scheduler.run(sender, run);
    }
  }

  /** Forgets all callers and waiting calls, because the connection is lost. */
  lost(): void {
    if (this.#period !== undefined) this.#period.isLost = true;
    this.#period = undefined;
    this.#quota.forgetAll();
    this.#scheduler.clear();
    this.#callers?.leaveAll();
  }

  #replyTo(call: Message): Reply {
    if (this.#period === undefined || this.#callers === undefined) throw new Error("there is no connection");
    return new Reply(this.#period, call, new IncomingCall(call, this.#callers, this.#period));
  }

  /** Keeps a call until its turn. Its object is looked up only then, because earlier calls may add or remove it. */
  #wait(call: Message, sender: string): void {
    if (this.#quota.hasMaxWaitingBytes(sender)) {
      this.#replyTo(call).refuse(this.#quota.tooManyBytes);
      return;
    }
    const kept = copyMessage(call);
    const reply = this.#replyTo(kept);
    const end = this.#quota.begin(sender, kept.bytes.length);
    const run = (): void => {
      end();
      try {
        this.#prepare(kept, reply)?.();
      } catch (error) {
        // Nothing catches an error here, and it would end the process.
        if (error instanceof MalformedMessageError) reply.refuse(new InvalidArgsError(error.message));
        else reply.sendThrown(error);
      }
    };
    this.#scheduler.wait(sender, run, () => reply.closeDescriptors());
  }

  /**
   * Finds the object and method of a call and decodes its arguments. Sends an error reply if one of them does not exist.
   *
   * @returns A function that runs the handler, if there is one. It does not throw.
   * @throws MalformedMessageError, and nothing else, if the arguments do not fit the signature of the call.
   */
  #prepare(call: Message, reply: Reply): (() => void) | undefined {
    try {
      const object = this.#objectOf(call, reply);
      const method = object && methodOf(object, call, reply);
      const args = method && argumentsOf(call, method.member, reply);
      if (object === undefined || method === undefined || args === undefined) return undefined;
      return () => this.#run(reply, object, method, args);
    } catch (error) {
      if (error instanceof MalformedMessageError) throw error;
      reply.sendThrown(error);
      return undefined;
    }
  }

  /** Returns the object of a call, or sends an error reply. */
  #objectOf(call: Message, reply: Reply): ObjectView | undefined {
    const { path = "/", interface: interfaceName } = call;
    // Peer is about the connection, so it is available at every path.
    if (interfaceName === Peer.name) return peerObject(path);
    try {
      const object = this.#tree.at(path);
      if (object === undefined) reply.refuseUnknown(new UnknownObjectError(`there is no object at ${excerpt(path)}`));
      return object;
    } catch (error) {
      reply.sendThrown(error);
      return undefined;
    }
  }

  /**
   * Runs a handler and sends its result: in the same turn of the event loop unless the handler returned a promise. Does
   * not throw.
   */
  #run(reply: Reply, object: ObjectView, method: CalledMethod, args: readonly unknown[]): void {
    const { member } = method;
    try {
      const result = invoke(object, method, args, reply);
      if (isThenable(result)) void this.#complete(reply, member, result);
      else reply.sendResult(member, result);
    } catch (error) {
      reply.sendThrown(error);
    }
  }

  /** Awaits the result of a handler and sends it. Never rejects. */
  async #complete(reply: Reply, member: MethodMember, result: PromiseLike<unknown>): Promise<void> {
    const end = this.#quota.begin(reply.incoming.sender);
    try {
      const value = await result;
      end();
      reply.sendResult(member, value);
    } catch (error) {
      end();
      reply.sendThrown(error);
    }
  }
}

function methodOf(object: ObjectView, call: Message, reply: Reply): CalledMethod | undefined {
  const method = findMethod(object, call);
  if (method instanceof DBusError) {
    reply.refuseUnknown(method);
    return undefined;
  }
  if (method.member.contract.noReply) reply.silence();
  return method;
}

function argumentsOf(call: Message, member: MethodMember, reply: Reply): readonly unknown[] | undefined {
  try {
    return decodeBody(call, member.in, call.descriptors);
  } catch (error) {
    if (!(error instanceof MissingDescriptorError)) {
      reply.closeDescriptors();
      throw error;
    }
    reply.refuse(new InvalidArgsError(error.message));
    return undefined;
  }
}

/** Returns an object with the standard interfaces only. */
function peerObject(path: string): ObjectView {
  return { path, interfaces: new Map(), standard: STANDARD_CONTRACTS, children: () => [], below: () => [] };
}

function servedObject(path: string, end: () => void): ServedObject {
  let isClosed = false;
  const close = async (): Promise<void> => {
    if (!isClosed) end();
    isClosed = true;
  };
  return { path, close, [Symbol.asyncDispose]: close };
}
