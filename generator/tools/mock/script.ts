import type { Interface } from "../../compiler/resolve/ir.ts";

/** An object that a mock serves. */
export interface ScriptedObject {
  readonly path: string;
  readonly interfaces: readonly ScriptedInterface[];
  /** Whether the object is an object manager of the objects below it. */
  readonly isManager: boolean;
}

/** The behaviour of one interface of a mock. */
export interface ScriptedInterface {
  readonly spec: Interface;
  /** Initial values of properties, by name. Other properties get default values. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** Replies of methods, by their key in the contract: a list for successive calls. The last reply is repeated. */
  readonly replies: ReadonlyMap<string, readonly ScriptedReply[]>;
  /** Signals that are emitted at given times. */
  readonly emissions: readonly TimedEmission[];
}

/** The effects of one method call. */
export interface ScriptedReply {
  /** Value of the reply; absent for default values. */
  readonly result?: { readonly value: unknown };
  readonly error?: { readonly name: string; readonly message: string };
  readonly delayMs: number;
  /** Properties that are set before the reply, by name. */
  readonly set: Readonly<Record<string, unknown>>;
  /** Signals that are emitted before the reply. */
  readonly emit: readonly Emission[];
}

/** A signal with its arguments. */
export interface Emission {
  /** Key of the signal in the contract. */
  readonly signal: string;
  readonly args: readonly unknown[];
}

/** A signal that is emitted at given times. */
export interface TimedEmission extends Emission {
  /** Time from the start to the first emission. */
  readonly afterMs: number;
  /** Interval of further emissions; absent for a single emission. */
  readonly everyMs?: number;
}

/** Returns an object with default behaviour. */
export function unscriptedObject(path: string, interfaces: readonly Interface[]): ScriptedObject {
  return { path, interfaces: interfaces.map(unscriptedInterface), isManager: false };
}

/** Returns an interface with default behaviour. */
export function unscriptedInterface(spec: Interface): ScriptedInterface {
  return { spec, properties: {}, replies: new Map(), emissions: [] };
}
