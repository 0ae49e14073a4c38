import { setTimeout as sleep } from "node:timers/promises";
import { type Bus, DBusError } from "@dbus-codegen-ts/runtime";
import type { Interface, Method, Type } from "../../compiler/resolve/ir.ts";
import { isStandardInterface } from "../../compiler/resolve/standard-interfaces.ts";
import { contractOf, memberKey } from "./contract.ts";
import { defaultValue } from "./defaults.ts";
import { MockObjects } from "./mock-objects.ts";
import { MockService } from "./mock-service.ts";
import { type RecordedCall, recordedCall } from "./observed-call.ts";
import type { Emission, ScriptedInterface, ScriptedObject, ScriptedReply } from "./script.ts";

/**
 * The objects of a mock script, served on a bus. Disposing of the mock removes the objects and stops their timed
 * signals.
 */
export class ScriptedMock implements AsyncDisposable {
  /** The served objects. */
  readonly objects: MockObjects;
  readonly #timers = new Set<NodeJS.Timeout>();

  private constructor(objects: MockObjects) {
    this.objects = objects;
  }

  /**
   * Serves objects on a bus.
   * @param record - Called with each method call after its reply is decided, and with each property that is set.
   */
  static async serve(
    bus: Bus,
    objects: readonly ScriptedObject[],
    record: (call: RecordedCall) => void = () => undefined,
  ): Promise<ScriptedMock> {
    const mock = new ScriptedMock(new MockObjects(bus, (call) => record(recordedCall(call))));
    for (const object of objects) await mock.#add(object);
    return mock;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await this.objects[Symbol.asyncDispose]();
  }

  async #add({ path, interfaces, isManager }: ScriptedObject): Promise<void> {
    // Every object serves the standard interfaces as the D-Bus specification defines them.
    const own = interfaces.filter(({ spec }) => !isStandardInterface(spec.name));
    if (isManager) await this.objects.addManager(path);
    const players = own.map((script) => new ScriptPlayer(script));
    await this.objects.serve(
      path,
      players.map(({ service }) => service),
    );
    for (const [index, player] of players.entries()) this.#schedule(player, own[index]?.emissions ?? []);
  }

  #schedule(player: ScriptPlayer, emissions: ScriptedInterface["emissions"]): void {
    for (const { afterMs, everyMs, ...emission } of emissions) {
      const start = setTimeout(() => {
        player.emit(emission);
        if (everyMs !== undefined) this.#timers.add(setInterval(() => player.emit(emission), everyMs));
      }, afterMs);
      this.#timers.add(start);
    }
  }
}

/** Returns a mock that serves an interface and replies to each call with default values. */
export function unscriptedService(spec: Interface, properties: Readonly<Record<string, unknown>>): MockService {
  return new ScriptPlayer({ spec, properties, replies: new Map(), emissions: [] }).service;
}

/** Executes the script of one interface. */
class ScriptPlayer {
  readonly service: MockService;
  readonly #script: ScriptedInterface;
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #callCounts = new Map<string, number>();

  constructor(script: ScriptedInterface) {
    this.#script = script;
    this.#methods = new Map(script.spec.methods.map((method) => [memberKey(method.name, method.in), method]));
    const enumDefaults = script.spec.properties.flatMap(({ name, type }) => {
      const value = firstEnumValue(type);
      return value === undefined ? [] : [[name, value] as const];
    });
    const values = { ...Object.fromEntries(enumDefaults), ...script.properties };
    this.service = new MockService(contractOf(script.spec), values, {
      call: (key) => this.#call(key),
      beforeSet: () => undefined,
    });
  }

  emit({ signal, args }: Emission): void {
    this.service.signals[signal]?.(...args);
  }

  async #call(key: string): Promise<unknown> {
    const scripted = this.#nextReply(key);
    if (scripted !== undefined && scripted.delayMs > 0) await sleep(scripted.delayMs);
    Object.assign(this.service.properties, scripted?.set);
    for (const emission of scripted?.emit ?? []) this.emit(emission);
    if (scripted?.error !== undefined) throw new DBusError(scripted.error.name, scripted.error.message);
    return scripted?.result === undefined ? this.#defaultResult(key) : scripted.result.value;
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
}

/** Returns the first value of an enum, which need not contain 0, or undefined for another type. */
function firstEnumValue(type: Type): unknown {
  if (type.kind !== "named") return undefined;
  if (type.type.kind === "enum") return type.type.values[0]?.value;
  return type.type.kind === "simple" ? firstEnumValue(type.type.type) : undefined;
}
