/** Longest message in bytes, header included (D-Bus specification, "Message Format"): 128 MiB. */
export const MAX_MESSAGE_LENGTH = 2 ** 27;
/** Longest array in bytes, its length field and padding not counted (D-Bus specification, "Marshaling"): 64 MiB. */
export const MAX_ARRAY_LENGTH = 2 ** 26;
/** Deepest nesting of arrays, structs, dict entries and variants in one value, counted together as libdbus does. */
export const MAX_VALUE_DEPTH = 64;
/** Largest serial of a message; 0 is not a serial. */
export const MAX_SERIAL = 0xffff_ffff;
