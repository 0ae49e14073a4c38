export * from "./annotation-names.ts";
export { CONTRACT_VERSION } from "./contract.ts";
export { MAX_INTERFACES, MAX_INTROSPECTION_BYTES, MAX_XML_DEPTH } from "./quotas.ts";
export { MAX_NAME_LENGTH, MAX_SIGNATURE_LENGTH, MAX_TYPE_DEPTH, MAX_VALUE_DEPTH } from "./wire/limits.ts";
export * from "./wire/name-syntax.ts";
export * from "./wire/signature.ts";
