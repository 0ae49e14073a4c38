const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Words that cannot be the name of a parameter in a module. */
export const RESERVED_WORDS = words(
  `arguments await break case catch class const continue debugger default delete do else enum eval export extends false
  finally for function if implements import in instanceof interface let new null package private protected public return
  static super switch this throw true try typeof undefined var void while with yield`,
);

/** Parameter of a generated client method that takes the options of the call. */
export const CALL_PARAMETER = "call";
/** Parameter of a generated service method that describes the incoming call. */
export const INCOMING_PARAMETER = "incoming";

/** Members that every object or the base classes have, and `then`, which would make a client a promise to `await`. */
export const RESERVED_MEMBERS = words(
  `then constructor prototype __proto__ hasOwnProperty isPrototypeOf propertyIsEnumerable toJSON toLocaleString toString
  valueOf __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__ properties signals`,
);

/** Keys that an object literal cannot have as plain data. */
export const RESERVED_KEYS = words("__proto__ constructor hasOwnProperty toString valueOf extra");

/** Names of values and types that generated modules use or would shadow. */
export const RESERVED_GLOBALS = words(
  `Array BigInt Boolean Error EvalError Function Infinity Map NaN Number Object Promise Proxy RangeError Readonly
  ReadonlyMap Record ReferenceError Set String Symbol SyntaxError TypeError URIError Uint8Array`,
);

/** Names that no export can have: the above, words, and the types that need no import. */
export const RESERVED_EXPORTS: ReadonlySet<string> = new Set([
  ...RESERVED_GLOBALS,
  ...RESERVED_WORDS,
  ...words("any bigint boolean never number object string symbol undefined unknown void"),
]);
