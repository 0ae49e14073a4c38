/** Name of the page about D-Bus types and types of the runtime. */
export const TYPES_PAGE = "types.html";

/** Types of the runtime that signatures on pages contain, with their meaning. */
export const RUNTIME_TYPES: readonly (readonly [name: string, meaning: string])[] = [
  ["Branded", "A basic type with a name, so that values of differently named types are not confused."],
  ["CallOptions", "Options of a call, such as its timeout."],
  ["ObjectPath", "An object path: a string that begins with a slash."],
  ["Property", "A remote property that can be read, set and observed."],
  ["ReadableProperty", "A remote property that can be read and observed."],
  ["Signature", "A sequence of D-Bus types as a string."],
  ["UnixFd", "A file descriptor."],
  ["Variant", "A value with its type."],
  ["WritableProperty", "A remote property that can only be set."],
];
