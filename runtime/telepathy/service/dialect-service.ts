import { DBusError, type InterfaceContract, Service, type ServiceSignals } from "@dbus-codegen-ts/runtime";
import { CANONICAL_ROOT, type ContractsByDialect, type Dialect, nameIn, type Root } from "../dialects/dialect.ts";

/** Methods of a generated service type, which the service class must implement. */
export type HandlersOf<S> = Omit<S, "properties" | "signals">;

/**
 * Base class of services for one interface in one dialect. Subclasses implement the methods, properties and signals
 * of all dialects, of which only those in the contract of the dialect are served. Error names are converted to
 * those of the dialect.
 *
 * @typeParam P - Properties of all dialects.
 * @typeParam S - Signals of all dialects.
 */
export abstract class DialectService<P extends object, S extends object = object> extends Service<
  InterfaceContract,
  P,
  S
> {
  readonly dialect: Dialect;
  readonly #contract: InterfaceContract;

  /**
   * Creates a service with the contract of the dialect.
   *
   * @param contracts - Contracts of the interface, by dialect.
   * @param properties - Initial values of properties. Properties that the dialect does not have are ignored.
   * @throws TypeError if the dialect does not have the interface.
   */
  constructor(dialect: Dialect, contracts: Partial<ContractsByDialect>, properties: P) {
    const contract = contracts[dialect.name];
    if (contract === undefined) throw new TypeError(`${dialect.name} does not have the interface`);
    super(contract, properties);
    this.dialect = dialect;
    this.#contract = contract;
    if (dialect.root !== CANONICAL_ROOT) this.#convertErrors(dialect.root);
  }

  /** Sets properties. Properties that the dialect does not have are ignored. */
  protected assign(values: Partial<P>): void {
    for (const [key, value] of Object.entries(values)) {
      if (this.#has("properties", key)) Reflect.set(this.properties, key, value);
    }
  }

  /**
   * Registers a function that returns the value of a property whenever it is read. Does nothing if the dialect does
   * not have the property.
   */
  protected compute<K extends keyof P & string>(key: K, read: () => P[K]): void {
    if (this.#has("properties", key)) this.$compute(key, read);
  }

  /** Emits a signal. Does nothing if the dialect does not have the signal. */
  protected emit<K extends keyof S & string>(key: K, ...args: Parameters<ServiceSignals<S>[K]>): void {
    if (this.#has("signals", key)) Reflect.apply(this.signals[key], undefined, args);
  }

  /** Returns whether the dialect has a signal. */
  protected hasSignal(key: keyof S & string): boolean {
    return this.#has("signals", key);
  }

  /** Returns whether the dialect has a property. */
  protected hasProperty(key: keyof P & string): boolean {
    return this.#has("properties", key);
  }

  #has(kind: "properties" | "signals", key: string): boolean {
    return Object.hasOwn(this.#contract[kind] ?? {}, key);
  }

  /** Replaces all methods by functions that convert the names of errors that the methods throw. */
  #convertErrors(root: Root): void {
    for (const key of Object.keys(this.#contract.methods ?? {})) {
      const handler: unknown = Reflect.get(this, key);
      if (typeof handler !== "function") continue;
      const value = (...args: readonly unknown[]): unknown =>
        withErrorNames(root, () => Reflect.apply(handler, this, args));
      Object.defineProperty(this, key, { value });
    }
  }
}

/**
 * Calls a function and returns its result. If it throws or rejects, converts the name of the error to the name
 * under a root.
 */
export function withErrorNames(root: Root, call: () => unknown): unknown {
  try {
    const result = call();
    if (!(result instanceof Promise)) return result;
    return result.catch((error: unknown) => {
      throw errorIn(root, error);
    });
  } catch (error) {
    throw errorIn(root, error);
  }
}

/** Returns an error with its name under a root. Other values are returned unchanged. */
function errorIn(root: Root, error: unknown): unknown {
  if (!(error instanceof DBusError)) return error;
  const name = nameIn(root, error.errorName);
  return name === error.errorName ? error : new DBusError(name, error.message, { cause: error });
}
