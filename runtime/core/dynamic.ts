/**
 * Clients without generated code: `remoteObject` introspects an object and checks names and values before they are
 * sent. It is a separate entry point, so that programs with generated clients do not contain the parser of
 * introspection documents.
 *
 * @packageDocumentation
 */

export type { DynamicInterface } from "./dynamic/dynamic-interface.ts";
export { InvalidIntrospectionError } from "./dynamic/invalid-introspection.ts";
export type { IntrospectedInterface } from "./dynamic/read-introspection.ts";
export { type RemoteObject, remoteObject } from "./dynamic/remote-object.ts";
