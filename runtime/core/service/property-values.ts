import type { Codec } from "../wire/codec.ts";
import { codecOf } from "../wire/compile-codec.ts";
import { beginArray, encodeEntry, endArray, entryCodec } from "../wire/container-codecs.ts";
import { InvalidValueError } from "../wire/errors.ts";
import type { PropertyMember } from "./members.ts";

/** Property values of one interface, by property. */
export class PropertyValues extends Map<PropertyMember, unknown> {}

const KEY = /* @__PURE__ */ codecOf("s");
const ENTRY = /* @__PURE__ */ entryCodec(KEY, /* @__PURE__ */ codecOf("v"));

/** Codec of `a{sv}` that encodes PropertyValues by property name. The codec cannot decode. */
export const PROPERTY_VALUES: Codec = {
  signature: "a{sv}",
  alignment: 4,
  fixed: false,
  encode(writer, values) {
    if (!(values instanceof PropertyValues)) throw new InvalidValueError("expected property values");
    const start = beginArray(writer, ENTRY);
    for (const [property, value] of values) encodeEntry(writer, KEY, property.variant, property.contract.name, value);
    endArray(writer, ENTRY, start);
  },
  decode() {
    throw new InvalidValueError("this codec cannot decode property values");
  },
};
