/** Longest message in bytes, header included: 128 MiB (D-Bus specification, "Message Format"). */
export const MAX_MESSAGE_LENGTH = 2 ** 27;
/** Longest array in bytes, without its length field and padding: 64 MiB (D-Bus specification, "Marshaling"). */
export const MAX_ARRAY_LENGTH = 2 ** 26;
/**
 * Deepest nesting of arrays, structs, dict entries and variants in one value, counted together as libdbus does
 * (D-Bus specification, "Marshaling").
 */
export const MAX_VALUE_DEPTH = 64;
/** Longest signature in characters (D-Bus specification, "Valid Signatures"). */
export const MAX_SIGNATURE_LENGTH = 255;
/** Deepest nesting of arrays in a signature, and separately of structs (D-Bus specification, "Valid Signatures"). */
export const MAX_TYPE_DEPTH = 32;
/** Longest bus, interface, member or error name in characters (D-Bus specification, "Valid Names"). */
export const MAX_NAME_LENGTH = 255;
/** Longest line of the server during authentication in bytes, without its newline: the limit of libdbus. */
export const MAX_AUTHENTICATION_LINE_LENGTH = 2 ** 14;
/** Most bytes that a client accepts before the reply to Hello. A bus sends no other message before that reply. */
export const MAX_BYTES_BEFORE_HELLO_REPLY = 2 ** 16;
/** Largest serial of a message; 0 is not a serial (D-Bus specification, "Message Format"). */
export const MAX_SERIAL = 0xffff_ffff;
/**
 * Most file descriptors in one message: the default of dbus-daemon (`max_message_unix_fds`), which disconnects a client
 * that sends more.
 */
export const MAX_DESCRIPTORS = 16;
/**
 * Longest object path or dictionary key in bytes that this runtime accepts in a received message. The specification has
 * no such limit; sd-bus has the same limit for paths. Scanning and hashing a longer text would delay other work.
 */
export const MAX_RECEIVED_NAME_LENGTH = 2 ** 16;
/**
 * Longest text of an error that is used: in bytes for a received error, in UTF-16 code units for an error that a
 * handler throws.
 */
export const MAX_ERROR_TEXT_LENGTH = 2 ** 20;
