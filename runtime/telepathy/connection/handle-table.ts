import { LimitsExceededError } from "@dbus-codegen-ts/runtime";

/** The greatest number that fits the wire type `u`. */
const LAST_HANDLE = 0xffff_ffff;

/** How much a table of handles may hold. */
export interface HandleLimits {
  /** Handles of one type: 2^21 (about two million) by default. */
  readonly count?: number;
  /** Identifiers or handles in one request: 2^17 by default. Nobody else is served while one request is. */
  readonly request?: number;
  /** Length of one identifier in UTF-16 units: 4096 by default. */
  readonly identifierLength?: number;
  /** Length of all identifiers together in UTF-16 units: 2^28 by default. */
  readonly totalLength?: number;
}

const DEFAULT_LIMITS: Required<HandleLimits> = {
  count: 2 ** 21,
  request: 2 ** 17,
  identifierLength: 4096,
  totalLength: 2 ** 28,
};

/**
 * The handles of one type on one connection: numbers from 1 for identifiers in normal form. A handle stands for its
 * identifier as long as the table lives; none is given up or used again. An entry costs a map entry and an array element.
 */
export class HandleTable {
  readonly #handles = new Map<string, number>();
  readonly #identifiers: string[] = [];
  readonly #first: number;
  readonly #limits: Required<HandleLimits>;
  #totalLength = 0;

  /** @param first - The first handle that is given out. */
  constructor(limits: HandleLimits = {}, first = 1) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#first = first;
  }

  /** How many handles there are. */
  get size(): number {
    return this.#identifiers.length;
  }

  /** The handle of an identifier; undefined where it has none. */
  lookup(identifier: string): number | undefined {
    return this.#handles.get(identifier);
  }

  /** The identifier of a handle; undefined where the handle is not valid. */
  inspect(handle: number): string | undefined {
    return this.#identifiers[handle - this.#first];
  }

  /**
   * The handles of identifiers, new where they have none yet: all of them, or on an error nothing has changed.
   *
   * @returns One handle for each identifier, at the same position.
   * @throws LimitsExceededError when there would be too many handles, or too long identifiers.
   */
  ensure(identifiers: readonly string[]): number[] {
    this.#checkRoom(identifiers);
    return identifiers.map((identifier) => this.#handles.get(identifier) ?? this.#add(identifier));
  }

  /**
   * Whether a request is small enough to be looked at, before work goes into normal forms.
   *
   * @throws LimitsExceededError when there are too many identifiers, or one is longer than the limit.
   */
  checkRequest(identifiers: readonly string[]): void {
    this.checkSize(identifiers.length);
    const { identifierLength } = this.#limits;
    for (const { length } of identifiers) {
      if (length <= identifierLength) continue;
      throw new LimitsExceededError(`an identifier of ${length} characters; at most ${identifierLength} are possible`);
    }
  }

  /** Throws LimitsExceededError when one request is about more identifiers or handles than it may be. */
  checkSize(length: number): void {
    const { request } = this.#limits;
    if (length > request) throw new LimitsExceededError(`${length} at once; at most ${request} are possible`);
  }

  #add(identifier: string): number {
    const handle = this.#first + this.#identifiers.length;
    this.#identifiers.push(identifier);
    this.#handles.set(identifier, handle);
    this.#totalLength += identifier.length;
    return handle;
  }

  #checkRoom(identifiers: readonly string[]): void {
    this.checkRequest(identifiers);
    const room = Math.min(this.#limits.count, LAST_HANDLE - this.#first + 1) - this.size;
    const lengthLeft = this.#limits.totalLength - this.#totalLength;
    const atMost = identifiers.length * this.#limits.identifierLength;
    // Counting what is really new costs a set; it is needed only near the limits.
    if (identifiers.length <= room && atMost <= lengthLeft) return;
    const added = [...new Set(identifiers)].filter((identifier) => !this.#handles.has(identifier));
    if (added.length > room) throw new LimitsExceededError(`there is room for ${room} more handles`);
    if (added.reduce((sum, { length }) => sum + length, 0) > lengthLeft) {
      throw new LimitsExceededError("all identifiers together are too long");
    }
  }
}
