import type { MaybePromise } from "@dbus-codegen-ts/runtime";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  InvalidArgumentError,
  InvalidHandleError,
  NotImplementedError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { type HandleLimits, HandleTable } from "./handle-table.ts";

/** Gives the normal form of an identifier, or throws InvalidHandleError. */
export type Normalize = (type: HandleType, identifier: string) => MaybePromise<string>;

const TYPE_NAMES = new Map<number, string>(
  Object.entries(HandleType).map(([name, type]) => [type, name.toLowerCase()]),
);

/** The handles of one connection: a table for each type that its protocol has. */
export class ConnectionHandles {
  readonly #tables: ReadonlyMap<number, HandleTable>;
  readonly #normalize: Normalize;

  constructor(types: readonly HandleType[], normalize: Normalize, limits: HandleLimits = {}) {
    this.#tables = new Map(types.map((type) => [type, new HandleTable(limits)]));
    this.#normalize = normalize;
  }

  /**
   * Handles for identifiers in any form. All are normalised before the first new handle is made, so that a request gives
   * all handles or changes nothing.
   *
   * @returns One for each identifier, at the same position; a promise only where the protocol needs time.
   * @throws NotImplementedError for a type without handles; InvalidHandleError for an identifier that is not valid;
   * LimitsExceededError.
   */
  request(type: number, identifiers: readonly string[]): MaybePromise<number[]> {
    const table = this.#tables.get(type);
    const known = knownType(type);
    if (table === undefined || known === undefined) {
      throw new NotImplementedError(`there are no handles of type ${describeType(type)} here`);
    }
    table.checkRequest(identifiers);
    const normal = all(identifiers, (identifier) => this.#normalize(known, identifier));
    return normal instanceof Promise ? normal.then((settled) => table.ensure(settled)) : table.ensure(normal);
  }

  /**
   * The identifiers of handles, in normal form.
   *
   * @throws InvalidArgumentError for a type without handles; InvalidHandleError that names the first handle which is not
   * valid; LimitsExceededError.
   */
  inspect(type: number, handles: readonly number[]): string[] {
    const table = this.#tables.get(type);
    if (table === undefined) throw new InvalidArgumentError(`there are no handles of type ${describeType(type)} here`);
    table.checkSize(handles.length);
    return handles.map((handle) => {
      const identifier = table.inspect(handle);
      if (identifier === undefined)
        throw new InvalidHandleError(`${handle} is not a handle of type ${describeType(type)}`);
      return identifier;
    });
  }

  /**
   * The identifiers of those among handles that are valid, by their handle.
   *
   * @throws LimitsExceededError.
   */
  known(type: HandleType, handles: readonly number[]): Map<number, string> {
    const table = this.#tables.get(type);
    table?.checkSize(handles.length);
    const known = new Map<number, string>();
    for (const handle of handles) {
      const identifier = table?.inspect(handle);
      if (identifier !== undefined) known.set(handle, identifier);
    }
    return known;
  }
}

/** The results for all items, at once where none of them is still to come. */
function all(items: readonly string[], call: (item: string) => MaybePromise<string>): MaybePromise<string[]> {
  const results: string[] = [];
  const pending: MaybePromise<string>[] = [];
  try {
    for (const item of items) {
      const result = call(item);
      pending.push(result);
      if (typeof result === "string") results.push(result);
    }
  } catch (error) {
    // Nobody waits for those any more, and they may fail too.
    void Promise.allSettled(pending);
    throw error;
  }
  return results.length === items.length ? results : Promise.all(pending);
}

function knownType(type: number): HandleType | undefined {
  return Object.values(HandleType).find((known) => known === type);
}

function describeType(type: number): string {
  const name = TYPE_NAMES.get(type);
  return name === undefined ? `${type}` : `${type} (${name})`;
}
