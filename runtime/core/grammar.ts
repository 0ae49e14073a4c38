export * from "./wire/name-syntax.ts";
export * from "./wire/signature.ts";
