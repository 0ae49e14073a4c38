/** Largest size of an entry of a TXT record in bytes. */
const MAX_ENTRY_BYTES = 255;

/**
 * Returns the values of a TXT record by key: a text, or `true` for a key without a value. Keys are in lower case,
 * because their case has no meaning. Of equal keys, the first is used; entries without a key are ignored. Invalid UTF-8
 * becomes U+FFFD. The rules are those of RFC 6763, section 6.
 */
export function parseTxt(entries: readonly Uint8Array[]): ReadonlyMap<string, string | true> {
  const values = new Map<string, string | true>();
  for (const entry of entries) {
    const [, key = "", value] = /^([^=]+)(?:=(.*))?$/s.exec(new TextDecoder().decode(entry)) ?? [];
    const name = key.toLowerCase();
    if (name !== "" && !values.has(name)) values.set(name, value ?? true);
  }
  return values;
}

/**
 * Returns the entries of a TXT record.
 *
 * @param values - Values by key: a text, bytes, or `true` for a key without a value.
 * @throws RangeError if a key is not printable ASCII without `=`, or an entry has more than 255 bytes.
 */
export function formatTxt(values: Readonly<Record<string, string | Uint8Array | true>>): readonly Uint8Array[] {
  return Object.entries(values).map(([key, value]) => {
    if (!/^[ -<>-~]+$/.test(key)) throw new RangeError(`"${key}" is no key of a TXT record`);
    const bytes = value === true ? Buffer.from(key) : Buffer.concat([Buffer.from(`${key}=`), Buffer.from(value)]);
    if (bytes.length > MAX_ENTRY_BYTES)
      throw new RangeError(`the entry of "${key}" has more than ${MAX_ENTRY_BYTES} bytes`);
    return new Uint8Array(bytes);
  });
}
