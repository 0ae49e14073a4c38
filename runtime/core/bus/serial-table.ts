const FIRST_CAPACITY = 64;

/** What holds a serial. */
export interface Numbered {
  readonly serial: number;
}

/**
 * What waits, by serial. Serials come in a row and leave soon, so each has a place of its own in an array: a Map would
 * leave dead tables behind that keep the garbage of young calls alive.
 */
export class SerialTable<T extends Numbered> implements Iterable<T> {
  #places: (T | undefined)[] = new Array(FIRST_CAPACITY).fill(undefined);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(serial: number): T | undefined {
    const found = this.#places[this.#placeOf(serial)];
    return found?.serial === serial ? found : undefined;
  }

  /** Whether something could be added under a serial without making the table larger. */
  hasPlace(serial: number): boolean {
    return this.#places[this.#placeOf(serial)] === undefined;
  }

  /** Adds what holds a serial that nothing else in the table holds. */
  add(item: T): void {
    while (this.#size * 2 >= this.#places.length || !this.hasPlace(item.serial)) this.#grow();
    this.#places[this.#placeOf(item.serial)] = item;
    this.#size++;
  }

  delete(serial: number): void {
    if (this.get(serial) === undefined) return;
    this.#places[this.#placeOf(serial)] = undefined;
    this.#size--;
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (const item of this.#places) if (item !== undefined) yield item;
  }

  #placeOf(serial: number): number {
    return serial & (this.#places.length - 1);
  }

  #grow(): void {
    const items = [...this];
    this.#places = new Array(this.#places.length * 2).fill(undefined);
    for (const item of items) this.#places[this.#placeOf(item.serial)] = item;
  }
}
