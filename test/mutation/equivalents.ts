/** Mutants that no test can notice, because they change no result. They do not count in the score. */
interface Equivalents {
  readonly file: string;
  readonly reason: string;
  /**
   * Pairs of changed lines: lines of the source, joined without indentation, and the same lines with the change, or `*`
   * for any change.
   */
  readonly mutants: readonly (readonly [from: string, to: string])[];
}

// biome-ignore format: the changed line follows the source line
export const EQUIVALENTS: readonly Equivalents[] = [
  {
    file: "runtime/core/wire/array-codec.ts",
    reason: "the fraction, which the first item replaces, only decides how the engine stores the array",
    mutants: [["const items = [0.5];", "const items = [(0.5 + 1)];"]],
  },
  {
    file: "runtime/core/wire/array-codec.ts",
    reason: "a pause changes no result, and more of them only take time",
    mutants: [["if (reader.shouldPause()) yield;", "if (true) yield;"]],
  },
  {
    file: "runtime/core/wire/container-codecs.ts",
    reason: "a copy of a list only takes less memory",
    mutants: [["return reader.isLarge ? values.slice() : values;", "*"]],
  },
  {
    file: "runtime/core/wire/decoding-cost.ts",
    reason: "the number of remembered signatures and of values between pauses decides about time only",
    mutants: [
      ["const MAX_REMEMBERED_SIGNATURES = 256;", "const MAX_REMEMBERED_SIGNATURES = (256 + 1);"],
      [`if (step >= steps) return "unfinished";`, `if (step > steps) return "unfinished";`],
    ],
  },
  {
    file: "runtime/core/wire/deframer.ts",
    reason: "only the size of new memory differs, which grows when more bytes arrive",
    mutants: [
      ["const expected = waiting < SLAB_LENGTH / 4 ? 0 : (messageLength(this.#memory, this.#start, this.#end) ?? 0);", "const expected = waiting < SLAB_LENGTH / (4 + 1) ? 0 : (messageLength(this.#memory, this.#start, this.#end) ?? 0);"],
      ["const expected = waiting < SLAB_LENGTH / 4 ? 0 : (messageLength(this.#memory, this.#start, this.#end) ?? 0);", "const expected = waiting < SLAB_LENGTH / 4 ? (0 + 1) : (messageLength(this.#memory, this.#start, this.#end) ?? 0);"],
      ["const several = Math.min(expected * 8, LARGE_SLAB_LENGTH);", "*"],
    ],
  },
  {
    file: "runtime/core/wire/descriptors.ts",
    reason: "no descriptor of a message is undefined; the condition is for the compiler",
    mutants: [["if (descriptor !== undefined) this.#read.add(descriptor);", "if (true) this.#read.add(descriptor);"]],
  },
  {
    file: "runtime/core/wire/dictionary-codec.ts",
    reason: "a prepared record only takes less memory",
    mutants: [["if (mayBeReordered(key)) prepareForNumberedKeys(record);", "*"]],
  },
  {
    file: "runtime/core/wire/array-codec.ts",
    reason: "only the memory of the array differs, not its items",
    mutants: [
      [
        "const items = isExact ? decodeFixed(reader, element, end) : decodeItems(reader, element, end);",
        "const items = false ? decodeFixed(reader, element, end) : decodeItems(reader, element, end);",
      ],
      ["return reader.isLarge && items.length < PREALLOCATED_ITEMS ? items.slice() : items;", "*"],
      ["return items.length < PREALLOCATED_ITEMS ? items.slice() : items;", "*"],
      [
        "const items: unknown[] = count === undefined ? [] : new Array(count);",
        "const items: unknown[] = false ? [] : new Array(count);",
      ],
      [
        "const items: unknown[] = count === undefined ? [] : new Array(count);",
        "const items: unknown[] = true ? [] : new Array(count);",
      ],
      [
        "if (mayBeDouble(element)) items = yield* doublesInSteps(reader, element, end);",
        "if (false) items = yield* doublesInSteps(reader, element, end);",
      ],
      [
        "if (mayBeDouble(element)) return decodeDoubles(reader, element, end);",
        "if (false) return decodeDoubles(reader, element, end);",
      ],
      [
        "return element.fixed ? fixedInSteps(reader, element) : itemsInSteps(reader, element);",
        "return false ? fixedInSteps(reader, element) : itemsInSteps(reader, element);",
      ],
    ],
  },
  {
    file: "runtime/core/wire/container-codecs.ts",
    reason: "the order of one key need not be remembered, and a missing order is not used",
    mutants: [
      [
        "if (order !== undefined && order.length > 1) rememberKeyOrder(record, order);",
        "if (true) rememberKeyOrder(record, order);",
      ],
      [
        "if (order !== undefined && order.length > 1) rememberKeyOrder(record, order);",
        "if (order !== undefined && order.length >= 1) rememberKeyOrder(record, order);",
      ],
    ],
  },
  {
    file: "runtime/core/wire/container-codecs.ts",
    reason: "the length of the array replaces the number",
    mutants: [["writer.u32(0);", "writer.u32((0 + 1));"]],
  },
  {
    file: "runtime/core/wire/declared-codecs.ts",
    reason: "the codec of a variant decodes a Variant; the condition is for the compiler",
    mutants: [
      [
        "return other instanceof Variant ? new UndeclaredVariant(other) : other;",
        "return true ? new UndeclaredVariant(other) : other;",
      ],
    ],
  },
  {
    file: "runtime/core/wire/declared-codecs.ts",
    reason: "a declared variant is the value of a dict entry, and never the item of an array",
    mutants: [
      ["alignment: 1,", "alignment: (1 + 1),"],
      ["fixed: false,", "fixed: true,"],
    ],
  },
  {
    file: "runtime/core/wire/decoding-cost.ts",
    reason: "without frames nothing is counted at this depth",
    mutants: [["#depth = 0;", "#depth = (0 + 1);"]],
  },
  {
    file: "runtime/core/wire/decoding-cost.ts",
    reason: "the offset is within the bytes, or the body is malformed, which the decoder reports",
    mutants: [
      ["return this.#bytes[this.#offset++] ?? 0;", "return this.#bytes[this.#offset++] ?? (0 + 1);"],
      [
        "return this.#offset > this.#bytes.length ? 0 : this.#view.getUint32(at, this.#littleEndian);",
        "return this.#offset > this.#bytes.length ? (0 + 1) : this.#view.getUint32(at, this.#littleEndian);",
      ],
    ],
  },
  {
    file: "runtime/core/wire/decoding-cost.ts",
    reason: "after the first byte, no value follows a container that is not an array",
    mutants: [
      ["return this.#open(type.fields, 0);", "return this.#open(type.fields, (0 + 1));"],
      [
        "return type !== undefined && this.#open([type], 0);",
        "return type !== undefined && this.#open([type], (0 + 1));",
      ],
    ],
  },
  {
    file: "runtime/core/wire/decoding-cost.ts",
    reason: "the index is below the number of types; the condition is for the compiler",
    mutants: [["if (type === undefined) return false;", "if (false) return false;"]],
  },
  {
    file: "runtime/core/wire/decoding-cost.ts",
    reason: "a body that is nested deeper is malformed, which the decoder reports",
    mutants: [["if (this.#depth > 2 * MAX_VALUE_DEPTH) return false;", "if (this.#depth > (2 + 1) * MAX_VALUE_DEPTH) return false;"]],
  },
  {
    file: "runtime/core/wire/deframer.ts",
    reason: "moving bytes within the memory, or to where they are, changes no message",
    mutants: [
      ["if (this.#start === this.#end && this.#usedEnd < this.#start) this.#moveTo(this.#memory, this.#usedEnd);", "if (true) this.#moveTo(this.#memory, this.#usedEnd);"],
      [
        "if (this.#start === this.#end && this.#usedEnd < this.#start) this.#moveTo(this.#memory, this.#usedEnd);",
        "if (this.#start === this.#end && this.#usedEnd <= this.#start) this.#moveTo(this.#memory, this.#usedEnd);",
      ],
    ],
  },
  {
    file: "runtime/core/wire/decoding-cost.ts",
    reason: "the number is within the bytes, or the body is malformed; the default value is for the compiler",
    mutants: [
      ["return (this.#bytes[at] ?? 0) >= 0x80;", "return (this.#bytes[at] ?? (0 + 1)) >= 0x80;"],
    ],
  },
  {
    file: "runtime/core/wire/name-syntax.ts",
    reason: "the end of the text is no character of a name, either",
    mutants: [
      [
        "for (let index = start; index < length; index++) {",
        "for (let index = start; index <= length; index++) {",
      ],
    ],
  },
  {
    file: "runtime/core/wire/record.ts",
    reason: "the number decides about memory only",
    mutants: [["const HIGHEST_INDEX = 2 ** 32 - 2;", "*"]],
  },
  {
    file: "runtime/core/wire/name-syntax.ts",
    reason: "the code is within the table; the default value is for the compiler",
    mutants: [
      [
        "return code < SETS.length && ((SETS[code] ?? 0) & set) !== 0;",
        "return code < SETS.length && ((SETS[code] ?? (0 + 1)) & set) !== 0;",
      ],
    ],
  },
  {
    file: "runtime/core/wire/reader.ts",
    reason: "the constructor sets the field",
    mutants: [
      ["offset = 0;", "offset = (0 + 1);"],
      ["isDescriptorMissing = false;", "isDescriptorMissing = true;"],
      ["littleEndian = true;", "littleEndian = false;"],
      ["isLarge = false;", "isLarge = true;"],
      ["#pauseAt = 0;", "#pauseAt = (0 + 1);"],
      ["#start = 0;", "#start = (0 + 1);"],
      ["#length = 0;", "#length = (0 + 1);"],
      ["#depth = 0;", "#depth = (0 + 1);"],
    ],
  },
  {
    file: "runtime/core/wire/reader.ts",
    reason: "whether and where a text is in the cache decides about time only; the text is compared",
    mutants: [
      ["cache.add(this.#bytes, this.#start + start, length, text);", "*"],
      [
        "if (end >= this.#length || this.#bytes[this.#start + end] !== 0) return undefined;",
        "if (true) return undefined;",
      ],
    ],
  },
  {
    file: "runtime/core/wire/reader.ts",
    reason: "a long text has more bytes, or the message is malformed, which decoding at once finds, too",
    mutants: [
      [
        "return at + 4 <= this.#length && this.#view.getUint32(this.#start + at, this.littleEndian) > TEXT_STEP_LENGTH;",
        "return at + (4 + 1) <= this.#length && this.#view.getUint32(this.#start + at, this.littleEndian) > TEXT_STEP_LENGTH;",
      ],
      [
        "return at + 4 <= this.#length && this.#view.getUint32(this.#start + at, this.littleEndian) > STEP_LENGTH;",
        "return at + (4 + 1) <= this.#length && this.#view.getUint32(this.#start + at, this.littleEndian) > STEP_LENGTH;",
      ],
    ],
  },
  {
    file: "runtime/core/wire/reader.ts",
    reason: "one more pause changes no result",
    mutants: [
      ["this.#pauseAt = 0;", "this.#pauseAt = (0 + 1);"],
      ["if (this.offset < this.#pauseAt) return false;", "if (this.offset <= this.#pauseAt) return false;"],
    ],
  },
  {
    file: "runtime/core/wire/decoding-cost.ts",
    reason: "opening a container sets the field",
    mutants: [
      ["nextIndex = 0;", "nextIndex = (0 + 1);"],
      ["arrayStart = 0;", "arrayStart = (0 + 1);"],
      ["arrayEnd = 0;", "arrayEnd = (0 + 1);"],
      ["itemCount = 0;", "itemCount = (0 + 1);"],
      ["isDictionary = false;", "isDictionary = true;"],
      ["keyCount = 0;", "keyCount = (0 + 1);"],
      ["hasNumberedKey = false;", "hasNumberedKey = true;"],
    ],
  },
  {
    file: "runtime/core/wire/decoding-cost.ts",
    reason: "a cache saves time only",
    mutants: [
      [
        "if (this.#signatures.size < MAX_REMEMBERED_SIGNATURES) this.#signatures.set(signature, type);",
        "if (this.#signatures.size <= MAX_REMEMBERED_SIGNATURES) this.#signatures.set(signature, type);",
      ],
      [
        "if (this.#signatures.size < MAX_REMEMBERED_SIGNATURES) this.#signatures.set(signature, type);",
        "if (true) this.#signatures.set(signature, type);",
      ],
      [
        "if (this.#signatures.size < MAX_REMEMBERED_SIGNATURES) this.#signatures.set(signature, type);",
        "if (false) this.#signatures.set(signature, type);",
      ],
      ["if (cached !== undefined) return cached;", "if (false) return cached;"],
      ["TEXTS.add(this.#bytes, start, length, text);", ";"],
    ],
  },
  {
    file: "runtime/core/wire/decoding-cost.ts",
    reason: "the count of a malformed body may end later, because the decoder refuses the body",
    mutants: [
      ["if (!this.#skip(length + 1)) return false;", "if (!this.#skip(length + 1)) return true;"],
      [
        "return this.#offset > this.#bytes.length ? 0 : this.#view.getUint32(at, this.#littleEndian);",
        "return this.#offset >= this.#bytes.length ? 0 : this.#view.getUint32(at, this.#littleEndian);",
      ],
    ],
  },
  {
    file: "runtime/core/wire/decoding-cost.ts",
    reason: "the offset after a length is a multiple of 4",
    mutants: [
      [
        `if (size === undefined) return this.#openArray([element], element.kind === "struct" ? 8 : 1, false);`,
        `if (size === undefined) return this.#openArray([element], element.kind === "struct" ? 8 : (1 + 1), false);`,
      ],
    ],
  },
  {
    file: "runtime/core/wire/kept-encoding.ts",
    reason: "a WeakMap has no value for a text or number; the condition is for the compiler",
    mutants: [
      [
        `return typeof value === "object" && value !== null ? encodings.get(value) : undefined;`,
        `return typeof value === "object" || value !== null ? encodings.get(value) : undefined;`,
      ],
      [
        `return typeof value === "object" && value !== null ? encodings.get(value) : undefined;`,
        "return true ? encodings.get(value) : undefined;",
      ],
    ],
  },
  {
    file: "runtime/core/wire/key-order.ts",
    reason: "objects keep the order of keys that do not begin with a digit, also if it is remembered",
    mutants: [
      ["return code >= 0x30 && code <= 0x39;", "return code >= 0x30 && code <= (57 + 1);"],
      ["if (first === undefined || !mayBeReordered(first)) return keys;", "if (false) return keys;"],
    ],
  },
  {
    file: "runtime/core/wire/key-order.ts",
    reason: "preparing a record decides about its memory only",
    mutants: [["if (order === undefined) prepareForNumberedKeys(record);", "*"]],
  },
  {
    file: "runtime/core/wire/message.ts",
    reason: "decoding the header sets the field",
    mutants: [["bodyOffset = 0;", "bodyOffset = (0 + 1);"]],
  },
  {
    file: "runtime/core/wire/key-shapes.ts",
    reason: "other bits of the hash are as random",
    mutants: [["const slot = (hash >>> 3) & (SLOTS - 1);", "*"]],
  },
  {
    file: "runtime/core/wire/message.ts",
    reason: "all messages are of this class; the condition is for the compiler",
    mutants: [["if (!(message instanceof ReceivedMessage)) return;", "if (false) return;"]],
  },
  {
    file: "runtime/core/wire/key-shapes.ts",
    reason: "the number is random",
    mutants: [
      [
        "const SEED = Math.floor(Math.random() * 0x1_0000_0000) | 0;",
        "const SEED = Math.floor(Math.random() * (4294967296 + 1)) | 0;",
      ],
    ],
  },
  {
    file: "runtime/core/wire/key-shapes.ts",
    reason: "the index is within the bytes; the default value is for the compiler",
    mutants: [
      [
        "for (let index = start; index < start + length; index++) hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x0100_0193);",
        "for (let index = start; index < start + length; index++) hash = Math.imul(hash ^ (bytes[index] ?? (0 + 1)), 0x0100_0193);",
      ],
    ],
  },
  {
    file: "runtime/core/wire/reader.ts",
    reason: "texts of this length are decoded to the same text with the cache and without",
    mutants: [["const CACHED_TEXT_LENGTH = 24;", "const CACHED_TEXT_LENGTH = (24 + 1);"]],
  },
  {
    file: "runtime/core/wire/reader.ts",
    reason: "a value follows the signature; without it the general path finds the message malformed, too",
    mutants: [
      [
        "if (this.offset + 3 > this.#length || this.#bytes[at] !== 1 || this.#bytes[at + 2] !== 0) return undefined;",
        "if (this.offset + 3 >= this.#length || this.#bytes[at] !== 1 || this.#bytes[at + 2] !== 0) return undefined;",
      ],
      [
        "if (this.offset + 3 > this.#length || this.#bytes[at] !== 1 || this.#bytes[at + 2] !== 0) return undefined;",
        "if (this.offset + (3 + 1) > this.#length || this.#bytes[at] !== 1 || this.#bytes[at + 2] !== 0) return undefined;",
      ],
    ],
  },
  {
    file: "runtime/core/wire/reader.ts",
    reason: "a character of valid UTF-8 has at most 4 bytes",
    mutants: [
      [
        "for (let end = limit; end > Math.max(start, limit - 4); end--) {",
        "for (let end = limit; end > Math.max(start, limit - (4 + 1)); end--) {",
      ],
    ],
  },
  {
    file: "runtime/core/wire/text-cache.ts",
    reason: "another place in the cache for a text gives the same results; the text is compared",
    mutants: [
      ["if (length > MAX_TEXT_LENGTH) return undefined;", "*"],
      ["if (text === undefined || text.length !== length) return undefined;", "if (true) return undefined;"],
      [
        "for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return undefined;",
        "for (let i = 0; i < length; i++) if (true) return undefined;",
      ],
      ["if (length <= MAX_TEXT_LENGTH && text.length === length) this.#texts[slotOf(bytes, start, length)] = text;", "*"],
      ["if (length === 0) return 0;", "*"],
      ["const end = start + length;", "*"],
      ["const last = bytes[end - 1] ?? 0;", "*"],
      ["const secondLast = bytes[end - 2] ?? 0;", "*"],
      ["const middle = bytes[start + (length >> 1)] ?? 0;", "*"],
      ["return (last * 31 + secondLast * 7 + middle * 131 + length * 17) & (SLOTS - 1);", "*"],
    ],
  },
  {
    file: "runtime/core/wire/writer.ts",
    reason: "only the memory of the writer differs, not what it writes",
    mutants: [
      ["if (this.#descriptors.length > 0) this.#descriptors = [];", "if (this.#descriptors.length >= 0) this.#descriptors = [];"],
      ["if (this.#descriptors.length > 0) this.#descriptors = [];", "if (true) this.#descriptors = [];"],
      ["if (length > SHORT_TEXT_LENGTH) return false;", "if (length >= SHORT_TEXT_LENGTH) return false;"],
      ["#start = 0;", "#start = (0 + 1);"],
      ["const isLarge = needed * 2 > MAX_REUSED_CAPACITY;", "*"],
      ["const generous = isLarge ? this.offset * 2 : Math.min(this.#bytes.length * 2, MAX_REUSED_CAPACITY);", "*"],
    ],
  },
  {
    file: "runtime/core/wire/deframer.ts",
    reason: "memory grows when bytes arrive",
    mutants: [["const NO_BYTES = Buffer.alloc(0);", "const NO_BYTES = Buffer.alloc((0 + 1));"]],
  },
  {
    file: "runtime/core/wire/header-fields.ts",
    reason: "no field has the code 0",
    mutants: [["let seen = 0;", "let seen = (0 + 1);"]],
  },
  {
    file: "runtime/core/wire/header-template.ts",
    reason: "a template is a cache: an encoded header has the same bytes without it",
    mutants: [
      ["if (isFor(lastUsed, header)) return lastUsed;", "if (false) return lastUsed;"],
      ["if (!isFor(template, header)) {", "if (true) {"],
      ["if (hasSameTexts(template.complete, header)) {", "if (false) {"],
      ["if (template === undefined) return false;", "if (true) return false;"],
      ["caches.set(codec, cache);", ";"],
      ["const MAX_CACHED_TEMPLATES = 64;", "const MAX_CACHED_TEMPLATES = (64 + 1);"],
      ["byName.set(name, template);", ";"],
      [
        `if (header.path !== valid?.path) assertSyntax(header.path, isObjectPath, "path", "an object path");`,
        `if (true) assertSyntax(header.path, isObjectPath, "path", "an object path");`,
      ],
      ["if (header.destination !== valid?.destination)", "if (true)"],
    ],
  },
  {
    file: "runtime/core/wire/header-template.ts",
    reason: "the flags and the serial of the message replace the number",
    mutants: [
      ["writer.u8(0);", "writer.u8((0 + 1));"],
      ["writer.u32(0);", "writer.u32((0 + 1));"],
    ],
  },
  {
    file: "runtime/connman/policy/session-request.ts",
    reason: "only the order of the distances counts",
    mutants: [[
      "const ROAMING_DISTANCE: Readonly<Record<Roaming, number>> = { home: 0, national: 1, international: 2 };",
      "const ROAMING_DISTANCE: Readonly<Record<Roaming, number>> = { home: 0, national: 1, international: (2 + 1) };",
    ]],
  },
  {
    file: "runtime/connman/policy/reported-settings.ts",
    reason: "the requested settings contain each setting of clients, and no other; the conditions are for the compiler",
    mutants: [
      [`else if (row.source === "client") {`, "else if (true) {"],
      [
        "if (value !== undefined) settings[name] = row.report(value, view);",
        "if (true) settings[name] = row.report(value, view);",
      ],
    ],
  },
  {
    file: "runtime/connman/policy/reported-settings.ts",
    reason: "both values of a setting have its type, which is not null; only the earlier value can be missing",
    mutants: [
      [
        `if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;`,
        `if (typeof left !== "object" || typeof right !== "object" || left === null && right === null) return false;`,
      ],
      [
        `if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;`,
        `if (typeof left !== "object" || typeof right !== "object" && left === null || right === null) return false;`,
      ],
    ],
  },
  {
    file: "runtime/connman/policy/requested-settings.ts",
    reason: "each setting of clients has an initial value; the condition is for the compiler",
    mutants: [[
      `if (!isComplete(settings)) throw new Error("a setting has no initial value");`,
      `if (false) throw new Error("a setting has no initial value");`,
    ]],
  },
  {
    file: "generator/compiler/resolve/markup-reader.ts",
    reason: "only elements have names; the condition is for the compiler",
    mutants: [[`if (child.kind !== "element") continue;`, "if (false) continue;"]],
  },
  {
    file: "generator/compiler/names/decide-names.ts",
    reason: "no name begins with a dot",
    mutants: [
      [
        `return name.slice(0, Math.max(end, 0)).includes(".") ? name.slice(end + 1) : name;`,
        `return name.slice((0 + 1), Math.max(end, 0)).includes(".") ? name.slice(end + 1) : name;`,
      ],
      [
        `return name.slice(0, Math.max(end, 0)).includes(".") ? name.slice(end + 1) : name;`,
        `return name.slice(0, Math.max(end, (0 + 1))).includes(".") ? name.slice(end + 1) : name;`,
      ],
    ],
  },
  {
    file: "generator/compiler/names/decide-names.ts",
    reason: "each key is counted before; the default value is for the compiler",
    mutants: [
      [
        "camelCase(nameForBindings ?? ((counts.get(ownPart(name)) ?? 0) > 1 ? name : ownPart(name)));",
        "camelCase(nameForBindings ?? ((counts.get(ownPart(name)) ?? (0 + 1)) > 1 ? name : ownPart(name)));",
      ],
    ],
  },
  {
    file: "generator/compiler/names/number-suffix.ts",
    reason: "the next search continues where this one ended only to save time",
    mutants: [["this.#next.set(name, number + 1);", ";"]],
  },
  {
    file: "runtime/telepathy/connection/handle-table.ts",
    reason: "the condition only saves time far from the limits",
    mutants: [
      [
        "if (identifiers.length <= freeHandles && identifiers.length * maxIdentifierLength <= freeLength) return;",
        "if (false) return;",
      ],
      [
        "if (identifiers.length <= freeHandles && identifiers.length * maxIdentifierLength <= freeLength) return;",
        "if (identifiers.length < freeHandles && identifiers.length * maxIdentifierLength <= freeLength) return;",
      ],
      [
        "if (identifiers.length <= freeHandles && identifiers.length * maxIdentifierLength <= freeLength) return;",
        "if (identifiers.length <= freeHandles && identifiers.length * maxIdentifierLength < freeLength) return;",
      ],
    ],
  },
  {
    file: "runtime/telepathy/connection/connection-handles.ts",
    reason: "the condition only saves time far from the quotas, and memory for clients without handles",
    mutants: [
      [
        "if (!usage.hasRoom(consumer, identifiers.length)) usage.check(consumer, table.missing(identifiers).length);",
        "if (true) usage.check(consumer, table.missing(identifiers).length);",
      ],
      ["if (added === 0) return;", "if (false) return;"],
    ],
  },
  {
    file: "runtime/telepathy/connection/connection-handles.ts",
    reason: "the counts are not used after the end of the connection; removing them frees memory",
    mutants: [["this.#counts.clear();", ";"]],
  },
  {
    file: "runtime/telepathy/connection/interest-counts.ts",
    reason: "each client is counted once, so that its quota is never reached",
    mutants: [[
      "const quotas = { perClient: 1, perUser: maxClientsPerUser, total: maxClients };",
      "const quotas = { perClient: (1 + 1), perUser: maxClientsPerUser, total: maxClients };",
    ]],
  },
  {
    file: "runtime/telepathy/connection/interest-counts.ts",
    reason: "no token has this index, either",
    mutants: [
      [
        "return this.#clients.get(client)?.counts.get(this.#indices.get(token) ?? -1) ?? 0;",
        "return this.#clients.get(client)?.counts.get(this.#indices.get(token) ?? -(1 + 1)) ?? 0;",
      ],
      [
        "return this.#clientCounts[this.#indices.get(token) ?? -1] ?? 0;",
        "return this.#clientCounts[this.#indices.get(token) ?? -(1 + 1)] ?? 0;",
      ],
    ],
  },
  {
    file: "runtime/telepathy/connection/interest-counts.ts",
    reason: "each index is that of a token; the default value and the condition are for the compiler",
    mutants: [
      [
        "const clientCount = this.#clientCounts[index] ?? 0;",
        "const clientCount = this.#clientCounts[index] ?? (0 + 1);",
      ],
      [
        "const clientCount = (this.#clientCounts[index] ?? 0) - 1;",
        "const clientCount = (this.#clientCounts[index] ?? (0 + 1)) - 1;",
      ],
      [
        "if (token !== undefined) this.#listener[change](token);",
        "if (true) this.#listener[change](token);",
      ],
    ],
  },
];
