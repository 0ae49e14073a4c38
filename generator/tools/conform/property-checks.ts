import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { AccessDeniedError, type DBusError, Variant } from "@dbus-codegen-ts/runtime";
import type { Interface, Property } from "../../compiler/resolve/ir.ts";
import { describeError, type Probe, type Values } from "./checked-object.ts";
import { quote, type Recorder, type Subject } from "./report.ts";
import { refusal } from "./standard-checks.ts";
import { faultOf } from "./value-problem.ts";

/** How often a value that changes while it is read is read again. */
const ATTEMPTS = 3;
const SET_REFUSED = ["PropertyReadOnly", "AccessDenied", "InvalidArgs", "NotSupported"];
const GET_REFUSED = ["AccessDenied", "InvalidArgs", "NotSupported", "UnknownProperty"];

/** Checks the properties of one interface, and changes none of them. */
export class PropertyChecks {
  readonly #probe: Probe;
  readonly #spec: Interface;
  readonly #recorder: Recorder;
  #first: Values | undefined;

  constructor(probe: Probe, spec: Interface, recorder: Recorder) {
    this.#probe = probe;
    this.#spec = spec;
    this.#recorder = recorder;
  }

  async run(): Promise<void> {
    if (this.#spec.properties.length === 0) return;
    const all = await this.#probe.outcome(this.#probe.properties.getAll(this.#spec.name));
    if ("error" in all) this.#noValues(all.error);
    else this.#checkAll(all.value);
    for (const property of this.#spec.properties) {
      if (this.#probe.isSilent) this.#recorder.skip("get", this.#subject(property), "the service does not answer");
      else await this.#checkOne(property);
    }
  }

  /** Reads everything once more: what must stay has stayed, and what else has changed was told. */
  async again(announced: (property: Property) => boolean, settle: number): Promise<void> {
    const before = this.#first;
    if (before === undefined || this.#probe.isSilent) return;
    const all = await this.#probe.outcome(this.#probe.properties.getAll(this.#spec.name));
    if ("error" in all) return;
    const changes: Property[] = [];
    for (const property of this.#spec.properties) {
      const [then, now] = [before[property.name], all.value[property.name]];
      if (then === undefined || now === undefined) continue;
      const changed = !isDeepStrictEqual(then, now);
      const isConstant = property.emits === "const";
      if (isConstant) this.#expect("constant", property, changed ? "its value has changed" : undefined);
      else if (changed && property.emits !== "false") changes.push(property);
    }
    if (changes.every(announced)) return;
    // What has changed just now may be announced a little later.
    await sleep(settle);
    for (const property of changes.filter((one) => !announced(one)))
      this.#recorder.fail("unannounced", this.#subject(property), "its value has changed, and no signal has said so");
  }

  #noValues(error: DBusError): void {
    this.#recorder.fail("get-all", this.#whole, describeError(error));
  }

  #checkAll(values: Values): void {
    this.#first = values;
    this.#recorder.pass("get-all", this.#whole);
    const known = new Map(this.#spec.properties.map((property) => [property.name, property]));
    for (const name of Object.keys(values)) {
      const property = known.get(name);
      if (property === undefined)
        this.#recorder.fail("get-all-extra", { ...this.#whole, member: name }, "GetAll gives it, and no spec knows it");
      else if (property.access === "write")
        this.#recorder.fail("write-only", this.#subject(property), "GetAll gives it, though it can only be written");
    }
    for (const property of this.#spec.properties) {
      if (property.access === "write") continue;
      const value = values[property.name];
      this.#expect("get-all-missing", property, value === undefined ? "GetAll does not give it" : undefined);
      if (value !== undefined) this.#checkValue(property, value);
    }
  }

  #checkValue(property: Property, value: unknown): void {
    const fault = faultOf(property, value);
    if (fault === undefined) this.#recorder.pass("value-type", this.#subject(property));
    else this.#recorder.fail(fault.check, this.#subject(property), fault.message);
  }

  async #checkOne(property: Property): Promise<void> {
    if (property.access === "write") await this.#checkUnreadable(property);
    else await this.#checkReadable(property);
    if (property.access === "read") await this.#checkReadOnly(property);
  }

  async #checkUnreadable(property: Property): Promise<void> {
    const fault = await refusal(this.#probe, this.#probe.properties.get(this.#spec.name, property.name), GET_REFUSED);
    this.#expect("write-only", property, fault);
  }

  async #checkReadable(property: Property): Promise<void> {
    const got = await this.#probe.outcome(this.#probe.properties.get(this.#spec.name, property.name));
    if ("error" in got && got.error instanceof AccessDeniedError) {
      this.#recorder.skip("get", this.#subject(property), "the service does not let this caller read it");
      return;
    }
    this.#expect("get", property, "error" in got ? describeError(got.error) : undefined);
    if ("error" in got) return;
    this.#checkValue(property, got.value);
    await this.#checkAgrees(property);
  }

  /** Get between two GetAll that agree says the same, or lies. */
  async #checkAgrees(property: Property): Promise<void> {
    const { properties } = this.#probe;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const [before, got, after] = [
        await this.#probe.outcome(properties.getAll(this.#spec.name)),
        await this.#probe.outcome(properties.get(this.#spec.name, property.name)),
        await this.#probe.outcome(properties.getAll(this.#spec.name)),
      ];
      if ("error" in before || "error" in got || "error" in after) return;
      const [first, last] = [before.value[property.name], after.value[property.name]];
      if (first === undefined || !isDeepStrictEqual(first, last)) continue;
      const fault = isDeepStrictEqual(got.value, first)
        ? undefined
        : `Get gives ${show(got.value)}, GetAll ${show(first)}`;
      this.#expect("get-agrees", property, fault);
      return;
    }
    this.#recorder.skip("get-agrees", this.#subject(property), "the value changes all the time");
  }

  /** Sets it to the value that it has: where that is not refused, at least nothing has changed. */
  async #checkReadOnly(property: Property): Promise<void> {
    const value = this.#first?.[property.name];
    if (!(value instanceof Variant)) {
      this.#recorder.skip("read-only", this.#subject(property), "its value is not known");
      return;
    }
    const fault = await refusal(
      this.#probe,
      this.#probe.properties.set(this.#spec.name, property.name, value),
      SET_REFUSED,
    );
    this.#expect("read-only", property, fault);
  }

  #expect(check: Parameters<Recorder["expect"]>[0], property: Property, fault: string | undefined): void {
    this.#recorder.expect(check, this.#subject(property), fault);
  }

  #subject({ name, span }: Property): Subject {
    return { interface: this.#spec.name, member: name, span };
  }

  get #whole(): Subject {
    return { interface: this.#spec.name, span: this.#spec.span };
  }
}

/** A value in a few characters. */
function show({ value }: Variant): string {
  const text = JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner));
  return quote(text ?? String(value));
}
