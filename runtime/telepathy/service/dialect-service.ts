import { DBusError, type InterfaceContract, Service, type ServiceSignals } from "@dbus-codegen-ts/runtime";
import { CANONICAL_ROOT, type ContractsByDialect, type Dialect, nameIn, type Root } from "../dialects/dialect.ts";

/** Methods of a generated service that a class of this package must implement. */
export type HandlersOf<S> = Omit<S, "properties" | "signals">;

/**
 * Base class of services for one interface in one dialect. Subclasses have the methods, properties and signals of all
 * dialects; only those of the dialect's contract are served. Names in errors that a method throws are converted.
 *
 * `P` and `S` are the properties and signals of all dialects.
 */
export abstract class DialectService<P extends object, S extends object = object> extends Service<
  InterfaceContract,
  P,
  S
> {
  readonly dialect: Dialect;
  readonly #contract: InterfaceContract;

  /**
   * @param contracts - Contracts of the interface. That of the dialect is served.
   * @param properties - Initial values; those that the dialect does not have are ignored.
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

  /** Sets properties. Those that the dialect does not have are ignored. */
  protected assign(values: Partial<P>): void {
    for (const [key, value] of Object.entries(values)) {
      if (this.#has("properties", key)) Reflect.set(this.properties, key, value);
    }
  }

  /** Makes a function return the value of a property whenever it is read, if the dialect has it. */
  protected compute<K extends keyof P & string>(key: K, read: () => P[K]): void {
    if (this.#has("properties", key)) this.$compute(key, read);
  }

  /** Emits a signal if the dialect has it. */
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

  /** Replaces the methods by functions that convert the names of thrown errors. */
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

/** Calls a function and returns its result. Converts the name of an error that it throws or rejects with. */
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

/** Returns an error with the name that it has in the names of a root. Other values are returned unchanged. */
function errorIn(root: Root, error: unknown): unknown {
  if (!(error instanceof DBusError)) return error;
  const name = nameIn(root, error.errorName);
  return name === error.errorName ? error : new DBusError(name, error.message, { cause: error });
}
