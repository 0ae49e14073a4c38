import { setTimeout as sleep } from "node:timers/promises";
import { type Bus, DBusError, type Incoming, type ServedObject } from "@dbus-codegen-ts/runtime";
import type { Type } from "../../compiler/resolve/ir.ts";
import { contractOf, memberKey } from "./contract.ts";
import { defaultValue } from "./defaults.ts";
import { toJson } from "./recorded-json.ts";
import { MockService } from "./mock-service.ts";
import type { Answer, Emission, ScriptedInterface, ScriptedObject } from "./script.ts";

/** What came to a mock, as a line of a record: values as a file of values takes them. */
export interface Recorded {
  readonly sender: string;
  readonly path: string;
  readonly interface: string;
  /** The method, where one was called. */
  readonly method?: string;
  /** The property, where one was set. */
  readonly property?: string;
  /** Arguments of the method, or the value that was set. */
  readonly args: readonly unknown[];
  readonly reply?: unknown;
  /** Error name, where that was the answer. */
  readonly error?: string;
}

/** Objects that a script describes, on a bus until closed. */
export class ScriptedMock implements AsyncDisposable {
  readonly #served: ServedObject[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();

  /** @param record - Is told of each call once it is answered, and of each property that is set. */
  static async serve(
    bus: Bus,
    objects: readonly ScriptedObject[],
    record: (recorded: Recorded) => void = () => undefined,
  ): Promise<ScriptedMock> {
    const mock = new ScriptedMock();
    for (const { path, interfaces } of objects) {
      const services = interfaces.map((one) => mock.#service(one, record));
      mock.#served.push(await bus.serve(path, ...services));
    }
    return mock;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const served of this.#served) await served.close();
  }

  #service(script: ScriptedInterface, record: (recorded: Recorded) => void): MockService {
    const player = new Player(script, record);
    for (const { after, every, ...emission } of script.emissions) {
      const begin = setTimeout(() => {
        player.emit(emission);
        if (every !== undefined) this.#timers.add(setInterval(() => player.emit(emission), every));
      }, after);
      this.#timers.add(begin);
    }
    return player.service;
  }
}

/** Plays the script of one interface. */
class Player {
  readonly service: MockService;
  readonly #script: ScriptedInterface;
  readonly #record: (recorded: Recorded) => void;
  readonly #count = new Map<string, number>();

  constructor(script: ScriptedInterface, record: (recorded: Recorded) => void) {
    this.#script = script;
    this.#record = record;
    const first = script.spec.properties.flatMap(({ name, type }) => {
      const value = firstValue(type);
      return value === undefined ? [] : [[name, value] as const];
    });
    const values = { ...Object.fromEntries(first), ...script.properties };
    this.service = new MockService(contractOf(script.spec), values, {
      answer: (key, args, incoming) => this.#answer(key, args, incoming),
      beforeSet: (property, value, incoming) => this.#tell(incoming, { property, args: [toJson(value)] }),
    });
  }

  emit({ signal, args }: Emission): void {
    this.service.signals[signal]?.(...args);
  }

  async #answer(key: string, args: readonly unknown[], incoming: Incoming): Promise<unknown> {
    const answer = this.#next(key);
    const call = { method: incoming.member, args: args.map(toJson) };
    if (answer !== undefined && answer.delay > 0) await sleep(answer.delay);
    Object.assign(this.service.properties, answer?.set);
    for (const emission of answer?.emit ?? []) this.emit(emission);
    if (answer?.error !== undefined) {
      this.#tell(incoming, { ...call, error: answer.error.name });
      throw new DBusError(answer.error.name, answer.error.message);
    }
    const reply = answer?.reply === undefined ? this.#default(key) : answer.reply.value;
    this.#tell(incoming, { ...call, ...(reply !== undefined && { reply: toJson(reply) }) });
    return reply;
  }

  /** The answer whose turn it is; the last stays. */
  #next(key: string): Answer | undefined {
    const answers = this.#script.answers.get(key) ?? [];
    const count = this.#count.get(key) ?? 0;
    this.#count.set(key, count + 1);
    return answers[Math.min(count, answers.length - 1)];
  }

  #default(key: string): unknown {
    const method = this.#script.spec.methods.find((one) => key === memberKey(one.name, one.in));
    const values = method?.out.map(({ type }) => firstValue(type) ?? defaultValue(type.signature)) ?? [];
    return values.length > 1 ? values : values[0];
  }

  #tell({ sender, path }: Incoming, what: Omit<Recorded, "sender" | "path" | "interface">): void {
    this.#record({ sender, path, interface: this.#script.spec.name, ...what });
  }
}

/** The first value of an enumeration: 0 need not be one. */
function firstValue(type: Type): unknown {
  if (type.kind !== "named") return undefined;
  if (type.type.kind === "enum") return type.type.values[0]?.value;
  return type.type.kind === "simple" ? firstValue(type.type.type) : undefined;
}
