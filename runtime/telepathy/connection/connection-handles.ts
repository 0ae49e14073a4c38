import type { MaybePromise } from "@dbus-codegen-ts/runtime";
import type { Consumer, UsageCounts } from "@dbus-codegen-ts/runtime/usage";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  InvalidArgumentError,
  InvalidHandleError,
  NotImplementedError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { HandleLimits } from "../quotas.ts";
import { HandleTable } from "./handle-table.ts";

/**
 * Function that returns the normal form of an identifier. Throws InvalidHandleError if the identifier is invalid
 * for the type.
 */
export type NormalizeIdentifier = (type: HandleType, identifier: string) => MaybePromise<string>;

const TYPE_NAMES = new Map<number, string>(
  Object.entries(HandleType).map(([name, type]) => [type, name.toLowerCase()]),
);

/** All handles of one connection: one table for each handle type that its protocol supports. */
export class ConnectionHandles {
  readonly #tables: ReadonlyMap<number, HandleTable>;
  readonly #normalize: NormalizeIdentifier;
  /** Counts of handles over all connections; undefined if handles are not counted, or the connection has ended. */
  #usage: UsageCounts | undefined;
  /** Number of handles counted for each client, by unique name. There are never more entries than handles. */
  readonly #counts = new Map<string, { readonly consumer: Consumer; count: number }>();

  /**
   * Creates the tables.
   *
   * @param usage - Counts of handles over all connections; undefined if handles are not counted.
   */
  constructor(
    types: readonly HandleType[],
    normalize: NormalizeIdentifier,
    limits: HandleLimits = {},
    usage?: UsageCounts,
  ) {
    this.#tables = new Map(types.map((type) => [type, new HandleTable(limits)]));
    this.#normalize = normalize;
    this.#usage = usage;
  }

  /**
   * Returns the handles of identifiers, which need not be normalised. Creates the handles that do not exist. A
   * request that fails creates no handle.
   *
   * @param consumer - The client for which new handles are counted; undefined if they are not counted.
   * @returns One handle for each identifier, in the same order; a promise only if `normalize` returned a promise.
   * @throws NotImplementedError for an unsupported type; InvalidHandleError for an invalid identifier;
   * LimitsExceededError.
   */
  request(type: number, identifiers: readonly string[], consumer?: Consumer): MaybePromise<number[]> {
    const table = this.#tables.get(type);
    const handleType = Object.values(HandleType).find((candidate) => candidate === type);
    if (table === undefined || handleType === undefined) {
      throw new NotImplementedError(`the connection does not support handles of type ${describeType(type)}`);
    }
    table.validateRequest(identifiers);
    const normalized = mapMaybeAsync(identifiers, (identifier) => this.#normalize(handleType, identifier));
    return normalized instanceof Promise
      ? normalized.then((settled) => this.#ensure(table, settled, consumer))
      : this.#ensure(table, normalized, consumer);
  }

  /** Removes all handles of this connection from the counts, because the connection has ended. */
  close(): void {
    for (const { consumer, count } of this.#counts.values()) this.#usage?.end(consumer, count);
    this.#counts.clear();
    this.#usage = undefined;
  }

  #ensure(table: HandleTable, identifiers: readonly string[], consumer: Consumer | undefined): number[] {
    const usage = this.#usage;
    if (usage === undefined || consumer === undefined) return table.ensure(identifiers);
    // Counting the new identifiers is slow, so it is done only near the quotas.
    if (!usage.hasRoom(consumer, identifiers.length)) usage.check(consumer, table.missing(identifiers).length);
    const sizeBefore = table.size;
    const handles = table.ensure(identifiers);
    this.#count(usage, consumer, table.size - sizeBefore);
    return handles;
  }

  #count(usage: UsageCounts, consumer: Consumer, added: number): void {
    if (added === 0) return;
    usage.add(consumer, added);
    const counted = this.#counts.get(consumer.client);
    if (counted === undefined) this.#counts.set(consumer.client, { consumer, count: added });
    else counted.count += added;
  }

  /** Returns the handle of a normalised identifier; undefined if the identifier has no handle. */
  lookup(type: HandleType, identifier: string): number | undefined {
    return this.#tables.get(type)?.lookup(identifier);
  }

  /**
   * Returns the normalised identifiers of handles, in the same order.
   *
   * @throws InvalidArgumentError for an unsupported type; InvalidHandleError that names the first invalid handle;
   * LimitsExceededError.
   */
  inspect(type: number, handles: readonly number[]): string[] {
    const table = this.#tables.get(type);
    if (table === undefined)
      throw new InvalidArgumentError(`the connection does not support handles of type ${describeType(type)}`);
    table.validateCount(handles.length);
    const identifiers: string[] = [];
    for (const handle of handles) {
      const identifier = table.inspect(handle);
      if (identifier === undefined)
        throw new InvalidHandleError(`${handle} is not a handle of type ${describeType(type)}`);
      identifiers.push(identifier);
    }
    return identifiers;
  }

  /**
   * Returns the normalised identifiers of those handles that are valid, by handle.
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

/**
 * Calls a function for each item and returns the results in order. The result is a promise only if one of the calls
 * returns a promise.
 */
function mapMaybeAsync(items: readonly string[], call: (item: string) => MaybePromise<string>): MaybePromise<string[]> {
  const results: string[] = [];
  for (const item of items) {
    const result = call(item);
    if (typeof result !== "string") return mapFrom(items, call, [...results, result]);
    results.push(result);
  }
  return results;
}

/** Calls a function for the items after the first `results.length`, and waits for all results. */
function mapFrom(
  items: readonly string[],
  call: (item: string) => MaybePromise<string>,
  results: MaybePromise<string>[],
): Promise<string[]> {
  try {
    for (const item of items.slice(results.length)) results.push(call(item));
  } catch (error) {
    // No caller awaits the promises any more, so their rejections must count as handled.
    void Promise.allSettled(results);
    throw error;
  }
  return Promise.all(results);
}

function describeType(type: number): string {
  const name = TYPE_NAMES.get(type);
  return name === undefined ? `${type}` : `${type} (${name})`;
}
