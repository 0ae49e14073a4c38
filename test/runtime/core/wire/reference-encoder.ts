import { Variant } from "../../../../runtime/core/index.ts";
import { readSignature, type Type } from "../../../../runtime/core/wire/signature.ts";
import type { Typed } from "./any-body.ts";

const SIZES: ReadonlyMap<string, number> = new Map(
  Object.entries({ y: 1, n: 2, q: 2, i: 4, u: 4, h: 4, b: 4, x: 8, t: 8, d: 8 }),
);

/** Returns the encoding of values as the D-Bus specification, "Marshaling", defines it. Simple instead of fast. */
export function bytesOf(values: readonly Typed[], littleEndian: boolean): Buffer {
  const out: number[] = [];
  for (const { type, value } of values) write(out, typeOf(type), value, littleEndian);
  return Buffer.from(out);
}

function typeOf(signature: string): Type {
  const read = readSignature(signature);
  const [type] = read.ok ? read.types : [];
  if (type === undefined) throw new Error(`${signature} is not a type`);
  return type;
}

function write(out: number[], type: Type, value: unknown, littleEndian: boolean): void {
  align(out, alignmentOf(type));
  switch (type.kind) {
    case "basic":
      writeBasic(out, type.code, value, littleEndian);
      break;
    case "variant": {
      if (!(value instanceof Variant)) throw new Error("not a variant");
      writeBasic(out, "g", value.signature, littleEndian);
      write(out, typeOf(value.signature), value.value, littleEndian);
      break;
    }
    case "struct": {
      const fields: readonly unknown[] = Object.values(Object(value));
      for (const [index, field] of type.fields.entries()) write(out, field, fields[index], littleEndian);
      break;
    }
    case "array": {
      const items: readonly unknown[] = Object.values(Object(value));
      writeArray(out, alignmentOf(type.element), littleEndian, () => {
        for (const item of items) write(out, type.element, item, littleEndian);
      });
      break;
    }
    case "dict": {
      const entries = value instanceof Map ? [...value] : Object.entries(Object(value));
      writeArray(out, 8, littleEndian, () => {
        for (const [key, item] of entries) {
          align(out, 8);
          write(out, type.key, key, littleEndian);
          write(out, type.value, item, littleEndian);
        }
      });
      break;
    }
  }
}

function writeArray(out: number[], alignment: number, littleEndian: boolean, writeItems: () => void): void {
  const lengthAt = out.length;
  out.push(0, 0, 0, 0);
  align(out, alignment);
  const start = out.length;
  writeItems();
  out.splice(lengthAt, 4, ...numberBytes("u", out.length - start, littleEndian));
}

function writeBasic(out: number[], code: string, value: unknown, littleEndian: boolean): void {
  if (code === "s" || code === "o" || code === "g") {
    const text = Buffer.from(String(value));
    out.push(...numberBytes(code === "g" ? "y" : "u", text.length, littleEndian), ...text, 0);
  } else out.push(...numberBytes(code, value, littleEndian));
}

function numberBytes(code: string, value: unknown, littleEndian: boolean): readonly number[] {
  const bytes = Buffer.alloc(SIZES.get(code) ?? 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (code === "d") view.setFloat64(0, Number(value), littleEndian);
  else if (typeof value === "bigint") view.setBigInt64(0, value, littleEndian);
  else if (bytes.length === 1) view.setUint8(0, Number(value));
  else if (bytes.length === 2) view.setInt16(0, Number(value), littleEndian);
  else view.setInt32(0, Number(value), littleEndian);
  return [...bytes];
}

function align(out: number[], alignment: number): void {
  while (out.length % alignment !== 0) out.push(0);
}

function alignmentOf(type: Type): number {
  if (type.kind === "struct") return 8;
  if (type.kind === "variant") return 1;
  if (type.kind !== "basic") return 4;
  return SIZES.get(type.code) ?? (type.code === "g" ? 1 : 4);
}
