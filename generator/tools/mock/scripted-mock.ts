import { setTimeout as sleep } from "node:timers/promises";
import { type Bus, DBusError, type Incoming, type ServedObject } from "@dbus-codegen-ts/runtime";
import type { Method, Type } from "../../compiler/resolve/ir.ts";
import { isStandardInterface } from "../../compiler/resolve/standard-interfaces.ts";
import { contractOf, memberKey } from "./contract.ts";
import { defaultValue } from "./defaults.ts";
import { MockService } from "./mock-service.ts";
import { toJson } from "./recorded-json.ts";
import type { Emission, ScriptedInterface, ScriptedObject, ScriptedReply } from "./script.ts";

/** A call to a mock, with values in the JSON form that mock scripts accept. */
export interface RecordedCall {
  readonly sender: string;
  readonly path: string;
  readonly interface: string;
  /** The method that was called; absent if a property was set. */
  readonly method?: string;
  /** The property that was set. */
  readonly property?: string;
  /** Arguments of the method, or the value of the property. */
  readonly args: readonly unknown[];
  readonly reply?: unknown;
  /** Name of the error reply. */
  readonly error?: string;
}

type RecordFunction = (call: RecordedCall) => void;

/** Objects of a mock script that are served on a bus. Disposal ends their service and emissions. */
export class ScriptedMock implements AsyncDisposable {
  readonly #served: ServedObject[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();

  /**
   * Serves objects on a bus.
   * @param record - Called with each method call after its reply is decided, and with each property that is set.
   */
  static async serve(
    bus: Bus,
    objects: readonly ScriptedObject[],
    record: RecordFunction = () => undefined,
  ): Promise<ScriptedMock> {
    const mock = new ScriptedMock();
    for (const { path, interfaces } of objects) {
      // Every object serves the standard interfaces as the D-Bus specification defines them.
      const own = interfaces.filter(({ spec }) => !isStandardInterface(spec.name));
      const services = own.map((script) => mock.#service(script, record));
      mock.#served.push(await bus.serve(path, ...services));
    }
    return mock;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const served of this.#served) await served.close();
  }

  #service(script: ScriptedInterface, record: RecordFunction): MockService {
    const player = new ScriptPlayer(script, record);
    for (const { afterMs, everyMs, ...emission } of script.emissions) {
      const start = setTimeout(() => {
        player.emit(emission);
        if (everyMs !== undefined) this.#timers.add(setInterval(() => player.emit(emission), everyMs));
      }, afterMs);
      this.#timers.add(start);
    }
    return player.service;
  }
}

/** Executes the script of one interface. */
class ScriptPlayer {
  readonly service: MockService;
  readonly #script: ScriptedInterface;
  readonly #record: RecordFunction;
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #callCounts = new Map<string, number>();

  constructor(script: ScriptedInterface, record: RecordFunction) {
    this.#script = script;
    this.#record = record;
    this.#methods = new Map(script.spec.methods.map((method) => [memberKey(method.name, method.in), method]));
    const enumDefaults = script.spec.properties.flatMap(({ name, type }) => {
      const value = firstEnumValue(type);
      return value === undefined ? [] : [[name, value] as const];
    });
    const values = { ...Object.fromEntries(enumDefaults), ...script.properties };
    this.service = new MockService(contractOf(script.spec), values, {
      call: (key, args, incoming) => this.#call(key, args, incoming),
      beforeSet: (property, value, incoming) => this.#recordCall(incoming, { property, args: [toJson(value)] }),
    });
  }

  emit({ signal, args }: Emission): void {
    this.service.signals[signal]?.(...args);
  }

  async #call(key: string, args: readonly unknown[], incoming: Incoming): Promise<unknown> {
    const scripted = this.#nextReply(key);
    const call = { method: incoming.member, args: args.map(toJson) };
    if (scripted !== undefined && scripted.delayMs > 0) await sleep(scripted.delayMs);
    Object.assign(this.service.properties, scripted?.set);
    for (const emission of scripted?.emit ?? []) this.emit(emission);
    if (scripted?.error !== undefined) {
      this.#recordCall(incoming, { ...call, error: scripted.error.name });
      throw new DBusError(scripted.error.name, scripted.error.message);
    }
    const result = scripted?.result === undefined ? this.#defaultResult(key) : scripted.result.value;
    this.#recordCall(incoming, { ...call, ...(result !== undefined && { reply: toJson(result) }) });
    return result;
  }

  /** Returns the reply for this call of a method. The last reply of the script is repeated. */
  #nextReply(key: string): ScriptedReply | undefined {
    const replies = this.#script.replies.get(key) ?? [];
    const count = this.#callCounts.get(key) ?? 0;
    this.#callCounts.set(key, count + 1);
    return replies[Math.min(count, replies.length - 1)];
  }

  #defaultResult(key: string): unknown {
    const values =
      this.#methods.get(key)?.out.map(({ type }) => firstEnumValue(type) ?? defaultValue(type.signature)) ?? [];
    return values.length > 1 ? values : values[0];
  }

  #recordCall({ sender, path }: Incoming, call: Omit<RecordedCall, "sender" | "path" | "interface">): void {
    this.#record({ sender, path, interface: this.#script.spec.name, ...call });
  }
}

/** Returns the first value of an enum, which need not contain 0, or undefined for another type. */
function firstEnumValue(type: Type): unknown {
  if (type.kind !== "named") return undefined;
  if (type.type.kind === "enum") return type.type.values[0]?.value;
  return type.type.kind === "simple" ? firstEnumValue(type.type.type) : undefined;
}
