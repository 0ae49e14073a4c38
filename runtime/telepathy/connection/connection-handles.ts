import type { MaybePromise } from "@dbus-codegen-ts/runtime";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  InvalidArgumentError,
  InvalidHandleError,
  NotImplementedError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { type HandleLimits, HandleTable } from "./handle-table.ts";

/** Returns the normal form of an identifier, or throws InvalidHandleError if no entity of the type can have it. */
export type NormalizeIdentifier = (type: HandleType, identifier: string) => MaybePromise<string>;

const TYPE_NAMES = new Map<number, string>(
  Object.entries(HandleType).map(([name, type]) => [type, name.toLowerCase()]),
);

/** All handles of one connection: one table for each handle type that its protocol supports. */
export class ConnectionHandles {
  readonly #tables: ReadonlyMap<number, HandleTable>;
  readonly #normalize: NormalizeIdentifier;

  constructor(types: readonly HandleType[], normalize: NormalizeIdentifier, limits: HandleLimits = {}) {
    this.#tables = new Map(types.map((type) => [type, new HandleTable(limits)]));
    this.#normalize = normalize;
  }

  /**
   * Returns handles of identifiers, which need not be normalised. All identifiers are normalised before the first new
   * handle is created, so a request that fails changes nothing.
   *
   * @returns One handle for each identifier, at the same position; a promise only if `normalize` returned one.
   * @throws NotImplementedError for an unsupported type; InvalidHandleError for an invalid identifier;
   * LimitsExceededError.
   */
  request(type: number, identifiers: readonly string[]): MaybePromise<number[]> {
    const table = this.#tables.get(type);
    const handleType = Object.values(HandleType).find((candidate) => candidate === type);
    if (table === undefined || handleType === undefined) {
      throw new NotImplementedError(`there are no handles of type ${describeType(type)} here`);
    }
    table.validateRequest(identifiers);
    const normalized = mapMaybeAsync(identifiers, (identifier) => this.#normalize(handleType, identifier));
    return normalized instanceof Promise
      ? normalized.then((settled) => table.ensure(settled))
      : table.ensure(normalized);
  }

  /**
   * Returns the normalised identifiers of handles, each at the position of its handle.
   *
   * @throws InvalidArgumentError for an unsupported type; InvalidHandleError that names the first invalid handle;
   * LimitsExceededError.
   */
  inspect(type: number, handles: readonly number[]): string[] {
    const table = this.#tables.get(type);
    if (table === undefined) throw new InvalidArgumentError(`there are no handles of type ${describeType(type)} here`);
    table.validateCount(handles.length);
    return handles.map((handle) => {
      const identifier = table.inspect(handle);
      if (identifier === undefined)
        throw new InvalidHandleError(`${handle} is not a handle of type ${describeType(type)}`);
      return identifier;
    });
  }

  /**
   * Returns the normalised identifiers of valid handles, by handle. Invalid handles are left out.
   *
   * @throws LimitsExceededError.
   */
  inspectValid(type: HandleType, handles: readonly number[]): Map<number, string> {
    const table = this.#tables.get(type);
    table?.validateCount(handles.length);
    const identifiers = new Map<number, string>();
    for (const handle of handles) {
      const identifier = table?.inspect(handle);
      if (identifier !== undefined) identifiers.set(handle, identifier);
    }
    return identifiers;
  }
}

/** Calls a function for each item and returns the results: as a promise only if one of them is a promise. */
function mapMaybeAsync(items: readonly string[], call: (item: string) => MaybePromise<string>): MaybePromise<string[]> {
  const results: string[] = [];
  const pending: MaybePromise<string>[] = [];
  try {
    for (const item of items) {
      const result = call(item);
      pending.push(result);
      if (typeof result === "string") results.push(result);
    }
  } catch (error) {
    // The pending promises are no longer awaited, and their rejections must count as handled.
    void Promise.allSettled(pending);
    throw error;
  }
  return results.length === items.length ? results : Promise.all(pending);
}

function describeType(type: number): string {
  const name = TYPE_NAMES.get(type);
  return name === undefined ? `${type}` : `${type} (${name})`;
}
