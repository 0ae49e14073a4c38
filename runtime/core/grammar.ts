export * from "./wire/names.ts";
export * from "./wire/signature.ts";
