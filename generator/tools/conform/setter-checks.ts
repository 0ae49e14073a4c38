import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { Variant } from "@dbus-codegen-ts/runtime";
import type { EnumType, Interface, Property, Type } from "../../compiler/resolve/ir.ts";
import { type CheckedObject, callProblem, describeError } from "./checked-object.ts";
import type { CheckSubject, Recorder } from "./report.ts";
import type { SignalMonitor } from "./signal-monitor.ts";

/** Number of times that the signal monitor is polled for a change. */
const POLL_COUNT = 10;

/** Checks that set writable properties. */
export class SetterChecks {
  readonly #object: CheckedObject;
  readonly #monitor: SignalMonitor;
  readonly #recorder: Recorder;
  readonly #settle: number;

  /** @param settle - Milliseconds within which a change must be reported by a signal. */
  constructor(object: CheckedObject, monitor: SignalMonitor, recorder: Recorder, settle: number) {
    this.#object = object;
    this.#monitor = monitor;
    this.#recorder = recorder;
    this.#settle = settle;
  }

  /** Sets each property that can be read and written to its current value. */
  async setCurrentValues(spec: Interface): Promise<void> {
    for (const property of spec.properties) {
      const value = await this.#readValue(spec, property);
      if (value === undefined) continue;
      const outcome = await this.#object.outcome(this.#set(spec, property, value));
      const problem = "error" in outcome ? callProblem(outcome.error) : undefined;
      const isText = typeof problem === "string";
      this.#recorder.expect(
        "set",
        subjectOf(spec, property),
        isText ? `its current value is rejected: ${problem}` : problem,
      );
    }
  }

  /** Sets each property that can be read and written to another value, and then back to its current value. */
  async setOtherValues(spec: Interface): Promise<void> {
    for (const property of spec.properties) {
      const value = await this.#readValue(spec, property);
      if (value === undefined) continue;
      const other = otherValue(property.type, value.value);
      if (other === undefined)
        this.#recorder.skip("set", subjectOf(spec, property), "the check knows no other value of its type");
      else await this.#setAndRestore(spec, property, value, new Variant(property.type.signature, other));
    }
  }

  async #setAndRestore(spec: Interface, property: Property, before: Variant, other: Variant): Promise<void> {
    const subject = subjectOf(spec, property);
    const reportCount = this.#monitor.reportCount(property);
    const outcome = await this.#object.outcome(this.#set(spec, property, other));
    if ("error" in outcome) {
      this.#recorder.skip("set", subject, `another value is rejected: ${describeError(outcome.error)}`);
      return;
    }
    try {
      const now = await this.#readValue(spec, property);
      const isChanged = now !== undefined && !isDeepStrictEqual(now, before);
      const problem = isChanged ? undefined : "another value is accepted, but the property keeps its value";
      this.#recorder.expect("set", subject, problem);
      if (isChanged) await this.#expectReport(subject, property, reportCount);
    } finally {
      const restored = await this.#object.outcome(this.#set(spec, property, before));
      if ("error" in restored)
        this.#recorder.fail("set", subject, `its original value is rejected: ${describeError(restored.error)}`);
    }
  }

  async #expectReport(subject: CheckSubject, property: Property, countBefore: number): Promise<void> {
    const isPromised = property.emits === "true" || property.emits === "invalidates";
    for (let poll = 0; poll < POLL_COUNT; poll++) {
      if (isPromised && this.#monitor.reportCount(property) > countBefore) break;
      await sleep(this.#settle / POLL_COUNT);
    }
    // The monitor records signals that EmitsChangedSignal excludes.
    if (!isPromised) return;
    const isReported = this.#monitor.reportCount(property) > countBefore;
    this.#recorder.expect("unannounced", subject, isReported ? undefined : "it was changed, but no signal reported it");
  }

  /** Returns the current value of a property that can be read and written, or undefined if Get returns no value of its type. */
  async #readValue(spec: Interface, property: Property): Promise<Variant | undefined> {
    if (property.access !== "readwrite") return undefined;
    const outcome = await this.#object.outcome(this.#object.properties.get(spec.name, property.name));
    return "value" in outcome && outcome.value.signature === property.type.signature ? outcome.value : undefined;
  }

  #set({ name }: Interface, property: Property, value: Variant): Promise<void> {
    return this.#object.properties.set(name, property.name, value);
  }
}

function subjectOf({ name }: Interface, property: Property): CheckSubject {
  return { interface: name, member: property.name, span: property.span };
}

/** Returns another value of a type that the service is likely to accept, or undefined if no such value is known. */
function otherValue(type: Type, value: unknown): unknown {
  if (type.kind === "named" && (type.type.kind === "enum" || type.type.kind === "flags"))
    return otherEnumValue(type.type, value);
  if (type.kind === "named") return type.type.kind === "simple" ? otherValue(type.type.type, value) : undefined;
  if (type.signature === "s") return `${value}x`;
  // A made-up object path, signature or file descriptor refers to nothing.
  if (type.kind !== "basic" || "ogh".includes(type.code)) return undefined;
  if (typeof value === "boolean") return !value;
  if (typeof value === "bigint") return value > 0n ? value - 1n : value + 1n;
  if (typeof value !== "number") return undefined;
  // A smaller value with the same sign is most likely to be in the range of the property.
  if (type.signature === "d") return value === 0 ? 1 : value / 2;
  return value > 0 ? value - 1 : value + 1;
}

function otherEnumValue({ values }: EnumType, value: unknown): unknown {
  return values.find((member) => member.value !== value)?.value;
}
