const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Reserved words of TypeScript, which cannot be names of parameters in a module. */
export const RESERVED_WORDS = words(
  `arguments await break case catch class const continue debugger default delete do else enum eval export extends false
  finally for function if implements import in instanceof interface let new null package private protected public return
  static super switch this throw true try typeof undefined var void while with yield`,
);

/** Name of the parameter of a generated client method that takes the options of the call. */
export const CALL_PARAMETER = "call";
/** Name of the parameter of a generated service method that describes the incoming call. */
export const INCOMING_PARAMETER = "incoming";

/**
 * Names that generated members cannot have: members of all objects and of the base classes, and `then`, which would
 * make `await` treat a client as a promise.
 */
export const RESERVED_MEMBERS = words(
  `then constructor prototype __proto__ hasOwnProperty isPrototypeOf propertyIsEnumerable toJSON toLocaleString toString
  valueOf __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__ properties signals`,
);

/** Keys that object literals cannot use for data, and `extra`, which contains undeclared keys of a dictionary. */
export const RESERVED_KEYS = words("__proto__ constructor hasOwnProperty toString valueOf extra");

/** Global values and types that an export of the same name would shadow in generated modules. */
export const RESERVED_GLOBALS = words(
  `Array BigInt Boolean Error EvalError Function Infinity Map NaN Number Object Promise Proxy RangeError Readonly
  ReadonlyMap Record ReferenceError Set String Symbol SyntaxError TypeError URIError Uint8Array`,
);

/** Names that no export can have: globals, reserved words and built-in types. */
export const RESERVED_EXPORTS: ReadonlySet<string> = new Set([
  ...RESERVED_GLOBALS,
  ...RESERVED_WORDS,
  ...words("any bigint boolean never number object string symbol undefined unknown void"),
]);
