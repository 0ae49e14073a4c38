const INITIAL_CAPACITY = 64;

/** An item with a serial. */
export interface HasSerial {
  readonly serial: number;
}

/**
 * A table of items by serial. Serials are consecutive and short-lived, so each has a slot in an array. A Map would
 * leave old hash tables behind that keep the garbage of recent calls alive.
 */
export class SerialTable<T extends HasSerial> implements Iterable<T> {
  #slots: (T | undefined)[] = new Array(INITIAL_CAPACITY).fill(undefined);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(serial: number): T | undefined {
    const item = this.#slots[this.#slotOf(serial)];
    return item?.serial === serial ? item : undefined;
  }

  /** Returns whether an item with this serial can be added without growing the table. */
  isSlotFree(serial: number): boolean {
    return this.#slots[this.#slotOf(serial)] === undefined;
  }

  /** Adds an item. No other item may have the serial. */
  add(item: T): void {
    while (this.#size * 2 >= this.#slots.length || !this.isSlotFree(item.serial)) this.#grow();
    this.#slots[this.#slotOf(item.serial)] = item;
    this.#size++;
  }

  delete(serial: number): void {
    if (this.get(serial) === undefined) return;
    this.#slots[this.#slotOf(serial)] = undefined;
    this.#size--;
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (const item of this.#slots) if (item !== undefined) yield item;
  }

  #slotOf(serial: number): number {
    return serial & (this.#slots.length - 1);
  }

  #grow(): void {
    const items = [...this];
    this.#slots = new Array(this.#slots.length * 2).fill(undefined);
    for (const item of items) this.#slots[this.#slotOf(item.serial)] = item;
  }
}
