import {
  type Bus,
  DBusError,
  InvalidArgsError,
  isErrorName,
  type ServedObject,
  UnknownInterfaceError,
  UnknownObjectError,
  type Variant,
} from "@dbus-codegen-ts/runtime";
import { ObjectManager } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.ObjectManager";
import type { Interface } from "../../../compiler/resolve/ir.ts";
import { isStandardInterface } from "../../../compiler/resolve/standard-interfaces.ts";
import { listing } from "../../../compiler/text/shorten.ts";
import { quote } from "../../conform/report.ts";
import { contractOf } from "../contract.ts";
import type { MockObjects } from "../mock-objects.ts";
import type { MockService } from "../mock-service.ts";
import { unscriptedService } from "../scripted-mock.ts";
import type { TemplateCommand } from "../template.ts";
import { usageOf } from "../template-command.ts";
import { type DescribedInterface, methodResults, methodsNamed, propertyValues, signalArguments } from "../wire-form.ts";
import { Mock1, Mock1Service, type RecordedCall } from "./generated/io.github.dbus_codegen_ts.Mock1.ts";

/** Path of the object that controls a mock. Introspection of its parents does not list it. */
export const CONTROL_PATH = `/${Mock1.name.replaceAll(".", "/")}`;

type Values = Readonly<Record<string, Variant>>;

/** The control of a mock: the object by which D-Bus clients change the objects of the mock. */
export class MockControl extends Mock1Service {
  readonly #objects: MockObjects;
  readonly #specs: ReadonlyMap<string, Interface>;
  readonly #commands: ReadonlyMap<string, TemplateCommand>;

  /**
   * @param interfaces - Specs of the interfaces, with the types that overlays declare.
   * @param commands - Commands of the template by name.
   */
  constructor(
    objects: MockObjects,
    interfaces: readonly Interface[],
    commands: Readonly<Record<string, TemplateCommand>> = {},
  ) {
    super({
      commands: Object.fromEntries(Object.entries(commands).map(([name, command]) => [name, usageOf(command)])),
    });
    this.#objects = objects;
    this.#specs = new Map(interfaces.map((spec) => [spec.name, spec]));
    this.#commands = new Map(Object.entries(commands));
  }

  /** Serves the control at `CONTROL_PATH`. Object managers and introspection do not list it. */
  async serve(bus: Bus): Promise<ServedObject> {
    return bus.serveSubtree("/", (relative) => (`/${relative}` === CONTROL_PATH ? [this] : undefined));
  }

  override async addObject(path: string, interfaces: Readonly<Record<string, Values>>): Promise<void> {
    const names = Object.keys(interfaces);
    const services = names
      .filter((name) => !isStandardInterface(name))
      .map((name) => {
        const spec = this.#specs.get(name);
        if (spec === undefined) throw new UnknownInterfaceError(`no spec declares the interface ${quote(name)}`);
        if (this.#objects.find(path, name) !== undefined)
          throw new InvalidArgsError(`${path} already has the interface ${quote(name)}`);
        const described = { contract: contractOf(spec), spec };
        return unscriptedService(spec, propertyValues(described, interfaces[name] ?? {}));
      });
    if (names.includes(ObjectManager.name)) await this.#objects.addManager(path);
    await this.#objects.serve(path, services);
  }

  override async removeObject(path: string): Promise<void> {
    if (!(await this.#objects.remove(path))) throw new UnknownObjectError(`there is no object at ${path}`);
  }

  override setProperties(path: string, interfaceName: string, values: Values): void {
    const service = this.#serviceOf(path, interfaceName);
    Object.assign(service.properties, propertyValues(this.#describe(service), values));
  }

  override emitSignal(path: string, interfaceName: string, signal: string, args: readonly Variant[]): void {
    const service = this.#serviceOf(path, interfaceName);
    const [key, values] = signalArguments(this.#describe(service), signal, args);
    service.signals[key]?.(...values);
  }

  override setReply(path: string, interfaceName: string, method: string, reply: readonly Variant[]): void {
    const service = this.#serviceOf(path, interfaceName);
    for (const [key, result] of methodResults(this.#describe(service), method, reply))
      service.replace(key, () => result);
  }

  override setError(path: string, interfaceName: string, method: string, error: string, message: string): void {
    const service = this.#serviceOf(path, interfaceName);
    if (error !== "" && !isErrorName(error)) throw new InvalidArgsError(`${quote(error)} is not an error name`);
    const fail = (): never => {
      throw new DBusError(error, message);
    };
    for (const [key] of methodsNamed(service.contract, method)) service.replace(key, error === "" ? undefined : fail);
  }

  override async run(name: string, args: readonly string[], values: Values): Promise<string> {
    const command = this.#commands.get(name);
    if (command === undefined) {
      const known = [...this.#commands.keys()];
      const hint = known.length === 0 ? "the mock has no template" : `the commands are ${listing(known)}`;
      throw new InvalidArgsError(`there is no command ${quote(name)}; ${hint}`);
    }
    const { contract } = command;
    if (args.length !== command.args.length || (contract === undefined && Object.keys(values).length > 0))
      throw new InvalidArgsError(`the command is ${`${name} ${usageOf(command)}`.trim()}`);
    const properties =
      contract === undefined ? {} : propertyValues({ contract, spec: this.#specs.get(contract.name) }, values);
    const added = await runChecked(() => command.run(args, properties));
    return added?.path ?? "";
  }

  override getCalls(): readonly RecordedCall[] {
    return this.#objects.observedCalls;
  }

  override forgetCalls(): void {
    this.#objects.forget();
  }

  #serviceOf(path: string, interfaceName: string): MockService {
    const service = this.#objects.find(path, interfaceName);
    if (service !== undefined) return service;
    if (!this.#objects.paths.includes(path)) throw new UnknownObjectError(`there is no object at ${path}`);
    throw new UnknownInterfaceError(`${path} has no interface ${quote(interfaceName)}`);
  }

  #describe({ contract }: MockService): DescribedInterface {
    return { contract, spec: this.#specs.get(contract.name) };
  }
}

/** Runs a command. An error of a template, such as for an unknown device, becomes an error reply with its message. */
async function runChecked<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof DBusError) throw error;
    throw new InvalidArgsError(error instanceof Error ? error.message : String(error));
  }
}
