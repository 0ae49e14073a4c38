import { expect, test } from "vitest";
import * as limits from "../../../../runtime/core/wire/limits.ts";

test("the limits are those of the D-Bus specification, of libdbus and of sd-bus", () => {
  expect({ ...limits }).toEqual({
    MAX_MESSAGE_LENGTH: 134_217_728,
    MAX_ARRAY_LENGTH: 67_108_864,
    MAX_VALUE_DEPTH: 64,
    MAX_SIGNATURE_LENGTH: 255,
    MAX_TYPE_DEPTH: 32,
    MAX_NAME_LENGTH: 255,
    MAX_SERIAL: 4_294_967_295,
    // libdbus
    MAX_AUTHENTICATION_LINE_LENGTH: 16_384,
    MAX_DESCRIPTORS: 16,
    // sd-bus
    MAX_RECEIVED_NAME_LENGTH: 65_536,
    // Limit of this runtime: the reply to Hello is the first message, and has less than 300 bytes.
    MAX_BYTES_BEFORE_HELLO_REPLY: 65_536,
    MAX_ERROR_TEXT_LENGTH: 1_048_576,
  });
});
