import type { MessageBus } from "../bus/message-bus.ts";
import type { InterfaceContract } from "../contract.ts";
import type { ErrorHook } from "../hooks.ts";
import {
  DisconnectedError,
  InvalidArgsError,
  UnknownInterfaceError,
  UnknownMethodError,
  UnknownObjectError,
} from "../standard-errors.ts";
import { compileArguments } from "../wire/arguments.ts";
import { codecOf } from "../wire/compile.ts";
import { MissingDescriptorError } from "../wire/faults.ts";
import { type Message, readBody } from "../wire/message.ts";
import { Answer } from "./answer.ts";
import type { Incoming } from "./incoming.ts";
import { type MethodMember, membersOf } from "./members.ts";
import { ObjectTree, type ServedInterface } from "./objects.ts";
import type { AnyService } from "./service.ts";
import { Peer, Properties, STANDARD_CONTRACTS } from "./standard.ts";
import { type ObjectView, PreparedReply, propertyValuesCodec, STANDARD_HANDLERS } from "./standard-handlers.ts";
import type { Announcer } from "./state.ts";

/** Services at a path, until closed. */
export interface ServedObject extends AsyncDisposable {
  readonly path: string;
  /** Ends serving them; later calls get UnknownObject or UnknownInterface. */
  close(): Promise<void>;
}

/** One interface of an object, standard or served, as calls reach it. */
interface CallableInterface {
  readonly contract: InterfaceContract;
  readonly invoke: (member: MethodMember, args: readonly unknown[], incoming: Incoming) => unknown;
}

interface CallableMethod {
  readonly target: CallableInterface;
  readonly member: MethodMember;
}

/** Serves objects on a bus: brings each call to its handler and its one answer back. */
export class ObjectServer {
  readonly #tree = new ObjectTree();
  readonly #onError: ErrorHook;

  constructor(onError: ErrorHook) {
    this.#onError = onError;
  }

  /** Serves services at a path, all or none. */
  serve(bus: MessageBus, path: string, services: readonly AnyService[]): ServedObject {
    const served = this.#tree.add(path, services);
    const announcers = served.map((one) => this.#announce(bus, path, one));
    const close = async (): Promise<void> => {
      this.#tree.remove(path, served);
      served.forEach(({ state }, index) => {
        const announcer = announcers[index];
        if (announcer !== undefined) state.unserveAt(announcer);
      });
    };
    return { path, close, [Symbol.asyncDispose]: close };
  }

  /** Takes a call. Throws MalformedMessageError when its arguments are not what its signature says. */
  handle(call: Message, bus: MessageBus): void {
    const answer = new Answer(bus, call, this.#onError);
    const found = this.#find(call);
    if (found instanceof Error) {
      answer.error(found);
      return;
    }
    const { member, target } = found;
    if (member.contract.noReply) answer.silence();
    let args: unknown[];
    try {
      args = readBody(call, member.in);
    } catch (error) {
      if (!(error instanceof MissingDescriptorError)) throw error;
      answer.error(new InvalidArgsError(error.message));
      return;
    }
    run(answer, member, () => target.invoke(member, args, answer.incoming));
  }

  #find(
    call: Message,
  ): CallableMethod | UnknownObjectError | UnknownInterfaceError | UnknownMethodError | InvalidArgsError {
    const { path = "/", interface: interfaceName, member = "" } = call;
    const interfaces = this.#tree.at(path);
    // Peer is about the connection, so it answers at every path.
    if (interfaces === undefined && interfaceName !== Peer.name)
      return new UnknownObjectError(`there is no object at ${path}`);
    const view: ObjectView = { path, interfaces: interfaces ?? new Map(), children: () => this.#tree.childrenOf(path) };
    const candidates = callable(view, interfaceName);
    if (interfaceName !== undefined && candidates.length === 0) {
      return new UnknownInterfaceError(`${path} has no interface ${interfaceName}`);
    }
    const having = candidates.filter(({ contract }) => membersOf(contract).methods.has(member));
    const [target, ...others] = having;
    if (target === undefined) return new UnknownMethodError(`${interfaceName ?? path} has no method ${member}`);
    if (others.length > 0)
      return new UnknownMethodError(`several interfaces of ${path} have a method ${member}: name one`);
    return selectOverload(target, call);
  }

  #announce(bus: MessageBus, path: string, { state }: ServedInterface): Announcer {
    const { name } = state.contract;
    const announcer: Announcer = {
      emit(signal, args) {
        emitUnlessClosed(() =>
          bus.emit({ path, interface: name, member: signal.contract.name, codec: signal.args, args }),
        );
      },
      announce: (changed, invalidated) => {
        const codec = compileArguments([
          ["interface", codecOf("s")],
          ["changed", propertyValuesCodec(changed)],
          ["invalidated", codecOf("as")],
        ]);
        const { name: member } = Properties.signals.propertiesChanged;
        try {
          const args = [name, changed, invalidated];
          emitUnlessClosed(() => bus.emit({ path, interface: Properties.name, member, codec, args }));
        } catch (error) {
          this.#onError(error, { kind: "announcement", path, interface: name });
        }
      },
    };
    state.serveAt(announcer);
    return announcer;
  }
}

function callable(view: ObjectView, interfaceName: string | undefined): readonly CallableInterface[] {
  const all: CallableInterface[] = [];
  for (const { service, state } of view.interfaces.values()) {
    const invoke = (member: MethodMember, args: readonly unknown[], incoming: Incoming): unknown =>
      invokeHandler(service, member, args, incoming);
    if (interfaceName === undefined || interfaceName === state.contract.name)
      all.push({ contract: state.contract, invoke });
  }
  for (const contract of STANDARD_CONTRACTS) {
    if (interfaceName !== undefined && interfaceName !== contract.name) continue;
    const invoke = (member: MethodMember, args: readonly unknown[], incoming: Incoming): unknown =>
      STANDARD_HANDLERS.get(`${contract.name}.${member.contract.name}`)?.(view, args, incoming);
    all.push({ contract, invoke });
  }
  return all;
}

function invokeHandler(
  service: AnyService,
  member: MethodMember,
  args: readonly unknown[],
  incoming: Incoming,
): unknown {
  const handler: unknown = Reflect.get(service, member.key);
  if (typeof handler !== "function") throw new TypeError(`the service has no method ${member.key}`);
  return Reflect.apply(handler, service, [...args, incoming]);
}

function selectOverload(target: CallableInterface, call: Message): CallableMethod | InvalidArgsError {
  const { member: name = "", signature } = call;
  const overloads = membersOf(target.contract).methods.get(name) ?? [];
  const member = overloads.find((overload) => overload.in.signature === signature);
  if (member !== undefined) return { target, member };
  const expected = overloads.map((overload) => `"${overload.in.signature}"`).join(" or ");
  return new InvalidArgsError(`${target.contract.name}.${name} takes ${expected}, got "${signature}"`);
}

/** Runs a handler and answers: in the same turn where it did not return a promise. */
function run(answer: Answer, member: MethodMember, handler: () => unknown): void {
  let result: unknown;
  try {
    result = handler();
  } catch (error) {
    answer.thrown(error);
    return;
  }
  if (!isThenable(result)) {
    answerWith(answer, member, result);
    return;
  }
  Promise.resolve(result).then(
    (value) => answerWith(answer, member, value),
    (error: unknown) => answer.thrown(error),
  );
}

function answerWith(answer: Answer, { contract, out }: MethodMember, result: unknown): void {
  if (result instanceof PreparedReply) answer.values(result.codec, result.values);
  else if (out.length === 0) answer.values(out, []);
  else if (out.length === 1) answer.values(out, [result]);
  else if (Array.isArray(result)) answer.values(out, result);
  else answer.thrown(new TypeError(`${contract.name} must return an array of ${out.length}`));
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** What nobody can hear any more is not an error of the one who says it. */
function emitUnlessClosed(emit: () => void): void {
  try {
    emit();
  } catch (error) {
    if (!(error instanceof DisconnectedError)) throw error;
  }
}
