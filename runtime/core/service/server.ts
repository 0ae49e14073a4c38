import type { BusPort } from "../bus/port.ts";
import { DBusError } from "../errors.ts";
import type { ErrorHook } from "../hooks.ts";
import type { Quotas } from "../quotas.ts";
import { Peer } from "../standard/org.freedesktop.DBus.Peer.ts";
import { InvalidArgsError, UnknownObjectError } from "../standard-errors.ts";
import { MalformedMessageError, MissingDescriptorError } from "../wire/errors.ts";
import { copyMessage, decodeBody, type Message } from "../wire/message.ts";
import { announceAdded, announceRemoved, ObjectAnnouncer, type SignalSink } from "./announcer.ts";
import { CallLimit } from "./call-limit.ts";
import { CallerRegistry } from "./caller-registry.ts";
import { type FoundMethod, findMethod, invoke, isThenable } from "./dispatch.ts";
import { FairScheduler } from "./fair-scheduler.ts";
import { IncomingCall } from "./incoming.ts";
import type { Line } from "./line.ts";
import type { MethodMember } from "./members.ts";
import { ObjectTree } from "./objects.ts";
import type { RefuseHook } from "./refusal.ts";
import { Reply } from "./reply.ts";
import type { ObjectView } from "./served.ts";
import type { AnyService } from "./service.ts";
import { STANDARD_CONTRACTS } from "./standard-contracts.ts";
import { type FindServices, Subtree, type SubtreeOptions } from "./subtree.ts";

/** Services at a path, until closed. */
export interface ServedObject extends AsyncDisposable {
  readonly path: string;
  /** Ends serving them; later calls get UnknownObject or UnknownInterface. Closing again does nothing. */
  close(): Promise<void>;
}

/** The objects below a path that are found when they are called, until closed. */
export interface ServedSubtree extends ServedObject {
  /**
   * Lets services announce as the object at a relative path before a call has found them there. A service announces at
   * the one path of the subtree where it was found or bound last, so objects that announce need services of their own.
   */
  bind(relative: string, ...services: readonly AnyService[]): void;
}

/** Serves objects on a bus: brings each call to its handler and its one answer back. */
export class ObjectServer {
  readonly #bus: BusPort;
  readonly #tree = new ObjectTree();
  readonly #onError: ErrorHook;
  readonly #refuse: RefuseHook | undefined;
  readonly #limit: CallLimit;
  readonly #turns = new FairScheduler();
  #line: Line | undefined;
  #senders: CallerRegistry | undefined;

  constructor(bus: BusPort, onError: ErrorHook, quotas: Quotas, refuse?: RefuseHook) {
    this.#bus = bus;
    this.#onError = onError;
    this.#refuse = refuse;
    this.#limit = new CallLimit(quotas);
  }

  /** Serves services at a path, all or none. */
  serve(path: string, services: readonly AnyService[]): ServedObject {
    const served = this.#tree.add(path, services);
    const outlet: SignalSink = { bus: this.#bus, onError: this.#onError, isOpen: () => true };
    const announced = served.map((one) => ({ state: one.state, announcer: new ObjectAnnouncer(outlet, path, one) }));
    for (const { state, announcer } of announced) state.serveAt(announcer);
    const managers = served.length > 0 ? this.#tree.managersAbove(path) : [];
    for (const manager of managers) announceAdded(outlet, manager, path, served);
    return handle(path, () => {
      for (const { state, announcer } of announced) state.unserveAt(announcer);
      const managing = served.length > 0 ? this.#tree.managersAbove(path) : [];
      this.#tree.remove(path, served);
      for (const manager of managing) announceRemoved(outlet, manager, path, served);
    });
  }

  /** Gives the object at a path ObjectManager, for the objects served below. */
  serveObjectManager(path: string): ServedObject {
    return handle(path, this.#tree.addManager(path));
  }

  /** Serves the objects below a path that a function finds. */
  serveSubtree(path: string, find: FindServices, options: SubtreeOptions): ServedSubtree {
    let open = true;
    const outlet: SignalSink = { bus: this.#bus, onError: this.#onError, isOpen: () => open };
    const subtree = new Subtree(path, find, options, (at, service) => new ObjectAnnouncer(outlet, at, service));
    const end = this.#tree.addSubtree(subtree);
    const served = handle(path, () => {
      open = false;
      end();
    });
    return { ...served, bind: (relative, ...services) => void subtree.bind(subtree.pathOf(relative), services) };
  }

  /** Takes a call. Throws MalformedMessageError when its arguments are not what its signature says. */
  handle(call: Message): void {
    this.#senders ??= new CallerRegistry(this.#bus, (sender) => this.#limit.forget(sender));
    this.#line ??= { bus: this.#bus, onError: this.#onError, refuse: this.#refuse, isLost: false };
    const { sender = "" } = call;
    if (this.#limit.reached(sender)) {
      void this.#senders.watch();
      this.#answer(call).refuse(this.#limit.refusal);
    } else if (this.#turns.isLate(sender)) this.#wait(call, sender);
    else {
      const run = this.#prepare(call, this.#answer(call));
      if (run !== undefined) this.#turns.run(sender, run);
    }
  }

  /** The connection is lost: nobody is left to answer. */
  lost(): void {
    if (this.#line !== undefined) this.#line.isLost = true;
    this.#line = undefined;
    this.#limit.forgetAll();
    this.#turns.clear();
    this.#senders?.leaveAll();
  }

  #answer(call: Message): Reply {
    if (this.#line === undefined || this.#senders === undefined) throw new Error("there is no connection");
    return new Reply(this.#line, call, new IncomingCall(call, this.#senders, this.#line));
  }

  /** Keeps a call until its turn. What it means is looked up only then: calls before it may make or end its object. */
  #wait(call: Message, sender: string): void {
    if (this.#limit.bytesReached(sender)) {
      this.#answer(call).refuse(this.#limit.bytesRefusal);
      return;
    }
    const kept = copyMessage(call);
    const answer = this.#answer(kept);
    const end = this.#limit.begin(sender, kept.bytes.length);
    const turn = (): void => {
      end();
      try {
        this.#prepare(kept, answer)?.();
      } catch (error) {
        if (!(error instanceof MalformedMessageError)) throw error;
        answer.refuse(new InvalidArgsError(error.message));
      }
    };
    this.#turns.wait(sender, turn, () => answer.abandon());
  }

  /**
   * Finds out what a call means; answers where it means nothing. Throws MalformedMessageError when its arguments are not
   * what its signature says.
   *
   * @returns What runs its handler.
   */
  #prepare(call: Message, answer: Reply): (() => void) | undefined {
    const object = this.#object(call, answer);
    const method = object && methodOf(object, call, answer);
    const args = method && argumentsOf(call, method.member, answer);
    if (object === undefined || method === undefined || args === undefined) return undefined;
    return () => this.#run(answer, object, method, args);
  }

  /** The object that a call means; answers where there is none. */
  #object(call: Message, answer: Reply): ObjectView | undefined {
    const { path = "/", interface: interfaceName } = call;
    // Peer is about the connection, so it answers at every path.
    if (interfaceName === Peer.name) return everywhere(path);
    try {
      const object = this.#tree.at(path);
      if (object === undefined) answer.refuseUnknown(new UnknownObjectError(`there is no object at ${path}`));
      return object;
    } catch (error) {
      answer.thrown(error);
      return undefined;
    }
  }

  /** Runs a handler and answers: in the same turn where it did not return a promise. */
  #run(answer: Reply, object: ObjectView, method: FoundMethod, args: readonly unknown[]): void {
    const { member } = method;
    let result: unknown;
    let takesTime: boolean;
    try {
      result = invoke(object, method, args, answer);
      takesTime = isThenable(result);
    } catch (error) {
      answer.thrown(error);
      return;
    }
    if (!takesTime) {
      answer.result(member, result);
      return;
    }
    const end = this.#limit.begin(answer.incoming.sender);
    Promise.resolve(result).then(
      (value) => {
        end();
        answer.result(member, value);
      },
      (error: unknown) => {
        end();
        answer.thrown(error);
      },
    );
  }
}

function methodOf(object: ObjectView, call: Message, answer: Reply): FoundMethod | undefined {
  const found = findMethod(object, call);
  if (found instanceof DBusError) {
    answer.refuseUnknown(found);
    return undefined;
  }
  if (found.member.contract.noReply) answer.silence();
  return found;
}

function argumentsOf(call: Message, member: MethodMember, answer: Reply): readonly unknown[] | undefined {
  try {
    return decodeBody(call, member.in, call.descriptors);
  } catch (error) {
    if (!(error instanceof MissingDescriptorError)) {
      answer.abandon();
      throw error;
    }
    answer.refuse(new InvalidArgsError(error.message));
    return undefined;
  }
}

function everywhere(path: string): ObjectView {
  return { path, interfaces: new Map(), standard: STANDARD_CONTRACTS, children: () => [], below: () => [] };
}

function handle(path: string, end: () => void): ServedObject {
  let closed = false;
  const close = async (): Promise<void> => {
    if (!closed) end();
    closed = true;
  };
  return { path, close, [Symbol.asyncDispose]: close };
}
