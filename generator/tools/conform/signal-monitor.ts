import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { DiagnosticEvents, Subscription, Variant } from "@dbus-codegen-ts/runtime";
import { Properties } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.Properties";
import type { Interface, Property } from "../../compiler/resolve/ir.ts";
import { signatureOf } from "../../compiler/resolve/signature.ts";
import { contractOf, memberKey } from "../mock/contract.ts";
import { checkValues } from "./call-checks.ts";
import type { CheckedObject, PropertyValues } from "./checked-object.ts";
import { type CheckSubject, quote, type Recorder } from "./report.ts";
import { findPropertyProblem } from "./value-problem.ts";

const DROP_CHANNEL = "dbus-codegen:drop" satisfies keyof DiagnosticEvents;

/** Checks of all signals that the object emits while the other checks run. */
export class SignalMonitor implements AsyncDisposable {
  readonly #object: CheckedObject;
  readonly #specs: ReadonlyMap<string, Interface>;
  readonly #recorder: Recorder;
  readonly #reportCounts = new Map<Property, number>();
  readonly #subscriptions: Subscription[] = [];
  readonly #onDrop = (event: unknown): void => {
    // The runtime publishes only events of this type on the channel.
    this.#checkDropped(event as DiagnosticEvents[typeof DROP_CHANNEL]);
  };

  constructor(object: CheckedObject, specs: readonly Interface[], recorder: Recorder) {
    this.#object = object;
    this.#specs = new Map(specs.map((spec) => [spec.name, spec]));
    this.#recorder = recorder;
  }

  async start(): Promise<void> {
    subscribe(DROP_CHANNEL, this.#onDrop);
    const { propertiesChanged } = this.#object.properties.signals;
    this.#subscriptions.push(
      await propertiesChanged.subscribe((name, values, invalidated) =>
        this.#checkPropertiesChanged(name, values, invalidated),
      ),
    );
    for (const spec of this.#specs.values()) await this.#subscribe(spec);
  }

  /** Returns how often PropertiesChanged has reported a property, with its value or as invalidated. */
  reportCount(property: Property): number {
    return this.#reportCounts.get(property) ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    unsubscribe(DROP_CHANNEL, this.#onDrop);
    for (const subscription of this.#subscriptions) await subscription.close();
  }

  async #subscribe(spec: Interface): Promise<void> {
    const client = this.#object.interface(contractOf(spec));
    for (const signal of spec.signals) {
      const subject = { interface: spec.name, member: signal.name, span: signal.span };
      let isRecorded = false;
      const subscription = await client.signals[memberKey(signal.name, signal.args)]?.subscribe((...values) => {
        if (!isRecorded) this.#recorder.pass("signal-types", subject);
        isRecorded = true;
        checkValues(signal.args, values, subject, this.#recorder);
      });
      if (subscription !== undefined) this.#subscriptions.push(subscription);
    }
  }

  #checkPropertiesChanged(name: string, values: PropertyValues, invalidated: readonly string[]): void {
    const spec = this.#specs.get(name);
    if (spec === undefined) return;
    for (const [property, value] of Object.entries(values)) this.#checkReport(spec, property, value);
    for (const property of invalidated) this.#checkReport(spec, property, undefined);
  }

  #checkReport(spec: Interface, name: string, value: Variant | undefined): void {
    const property = spec.properties.find((candidate) => candidate.name === name);
    const subject: CheckSubject = { interface: spec.name, member: name, span: property?.span ?? spec.span };
    if (property === undefined) {
      this.#recorder.fail("announcement", subject, "PropertiesChanged reports it, but no spec declares it");
      return;
    }
    this.#reportCounts.set(property, this.reportCount(property) + 1);
    this.#recorder.expect("announcement", subject, findPromiseProblem(property, value !== undefined));
    const problem = value === undefined ? undefined : findPropertyProblem(property, value);
    if (problem !== undefined) this.#recorder.fail(problem.check, subject, `in PropertiesChanged: ${problem.message}`);
  }

  /** Records a signal of the object that the runtime dropped because of its signature. */
  #checkDropped({ connection, reason, header, signature }: DiagnosticEvents[typeof DROP_CHANNEL]): void {
    const { interface: name = "", member = "", path } = header;
    if (connection !== this.#object.bus.uniqueName || reason !== "wrongSignature") return;
    if (path !== this.#object.target.path) return;
    const subject = { interface: name, member };
    if (name === Properties.name)
      this.#recorder.fail("signal-types", subject, `it has the types ${quote(signature)}, not "sa{sv}as"`);
    const declared = this.#specs.get(name)?.signals.filter((signal) => signal.name === member) ?? [];
    const expected = declared.map(({ args }) => `"${signatureOf(args)}"`);
    const [first] = declared;
    if (first === undefined || expected.includes(`"${signature}"`)) return;
    const message = `it has the types ${quote(signature)}, not ${expected.join(" or ")}`;
    this.#recorder.fail("signal-types", { ...subject, span: first.span }, message);
  }
}

/** Returns how a report by PropertiesChanged contradicts the access or the EmitsChangedSignal of a property. */
function findPromiseProblem({ emits, access }: Property, hasValue: boolean): string | undefined {
  if (access === "write") return "PropertiesChanged reports it, although it is write-only";
  if (emits === "const") return "PropertiesChanged reports it, although it is constant";
  if (emits === "false") return 'PropertiesChanged reports it, although EmitsChangedSignal is "false"';
  if (emits === "invalidates" && hasValue)
    return 'PropertiesChanged contains its value, although EmitsChangedSignal is "invalidates"';
  if (emits === "true" && !hasValue)
    return 'PropertiesChanged does not contain its value, although EmitsChangedSignal is "true"';
  return undefined;
}
