import type { Span } from "../../compiler/diagnostics/source.ts";
import { shorten } from "../../compiler/text/shorten.ts";
import { DIFFERENCE_KINDS, type DifferenceKind } from "../introspect/interface-differences.ts";

/** All checks by name, each with what it requires. The names never change. */
export const CHECKS = {
  introspectable: "Introspect returns a valid document",
  "interface-missing": "the object has every interface of the specs",
  "interface-extra": "the specs contain every interface of the object",
  declaration: "the object declares a member as the spec does",
  peer: "Ping succeeds, and GetMachineId returns a machine id",
  "unknown-interface": "a call of an unknown interface fails with UnknownInterface or UnknownMethod",
  "unknown-method": "a call of an unknown method fails with UnknownMethod",
  "unknown-property": "reading an unknown property fails with UnknownProperty or InvalidArgs",
  "get-all": "GetAll succeeds",
  "get-all-missing": "GetAll returns every readable property",
  "get-all-extra": "the spec declares every property that GetAll returns",
  "value-type": "a value has the type of the spec",
  "value-enum": "the spec lists the value of an enum",
  "value-keys": "the declared keys of a dictionary have their types",
  get: "Get succeeds",
  "get-agrees": "Get and GetAll return the same value",
  "write-only": "a write-only property cannot be read",
  "read-only": "a read-only property cannot be set",
  constant: "a constant property keeps its value",
  announcement: "PropertiesChanged reports a property as EmitsChangedSignal promises",
  unannounced: "a change is reported if EmitsChangedSignal promises it",
  "signal-types": "a signal has the argument types of the spec",
  set: "a writable property can be set",
  "call-result": "a method returns the types of the spec",
} as const;

export type CheckName = keyof typeof CHECKS | DifferenceKind;

/** Names of all checks. Each kind of difference is a part of the check `declaration`. */
export const CHECK_NAMES: readonly CheckName[] = [...new Set([...Object.keys(CHECKS), ...DIFFERENCE_KINDS])].filter(
  isCheck,
);

/** Returns whether a text is the name of a check. */
export function isCheck(text: string): text is CheckName {
  return Object.hasOwn(CHECKS, text) || isDifference(text);
}

function isDifference(text: string): text is DifferenceKind {
  return DIFFERENCE_KINDS.some((kind) => kind === text);
}

/** The result of one check. */
export interface Check {
  readonly check: CheckName;
  readonly status: "passed" | "failed" | "skipped";
  readonly interface: string;
  /** Name of the member; absent if the check is about the interface or the whole object. */
  readonly member?: string;
  /** The problem, or the reason why the check was skipped. */
  readonly message?: string;
  /** Position of the declaration in the spec. */
  readonly span?: Span;
}

/** The results of all checks of an object. */
export interface Report {
  readonly service: string;
  readonly path: string;
  readonly checks: readonly Check[];
}

/** The declaration that a check is about. */
export interface CheckSubject {
  readonly interface: string;
  readonly member?: string;
  readonly span?: Span;
}

/** The reason why a result does not show whether the service is correct. */
export class NotJudged {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Maximum number of messages of one check about one declaration. A service could cause any number by its signals. */
const MAX_MESSAGES = 20;
/** Maximum number of messages of all checks. A service could have any number of properties that no spec declares. */
const MAX_ALL_MESSAGES = 10_000;

/** A collector of the results of checks. */
export class Recorder {
  readonly #checks: Check[] = [];
  readonly #messages = new Set<string>();
  /** Number of recorded messages by status, check and declaration. */
  readonly #counts = new Map<string, number>();
  readonly #omitted: ReadonlySet<CheckName>;

  /** Whether dictionary keys that no spec declares are recorded. */
  readonly listsUndeclaredKeys: boolean;

  /** @param omitted - Checks whose results are not recorded. */
  constructor(listsUndeclaredKeys = false, omitted: readonly CheckName[] = []) {
    this.listsUndeclaredKeys = listsUndeclaredKeys;
    this.#omitted = new Set(omitted);
  }

  /** Returns whether the results of a check are not recorded. */
  omits(check: CheckName): boolean {
    return this.#omitted.has(check) || (this.#omitted.has("declaration") && isDifference(check));
  }

  get checks(): readonly Check[] {
    return this.#checks;
  }

  pass(check: CheckName, subject: CheckSubject): void {
    if (!this.omits(check)) this.#checks.push({ check, status: "passed", ...subject });
  }

  /** Records a failure, unless an equal one is recorded already or the maximum number is reached. */
  fail(check: CheckName, subject: CheckSubject, message: string): void {
    if (!this.#isNew("failed", check, subject, message)) return;
    this.#checks.push({ check, status: "failed", ...subject, message });
  }

  /** Records a check that was not possible, unless an equal record exists already or the maximum number is reached. */
  skip(check: CheckName, subject: CheckSubject, reason: string): void {
    if (!this.#isNew("skipped", check, subject, reason)) return;
    this.#checks.push({ check, status: "skipped", ...subject, message: reason });
  }

  #isNew(status: Check["status"], check: CheckName, subject: CheckSubject, message: string): boolean {
    if (this.omits(check)) return false;
    const about = JSON.stringify([status, check, subject.interface, subject.member]);
    const key = about + message;
    const count = this.#counts.get(about) ?? 0;
    const isFull = count >= MAX_MESSAGES || this.#messages.size >= MAX_ALL_MESSAGES;
    if (isFull || this.#messages.has(key)) return false;
    this.#messages.add(key);
    this.#counts.set(about, count + 1);
    return true;
  }

  /** Records a failure if there is a problem, and a success otherwise. */
  expect(check: CheckName, subject: CheckSubject, problem: string | NotJudged | undefined): void {
    if (problem === undefined) this.pass(check, subject);
    else if (problem instanceof NotJudged) this.skip(check, subject, `not judged: ${problem.reason}`);
    else this.fail(check, subject, problem);
  }
}

/** Shortens and quotes a text from the service for a message. */
export function quote(text: string): string {
  return `"${shorten(text)}"`;
}
