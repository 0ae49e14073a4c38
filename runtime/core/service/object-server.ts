import { DAEMON, DAEMON_PATH } from "../bus/bus-members.ts";
import { FairScheduler } from "../bus/fair-scheduler.ts";
import type { BusPort } from "../bus/port.ts";
import type { ErrorHook } from "../hooks.ts";
import { countInSteps, isOverQuota, needsCount, overQuotaError } from "../message-quota.ts";
import type { Quotas } from "../quotas.ts";
import { Peer } from "../standard/org.freedesktop.DBus.Peer.ts";
import { type LimitsExceededError, UnknownObjectError } from "../standard-errors.ts";
import type { Steps } from "../wire/codec.ts";
import { excerpt } from "../wire/errors.ts";
import {
  decodeAndRelease,
  decodeBody,
  decodeBodyInSteps,
  keepMessage,
  keptBytes,
  type Message,
} from "../wire/message.ts";
import { CallQuota } from "./call-quota.ts";
import { argumentsOf, authorize, type CalledMethod, findMethod, invoke, isThenable } from "./dispatch.ts";
import { type Callers, type ConnectedPeriod, IncomingCall } from "./incoming-call.ts";
import type { ObjectView } from "./object-view.ts";
import { isRefusal, refusal } from "./refusal.ts";
import type { RefuseHook } from "./refuse-hook.ts";
import { Reply } from "./reply.ts";
import type { ServiceHost } from "./served-interface.ts";
import { ServedObjectTree } from "./served-object-tree.ts";
import type { AnyService } from "./service.ts";
import { STANDARD_CONTRACTS } from "./standard-contracts.ts";
import { type FindServices, Subtree, type SubtreeOptions } from "./subtree.ts";

/** Handle of services that are served at a path until it is closed. */
export interface ServedObject extends AsyncDisposable {
  readonly path: string;
  /**
   * Ends serving the services. Later calls get UnknownObject or UnknownInterface. Repeated calls of `close` have no
   * effect.
   */
  close(): Promise<void>;
}

/**
 * Handle of the objects below a path, which a function finds for each call. The objects are served until the handle is
 * closed.
 */
export interface ServedSubtree extends ServedObject {
  /**
   * Sets the path from which services send their signals, so that they can send signals before a call has found them. A
   * service sends its signals from only one path of the subtree: the path at which it was found or bound last. Objects
   * that send signals therefore need separate services.
   *
   * @param relative - Path relative to that of the subtree.
   */
  bind(relative: string, ...services: readonly AnyService[]): void;
}

const PING = { destination: DAEMON, path: DAEMON_PATH, interface: Peer.name, member: "Ping" };

/** Serves objects on a bus: dispatches each call to its handler and sends the reply. */
export class ObjectServer {
  readonly #bus: BusPort;
  readonly #tree = new ServedObjectTree();
  readonly #onError: ErrorHook;
  readonly #refuse: RefuseHook | undefined;
  readonly #quotas: Required<Quotas>;
  readonly #quota: CallQuota;
  readonly #tooLarge: LimitsExceededError;
  readonly #scheduler: FairScheduler;
  readonly #callers: Callers = { registry: undefined, onLeave: (sender) => this.#quota.forget(sender) };
  #period: ConnectedPeriod | undefined;

  constructor(bus: BusPort, onError: ErrorHook, quotas: Required<Quotas>, refuse?: RefuseHook) {
    this.#bus = bus;
    this.#onError = onError;
    // The bus replies in order: when it has replied to the ping, it has read all earlier replies.
    this.#scheduler = new FairScheduler(onError, (next) => bus.call(PING).then(next, next));
    this.#refuse = refuse;
    this.#quotas = quotas;
    this.#quota = new CallQuota(quotas);
    this.#tooLarge = overQuotaError("the call", this.#quotas);
  }

  /** Serves services at a path. If one of them cannot be served, none is. */
  serve(path: string, services: readonly AnyService[]): ServedObject {
    const served = this.#tree.add(path, services);
    const host = this.#host(() => true);
    const ends = served.map((iface) => iface.serveAt(path, host));
    const code = served[0]?.objectManager;
    for (const manager of this.#tree.managersAbove(path)) code?.emitAdded(host, manager, path, served);
    return servedObject(path, () => {
      for (const end of ends) end();
      const managers = this.#tree.managersAbove(path);
      this.#tree.remove(path, served);
      for (const manager of managers) code?.emitRemoved(host, manager, path, served);
    });
  }

  /** Adds ObjectManager to the object at a path, for the objects served below the path. */
  serveObjectManager(path: string): ServedObject {
    return servedObject(path, this.#tree.addManager(path));
  }

  /** Serves the objects below a path, which a function finds. */
  serveSubtree(path: string, find: FindServices, options: SubtreeOptions): ServedSubtree {
    let isOpen = true;
    const host = this.#host(() => isOpen);
    const subtree = new Subtree(path, find, options, (at, iface) => iface.serveAt(at, host));
    const remove = this.#tree.addSubtree(subtree);
    const served = servedObject(path, () => {
      isOpen = false;
      remove();
    });
    return { ...served, bind: (relative, ...services) => void subtree.bind(subtree.pathOf(relative), services) };
  }

  /** Handles a method call. */
  handle(call: Message): void {
    this.#period ??= { bus: this.#bus, onError: this.#onError, refuse: this.#refuse, isLost: false };
    const { sender = "" } = call;
    const excess = this.#quota.excess(sender, keptBytes(call));
    if (excess !== undefined) {
      // Departures are watched only if there are services. Without services, all calls end soon.
      void this.#callers.registry?.watch();
      this.#replyTo(call).refuse(excess);
    } else if (this.#scheduler.mustWait(sender)) this.#wait(call, sender);
    else this.#scheduler.run(sender, () => this.#begin(call, this.#replyTo(call)));
  }

  /** Drops all callers and waiting calls, because the connection is lost. */
  lost(): void {
    if (this.#period !== undefined) this.#period.isLost = true;
    this.#period = undefined;
    this.#quota.forgetAll();
    this.#scheduler.clear();
    this.#callers.registry?.leaveAll();
  }

  #host(isOpen: () => boolean): ServiceHost {
    return { bus: this.#bus, callers: this.#callers, onError: this.#onError, isOpen };
  }

  #replyTo(call: Message): Reply {
    if (this.#period === undefined) throw new Error("there is no connection");
    return new Reply(this.#period, call, new IncomingCall(call, this.#callers, this.#period));
  }

  /**
   * Keeps a call until its turn. Its object is looked up only then, because earlier calls may add or remove the object.
   */
  #wait(call: Message, sender: string): void {
    keepMessage(call);
    const reply = this.#replyTo(call);
    const end = this.#quota.begin(sender, keptBytes(call));
    const run = (): void => {
      end();
      this.#begin(call, reply);
    };
    this.#scheduler.wait(sender, run, () => reply.closeDescriptors());
  }

  /**
   * Runs a call, or sends an error reply. The cheapest check comes first: the header, then the authorization, then the
   * cost of decoding. The arguments are decoded last.
   */
  #begin(call: Message, reply: Reply): void {
    const prepared = this.#prepare(call, reply);
    if (prepared === undefined) return;
    try {
      const authorized = authorize(prepared.method, reply.incoming);
      if (isThenable(authorized)) void this.#runWhenAuthorized(prepared, authorized);
      else this.#decode(prepared);
    } catch (error) {
      reply.sendThrown(error);
    }
  }

  /** Finds the object and method of a call. If they do not exist, sends an error reply and returns undefined. */
  #prepare(call: Message, reply: Reply): PreparedCall | undefined {
    try {
      if (isOverQuota(call, this.#quotas)) {
        reply.refuse(this.#tooLarge);
        return undefined;
      }
      const object = this.#objectOf(call, reply);
      const method = object && methodOf(object, call, reply);
      return object && method && { call, reply, object, method };
    } catch (error) {
      reply.refuseArguments(error);
      return undefined;
    }
  }

  /** Runs a call after its authorization was decided. Later calls do not wait for this call. Never rejects. */
  async #runWhenAuthorized(prepared: PreparedCall, authorized: PromiseLike<unknown>): Promise<void> {
    const { call, reply } = prepared;
    const { sender } = reply.incoming;
    keepMessage(call);
    const end = this.#quota.begin(sender, keptBytes(call));
    try {
      await authorized;
    } catch (error) {
      reply.sendThrown(error);
      return;
    } finally {
      end();
    }
    this.#scheduler.wait(
      sender,
      () => this.#decode(prepared),
      () => reply.closeDescriptors(),
    );
  }

  /**
   * Decodes the arguments of an authorized call and runs its handler: at once if decoding takes little memory and time,
   * otherwise in steps.
   */
  #decode(prepared: PreparedCall): void {
    const { call, reply, method } = prepared;
    if (needsCount(call, this.#quotas)) {
      this.#scheduler.runInSteps(reply.incoming.sender, this.#decodeInSteps(prepared));
      return;
    }
    let args: readonly unknown[];
    try {
      args = decodeAndRelease(call, argumentsOf(method), call.descriptors);
    } catch (error) {
      reply.refuseArguments(error);
      return;
    }
    this.#run(prepared, args);
  }

  *#decodeInSteps(prepared: PreparedCall): Steps<void> {
    const { call, reply, method } = prepared;
    const { sender } = reply.incoming;
    let end: () => void = () => undefined;
    let isDecoded = false;
    try {
      const count = yield* countInSteps(call, this.#quotas);
      if (count === undefined) {
        reply.refuse(this.#tooLarge);
        return;
      }
      const excess = this.#quota.excessOfAll(sender, keptBytes(call) + count.decodedBytes);
      if (excess !== undefined) {
        reply.refuse(excess);
        return;
      }
      // Another connection may have the sender's name when the connection is lost, so this ends in any case.
      end = this.#quota.begin(sender, keptBytes(call), count.decodedBytes);
      const codec = argumentsOf(method);
      const args = count.isQuick
        ? decodeBody(call, codec, call.descriptors)
        : yield* decodeBodyInSteps(call, codec, { descriptors: call.descriptors, itemCounts: count.itemCounts });
      isDecoded = true;
      this.#run(prepared, args, count.decodedBytes);
    } catch (error) {
      reply.refuseArguments(error);
    } finally {
      end();
      if (!isDecoded) reply.closeDescriptors();
    }
  }

  /** Returns the object at the path of a call. If it does not exist, sends an error reply and returns undefined. */
  #objectOf(call: Message, reply: Reply): ObjectView | undefined {
    const { path = "/", interface: interfaceName } = call;
    // Peer is about the connection, so it is available at every path.
    if (interfaceName === Peer.name) return peerObject(path);
    try {
      const object = this.#tree.at(path);
      if (object === undefined)
        reply.refuseUnknown(refusal(UnknownObjectError, `there is no object at ${excerpt(path)}`));
      return object;
    } catch (error) {
      reply.sendThrown(error);
      return undefined;
    }
  }

  /**
   * Runs a handler and sends its result. The result is sent in the same turn of the event loop unless the handler
   * returns a promise. Does not throw.
   */
  #run(prepared: PreparedCall, args: readonly unknown[], decodedBytes = 0): void {
    const { reply, object, method } = prepared;
    try {
      const result = invoke(object, method, args, reply);
      if (isThenable(result)) void this.#complete(prepared, result, decodedBytes);
      else reply.sendResult(method.member, result);
    } catch (error) {
      reply.sendThrown(error);
    }
  }

  /** Awaits the result of a handler and sends it. Never rejects. */
  async #complete(
    { call, reply, method }: PreparedCall,
    result: PromiseLike<unknown>,
    decodedBytes: number,
  ): Promise<void> {
    const end = this.#quota.begin(reply.incoming.sender, keptBytes(call), decodedBytes);
    try {
      const value = await result;
      end();
      reply.sendResult(method.member, value);
    } catch (error) {
      end();
      reply.sendThrown(error);
    }
  }
}

/** A call whose object and method exist. */
interface PreparedCall {
  readonly call: Message;
  readonly reply: Reply;
  readonly object: ObjectView;
  readonly method: CalledMethod;
}

function methodOf(object: ObjectView, call: Message, reply: Reply): CalledMethod | undefined {
  const method = findMethod(object, call);
  if (isRefusal(method)) {
    reply.refuseUnknown(method);
    return undefined;
  }
  if (method.member.contract.noReply) reply.silence();
  return method;
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
