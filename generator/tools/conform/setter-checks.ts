import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { Variant } from "@dbus-codegen-ts/runtime";
import type { EnumType, Interface, Property, Type } from "../../compiler/resolve/ir.ts";
import { describeError, type Probe } from "./checked-object.ts";
import type { Recorder, Subject } from "./report.ts";
import type { Watch } from "./signal-monitor.ts";

/** How often it is looked whether an announcement has come, until time is up. */
const LOOKS = 10;

/** Sets properties that can be set, and sees what is said of it. */
export class Exercise {
  readonly #probe: Probe;
  readonly #watch: Watch;
  readonly #recorder: Recorder;
  readonly #settle: number;

  /** @param settle - Milliseconds in which a change must be announced. */
  constructor(probe: Probe, watch: Watch, recorder: Recorder, settle: number) {
    this.#probe = probe;
    this.#watch = watch;
    this.#recorder = recorder;
    this.#settle = settle;
  }

  /** Sets each property that can be read and written to the value that it has. */
  async present(spec: Interface): Promise<void> {
    for (const property of spec.properties) {
      const value = await this.#value(spec, property);
      if (value === undefined) continue;
      const set = await this.#probe.outcome(this.#set(spec, property, value));
      const fault = "error" in set ? `its own value is refused: ${describeError(set.error)}` : undefined;
      this.#recorder.expect("set", subjectOf(spec, property), fault);
    }
  }

  /** Sets each to another value and back. */
  async change(spec: Interface): Promise<void> {
    for (const property of spec.properties) {
      const value = await this.#value(spec, property);
      if (value === undefined) continue;
      const other = otherValue(property.type, value.value);
      if (other === undefined)
        this.#recorder.skip("set", subjectOf(spec, property), "no other value of its type can be made up");
      else await this.#changeOne(spec, property, value, new Variant(property.type.signature, other));
    }
  }

  async #changeOne(spec: Interface, property: Property, before: Variant, other: Variant): Promise<void> {
    const subject = subjectOf(spec, property);
    const announced = this.#watch.announcements(property);
    const set = await this.#probe.outcome(this.#set(spec, property, other));
    if ("error" in set) {
      this.#recorder.skip("set", subject, `another value is refused: ${describeError(set.error)}`);
      return;
    }
    try {
      const now = await this.#value(spec, property);
      const hasTaken = now !== undefined && !isDeepStrictEqual(now, before);
      this.#recorder.expect("set", subject, hasTaken ? undefined : "another value is taken, and nothing changes");
      if (hasTaken) await this.#expectAnnounced(subject, property, announced);
    } finally {
      const restored = await this.#probe.outcome(this.#set(spec, property, before));
      if ("error" in restored)
        this.#recorder.fail("set", subject, `its first value is refused afterwards: ${describeError(restored.error)}`);
    }
  }

  async #expectAnnounced(subject: Subject, property: Property, before: number): Promise<void> {
    const isPromised = property.emits === "true" || property.emits === "invalidates";
    for (let look = 0; look < LOOKS; look++) {
      if (isPromised && this.#watch.announcements(property) > before) break;
      await sleep(this.#settle / LOOKS);
    }
    // What is announced against the promise is found by the watch.
    if (!isPromised) return;
    const fault =
      this.#watch.announcements(property) > before ? undefined : "it was changed, and no signal has said so";
    this.#recorder.expect("unannounced", subject, fault);
  }

  /** The present value of a property that can be read and written. */
  async #value(spec: Interface, property: Property): Promise<Variant | undefined> {
    if (property.access !== "readwrite") return undefined;
    const got = await this.#probe.outcome(this.#probe.properties.get(spec.name, property.name));
    return "value" in got && got.value.signature === property.type.signature ? got.value : undefined;
  }

  #set({ name }: Interface, property: Property, value: Variant): Promise<void> {
    return this.#probe.properties.set(name, property.name, value);
  }
}

function subjectOf({ name }: Interface, property: Property): Subject {
  return { interface: name, member: property.name, span: property.span };
}

/** Another value of a type; undefined where none is near enough to be taken. */
function otherValue(type: Type, value: unknown): unknown {
  if (type.kind === "named" && (type.type.kind === "enum" || type.type.kind === "flags"))
    return otherOf(type.type, value);
  if (type.kind === "named") return type.type.kind === "simple" ? otherValue(type.type.type, value) : undefined;
  if (type.signature === "s") return `${value}x`;
  // Paths and signatures mean something that a made-up one does not.
  if (type.kind !== "basic" || "ogh".includes(type.code)) return undefined;
  if (typeof value === "boolean") return !value;
  if (typeof value === "bigint") return value > 0n ? value - 1n : value + 1n;
  if (typeof value !== "number") return undefined;
  // Smaller values of the same sign are those that a range is most likely to have.
  if (type.signature === "d") return value === 0 ? 1 : value / 2;
  return value > 0 ? value - 1 : value + 1;
}

function otherOf({ values }: EnumType, value: unknown): unknown {
  return values.find((one) => one.value !== value)?.value;
}
