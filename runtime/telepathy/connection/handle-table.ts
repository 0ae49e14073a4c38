import { LimitsExceededError } from "@dbus-codegen-ts/runtime";
import { DEFAULT_HANDLE_LIMITS, type HandleLimits } from "../quotas.ts";

/** Greatest value of the D-Bus type `u`. */
const MAX_HANDLE = 0xffff_ffff;

/**
 * Handles of one type on one connection: consecutive numbers, each for one normalised identifier. Handles are valid
 * as long as the table exists and are never reused. Each handle uses one map entry and one array element.
 */
export class HandleTable {
  readonly #handles = new Map<string, number>();
  readonly #identifiers: string[] = [];
  readonly #firstHandle: number;
  readonly #limits: Required<HandleLimits>;
  #totalLength = 0;

  constructor(limits: HandleLimits = {}, firstHandle = 1) {
    this.#limits = { ...DEFAULT_HANDLE_LIMITS, ...limits };
    this.#firstHandle = firstHandle;
  }

  /** Number of handles. */
  get size(): number {
    return this.#identifiers.length;
  }

  /** Returns the handle of a normalised identifier; undefined if the identifier has no handle. */
  lookup(identifier: string): number | undefined {
    return this.#handles.get(identifier);
  }

  /** Returns the identifier of a handle; undefined if the handle is not valid. */
  inspect(handle: number): string | undefined {
    return this.#identifiers[handle - this.#firstHandle];
  }

  /**
   * Returns the handles of normalised identifiers. Creates the handles that do not exist; creates none if it
   * throws.
   *
   * @returns One handle for each identifier, in the same order.
   * @throws LimitsExceededError if a limit of the table would be exceeded.
   */
  ensure(identifiers: readonly string[]): number[] {
    this.#validateCapacity(identifiers);
    return identifiers.map((identifier) => this.#handles.get(identifier) ?? this.#add(identifier));
  }

  /** Returns the identifiers that have no handle, without duplicates. */
  missing(identifiers: readonly string[]): readonly string[] {
    return [...new Set(identifiers)].filter((identifier) => !this.#handles.has(identifier));
  }

  /**
   * Checks the size of a request before its identifiers are normalised.
   *
   * @throws LimitsExceededError if there are too many identifiers, or one is too long.
   */
  validateRequest(identifiers: readonly string[]): void {
    this.validateCount(identifiers.length);
    const { maxIdentifierLength } = this.#limits;
    for (const { length } of identifiers) {
      if (length <= maxIdentifierLength) continue;
      throw new LimitsExceededError(
        `an identifier of ${length} characters; at most ${maxIdentifierLength} are permitted`,
      );
    }
  }

  /** Throws LimitsExceededError if a request contains too many identifiers or handles. */
  validateCount(count: number): void {
    const { maxPerRequest } = this.#limits;
    if (count > maxPerRequest)
      throw new LimitsExceededError(
        `a request with ${count} identifiers or handles; at most ${maxPerRequest} are permitted`,
      );
  }

  #add(identifier: string): number {
    const handle = this.#firstHandle + this.#identifiers.length;
    this.#identifiers.push(identifier);
    this.#handles.set(identifier, handle);
    this.#totalLength += identifier.length;
    return handle;
  }

  #validateCapacity(identifiers: readonly string[]): void {
    this.validateRequest(identifiers);
    const { maxHandles, maxIdentifierLength, maxTotalLength } = this.#limits;
    const freeHandles = Math.min(maxHandles, MAX_HANDLE - this.#firstHandle + 1) - this.size;
    const freeLength = maxTotalLength - this.#totalLength;
    // Counting the new identifiers is slow, so it is done only near the limits.
    if (identifiers.length <= freeHandles && identifiers.length * maxIdentifierLength <= freeLength) return;
    const added = this.missing(identifiers);
    if (added.length > freeHandles) throw new LimitsExceededError(`only ${freeHandles} more handles can be created`);
    if (added.reduce((sum, { length }) => sum + length, 0) > freeLength) {
      throw new LimitsExceededError("all identifiers together are too long");
    }
  }
}
