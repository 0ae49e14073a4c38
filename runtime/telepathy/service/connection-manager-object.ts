import { type ObjectPath, Service } from "@dbus-codegen-ts/runtime";
import type {
  ConnectionManagerProperties,
  ConnectionManagerSignals,
  ConnectionParameters,
  ParamSpec,
} from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { InvalidArgumentError, NotImplementedError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { isProtocolName, type Place } from "../connection/object-names.ts";
import { checkParameters } from "../protocols/parameters.ts";
import type { ParameterValues, Protocol } from "../protocols/protocol.ts";
import { paramSpecOf, variantsOf } from "../protocols/wire-parameters.ts";
import { CompatibleConnectionManager } from "./manager-contract.ts";
import { propertiesOf } from "./protocol-object.ts";

/** Makes a connection and brings it to the bus. Throws NotAvailableError where there is one for the account. */
export type MakeConnection = (protocol: Protocol, parameters: ParameterValues) => Promise<Place>;

/** Serves `im.telepathy1.ConnectionManager`. */
export class ManagerObject extends Service<
  typeof CompatibleConnectionManager,
  ConnectionManagerProperties,
  ConnectionManagerSignals
> {
  readonly #protocols: ReadonlyMap<string, Protocol>;
  readonly #make: MakeConnection;

  constructor(protocols: ReadonlyMap<string, Protocol>, make: MakeConnection) {
    const described = [...protocols].map(([name, protocol]) => [name, propertiesOf(protocol)] as const);
    super(CompatibleConnectionManager, { interfaces: [], protocols: Object.fromEntries(described) });
    this.#protocols = protocols;
    this.#make = make;
  }

  async requestConnection(name: string, parameters: ConnectionParameters): Promise<[string, ObjectPath]> {
    const protocol = this.#find(name);
    const values = checkParameters(protocol.parameters, variantsOf(parameters));
    const { destination, path } = await this.#make(protocol, values);
    this.signals.newConnection(destination, path, name);
    return [destination, path];
  }

  getParameters(name: string): readonly ParamSpec[] {
    return this.#find(name).parameters.map(paramSpecOf);
  }

  listProtocols(): readonly string[] {
    return [...this.#protocols.keys()];
  }

  #find(name: string): Protocol {
    if (!isProtocolName(name)) throw new InvalidArgumentError("this is not the name of a protocol");
    const protocol = this.#protocols.get(name);
    if (protocol === undefined) throw new NotImplementedError(`there is no protocol ${name} here`);
    return protocol;
  }
}
