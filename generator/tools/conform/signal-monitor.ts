import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { DiagnosticEvents, Subscription, Variant } from "@dbus-codegen-ts/runtime";
import { Properties } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.Properties";
import type { Interface, Property } from "../../compiler/resolve/ir.ts";
import { signatureOf } from "../introspect/spec-xml.ts";
import { contractOf } from "../mock/contract.ts";
import type { Probe, Values } from "./checked-object.ts";
import { quote, type Recorder, type Subject } from "./report.ts";
import { faultOf } from "./value-problem.ts";

const DROPS = "dbus-codegen:drop" satisfies keyof DiagnosticEvents;

/** Listens to everything that the object says while it is checked. */
export class Watch implements AsyncDisposable {
  readonly #probe: Probe;
  readonly #specs: ReadonlyMap<string, Interface>;
  readonly #recorder: Recorder;
  readonly #announced = new Map<Property, number>();
  readonly #subscriptions: Subscription[] = [];
  readonly #onDrop = (event: unknown): void => {
    // The runtime publishes nothing else on this channel.
    this.#dropped(event as DiagnosticEvents[typeof DROPS]);
  };

  constructor(probe: Probe, specs: readonly Interface[], recorder: Recorder) {
    this.#probe = probe;
    this.#specs = new Map(specs.map((spec) => [spec.name, spec]));
    this.#recorder = recorder;
  }

  async start(): Promise<void> {
    subscribe(DROPS, this.#onDrop);
    const { propertiesChanged } = this.#probe.properties.signals;
    this.#subscriptions.push(
      await propertiesChanged.subscribe((name, values, gone) => this.#changed(name, values, gone)),
    );
    for (const spec of this.#specs.values()) await this.#listen(spec);
  }

  /** How often a property was announced so far, with its value or as invalid. */
  announcements(property: Property): number {
    return this.#announced.get(property) ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    unsubscribe(DROPS, this.#onDrop);
    for (const subscription of this.#subscriptions) await subscription.close();
  }

  async #listen(spec: Interface): Promise<void> {
    const probe = this.#probe.interface(contractOf(spec));
    for (const signal of spec.signals) {
      const key = `${signal.name}(${signatureOf(signal.args)})`;
      const subject = { interface: spec.name, member: signal.name, span: signal.span };
      let heard = false;
      const subscription = await probe.signals[key]?.subscribe(() => {
        if (!heard) this.#recorder.pass("signal-types", subject);
        heard = true;
      });
      if (subscription !== undefined) this.#subscriptions.push(subscription);
    }
  }

  #changed(name: string, values: Values, invalidated: readonly string[]): void {
    const spec = this.#specs.get(name);
    if (spec === undefined) return;
    for (const [property, value] of Object.entries(values)) this.#announce(spec, property, value);
    for (const property of invalidated) this.#announce(spec, property, undefined);
  }

  #announce(spec: Interface, name: string, value: Variant | undefined): void {
    const property = spec.properties.find((one) => one.name === name);
    const subject: Subject = { interface: spec.name, member: name, span: property?.span ?? spec.span };
    if (property === undefined) {
      this.#recorder.fail("announcement", subject, "PropertiesChanged names it, and no spec knows it");
      return;
    }
    this.#announced.set(property, this.announcements(property) + 1);
    const fault = promiseFault(property, value !== undefined);
    this.#recorder.expect("announcement", subject, fault);
    const wrong = value === undefined ? undefined : faultOf(property, value);
    if (wrong !== undefined) this.#recorder.fail(wrong.check, subject, `announced: ${wrong.message}`);
  }

  #dropped({ connection, reason, header, signature }: DiagnosticEvents[typeof DROPS]): void {
    const { interface: name = "", member = "", path } = header;
    if (connection !== this.#probe.bus.uniqueName || reason !== "wrongSignature") return;
    if (path !== this.#probe.target.path) return;
    const subject = { interface: name, member };
    if (name === Properties.name)
      this.#recorder.fail("signal-types", subject, `it carries the types ${quote(signature)}, not "sa{sv}as"`);
    const declared = this.#specs.get(name)?.signals.filter((signal) => signal.name === member) ?? [];
    const wanted = declared.map(({ args }) => `"${signatureOf(args)}"`);
    const [first] = declared;
    if (first === undefined || wanted.includes(`"${signature}"`)) return;
    const message = `it carries the types ${quote(signature)}, not ${wanted.join(" or ")}`;
    this.#recorder.fail("signal-types", { ...subject, span: first.span }, message);
  }
}

/** How an announcement breaks what EmitsChangedSignal promises. */
function promiseFault({ emits, access }: Property, withValue: boolean): string | undefined {
  if (access === "write") return "a property that can only be written is announced";
  if (emits === "const") return "a constant property is announced as changed";
  if (emits === "false") return 'it is announced, though EmitsChangedSignal is "false"';
  if (emits === "invalidates" && withValue)
    return 'its value is announced, though EmitsChangedSignal is "invalidates": it belongs among the invalidated';
  if (emits === "true" && !withValue) return 'it is announced without its value, though EmitsChangedSignal is "true"';
  return undefined;
}
