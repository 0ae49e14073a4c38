import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { AccessDeniedError, Variant } from "@dbus-codegen-ts/runtime";
import type { Interface, Property } from "../../compiler/resolve/ir.ts";
import { type CheckedObject, callProblem, type PropertyValues } from "./checked-object.ts";
import { type CheckName, type CheckSubject, type NotJudged, quote, type Recorder } from "./report.ts";
import { rejectionProblem } from "./standard-checks.ts";
import { describeUndeclaredKeys, findPropertyProblem } from "./value-problem.ts";

/** Number of times that a value is read if it changes while it is read. */
const MAX_ATTEMPTS = 3;
/** Errors with which Set may reject a read-only property. */
const SET_ERRORS = ["PropertyReadOnly", "AccessDenied", "InvalidArgs", "NotSupported"];
/** Errors with which Get may reject a write-only property. */
const GET_ERRORS = ["AccessDenied", "InvalidArgs", "NotSupported", "UnknownProperty"];

/** Checks of the properties of one interface that change no value. */
export class PropertyChecks {
  readonly #object: CheckedObject;
  readonly #spec: Interface;
  readonly #recorder: Recorder;
  #firstValues: PropertyValues | undefined;

  constructor(object: CheckedObject, spec: Interface, recorder: Recorder) {
    this.#object = object;
    this.#spec = spec;
    this.#recorder = recorder;
  }

  async run(): Promise<void> {
    if (this.#spec.properties.length === 0) return;
    const outcome = await this.#getAll();
    if ("error" in outcome) this.#recorder.expect("get-all", this.#interfaceSubject, callProblem(outcome.error));
    else this.#checkGetAll(outcome.value);
    for (const property of this.#spec.properties) {
      if (this.#object.isUnresponsive)
        this.#recorder.skip("get", this.#subject(property), "the service does not reply");
      else await this.#checkProperty(property);
    }
  }

  /**
   * Reads all properties a second time. Checks that constant properties kept their values, and that signals reported
   * all changes that EmitsChangedSignal promises to report.
   *
   * @param isReported - Returns whether a signal reported the property.
   * @param settle - Milliseconds within which a change must be reported.
   */
  async checkChanges(isReported: (property: Property) => boolean, settle: number): Promise<void> {
    const before = this.#firstValues;
    if (before === undefined || this.#object.isUnresponsive) return;
    const outcome = await this.#getAll();
    if ("error" in outcome) return;
    const changed: Property[] = [];
    for (const property of this.#spec.properties) {
      const [oldValue, newValue] = [before[property.name], outcome.value[property.name]];
      if (oldValue === undefined || newValue === undefined) continue;
      const isChanged = !isDeepStrictEqual(oldValue, newValue);
      if (property.emits === "const")
        this.#expect("constant", property, isChanged ? "its value has changed" : undefined);
      else if (isChanged && property.emits !== "false") changed.push(property);
    }
    if (changed.every(isReported)) return;
    // The signals of the latest changes may still arrive.
    await sleep(settle);
    for (const property of changed) {
      if (!isReported(property))
        this.#recorder.fail("unannounced", this.#subject(property), "its value has changed, but no signal reported it");
    }
  }

  #checkGetAll(values: PropertyValues): void {
    this.#firstValues = values;
    this.#recorder.pass("get-all", this.#interfaceSubject);
    const declared = new Map(this.#spec.properties.map((property) => [property.name, property]));
    for (const name of Object.keys(values)) {
      const property = declared.get(name);
      if (property === undefined) {
        const subject = { ...this.#interfaceSubject, member: name };
        this.#recorder.fail("get-all-extra", subject, "GetAll returns it, but no spec declares it");
      } else if (property.access === "write")
        this.#recorder.fail("write-only", this.#subject(property), "GetAll returns it, although it is write-only");
    }
    for (const property of this.#spec.properties) {
      if (property.access === "write") continue;
      const value = values[property.name];
      this.#expect("get-all-missing", property, value === undefined ? "GetAll does not return it" : undefined);
      if (value !== undefined) this.#checkValue(property, value);
    }
  }

  #checkValue(property: Property, value: unknown): void {
    const problem = findPropertyProblem(property, value);
    if (problem === undefined) this.#recorder.pass("value-type", this.#subject(property));
    else this.#recorder.fail(problem.check, this.#subject(property), problem.message);
    if (!this.#recorder.listsUndeclaredKeys || !(value instanceof Variant)) return;
    const undeclared = describeUndeclaredKeys(property.type, value.value);
    if (undeclared !== undefined) this.#recorder.skip("value-keys", this.#subject(property), undeclared);
  }

  async #checkProperty(property: Property): Promise<void> {
    if (property.access !== "write") await this.#checkReadable(property);
    else if (!this.#recorder.omits("write-only")) await this.#checkWriteOnly(property);
    if (property.access === "read" && !this.#recorder.omits("read-only")) await this.#checkReadOnly(property);
  }

  async #checkWriteOnly(property: Property): Promise<void> {
    this.#expect("write-only", property, await rejectionProblem(this.#object, this.#get(property), GET_ERRORS));
  }

  async #checkReadable(property: Property): Promise<void> {
    const outcome = await this.#object.outcome(this.#get(property));
    if ("error" in outcome && outcome.error instanceof AccessDeniedError) {
      this.#recorder.skip("get", this.#subject(property), "the service does not allow this caller to read it");
      return;
    }
    this.#expect("get", property, "error" in outcome ? callProblem(outcome.error) : undefined);
    if ("error" in outcome) return;
    this.#checkValue(property, outcome.value);
    await this.#checkGetAgrees(property);
  }

  /**
   * Compares Get with two calls of GetAll around it. If the replies of GetAll differ, the value changed in between and
   * all are read a second time.
   */
  async #checkGetAgrees(property: Property): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const [before, get, after] = [
        await this.#getAll(),
        await this.#object.outcome(this.#get(property)),
        await this.#getAll(),
      ];
      if ("error" in before || "error" in get || "error" in after) return;
      const [first, last] = [before.value[property.name], after.value[property.name]];
      if (first === undefined || !isDeepStrictEqual(first, last)) continue;
      const problem = isDeepStrictEqual(get.value, first)
        ? undefined
        : `Get returns ${printValue(get.value)}, GetAll ${printValue(first)}`;
      this.#expect("get-agrees", property, problem);
      return;
    }
    this.#recorder.skip("get-agrees", this.#subject(property), "the value changes too often");
  }

  /** Checks that Set rejects a read-only property. It passes the current value, so that nothing changes if it succeeds. */
  async #checkReadOnly(property: Property): Promise<void> {
    const value = this.#firstValues?.[property.name];
    if (!(value instanceof Variant)) {
      this.#recorder.skip("read-only", this.#subject(property), "its value is unknown");
      return;
    }
    const call = this.#object.properties.set(this.#spec.name, property.name, value);
    this.#expect("read-only", property, await rejectionProblem(this.#object, call, SET_ERRORS));
  }

  #get(property: Property): Promise<Variant> {
    return this.#object.properties.get(this.#spec.name, property.name);
  }

  #getAll() {
    return this.#object.outcome(this.#object.properties.getAll(this.#spec.name));
  }

  #expect(check: CheckName, property: Property, problem: string | NotJudged | undefined): void {
    this.#recorder.expect(check, this.#subject(property), problem);
  }

  #subject({ name, span }: Property): CheckSubject {
    return { interface: this.#spec.name, member: name, span };
  }

  get #interfaceSubject(): CheckSubject {
    return { interface: this.#spec.name, span: this.#spec.span };
  }
}

/** Returns a short text for a value. */
function printValue({ value }: Variant): string {
  const text = JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner));
  return quote(text ?? String(value));
}
