import type { Span } from "../../compiler/diagnostics/source.ts";
import { shorten } from "../../compiler/text/shorten.ts";
import type { DifferenceKind } from "../introspect/interface-differences.ts";

/** What is checked, by stable name. */
export const CHECKS = {
  introspectable: "Introspect answers with a valid document",
  "interface-missing": "the object has every interface of the specs",
  "interface-extra": "the object has no interface that the specs do not know",
  declaration: "a member is declared as the spec has it",
  peer: "Ping and GetMachineId answer",
  "unknown-interface": "a call of an interface that nobody has is refused by that name",
  "unknown-method": "a call of a method that the interface does not have is refused by that name",
  "unknown-property": "reading a property that the interface does not have is refused",
  "get-all": "GetAll answers",
  "get-all-missing": "GetAll has every property that can be read",
  "get-all-extra": "GetAll has no property that cannot be read or is not in the spec",
  "value-type": "a value has the type of the spec",
  "value-enum": "a value is one of those that the spec lists",
  "value-keys": "the declared keys of a dictionary have their types",
  get: "Get answers",
  "get-agrees": "Get and GetAll give the same value",
  "write-only": "a property that can only be written is not readable",
  "read-only": "a property that can only be read cannot be set",
  constant: "a constant property stays as it is",
  announcement: "PropertiesChanged says what EmitsChangedSignal promises",
  unannounced: "a change is announced where EmitsChangedSignal promises it",
  "signal-types": "signals carry the types of the spec",
  set: "a writable property takes a value",
  "call-result": "a method answers with the types of the spec",
} as const;

export type CheckName = keyof typeof CHECKS | DifferenceKind;

/** One thing that was checked. */
export interface Check {
  readonly check: CheckName;
  readonly status: "passed" | "failed" | "skipped";
  readonly interface: string;
  /** Absent where the check is about the interface or the whole object. */
  readonly member?: string;
  /** What is wrong, or why it was not checked. */
  readonly message?: string;
  /** Where the spec says otherwise. */
  readonly span?: Span;
}

/** What came out. */
export interface Report {
  readonly service: string;
  readonly path: string;
  readonly checks: readonly Check[];
}

/** What a check is about. */
export interface Subject {
  readonly interface: string;
  readonly member?: string;
  readonly span?: Span;
}

/** Collects what comes out while checks run. */
export class Recorder {
  readonly #checks: Check[] = [];
  readonly #failed = new Set<string>();

  get checks(): readonly Check[] {
    return this.#checks;
  }

  pass(check: CheckName, subject: Subject): void {
    this.#checks.push({ check, status: "passed", ...subject });
  }

  /** The same fault is told once, however often it is seen. */
  fail(check: CheckName, subject: Subject, message: string): void {
    const key = JSON.stringify([check, subject.interface, subject.member, message]);
    if (this.#failed.has(key)) return;
    this.#failed.add(key);
    this.#checks.push({ check, status: "failed", ...printable(subject), message: visible(message) });
  }

  skip(check: CheckName, subject: Subject, message: string): void {
    this.#checks.push({ check, status: "skipped", ...printable(subject), message: visible(message) });
  }

  /** Passes, or fails for a reason. */
  expect(check: CheckName, subject: Subject, fault: string | undefined): void {
    if (fault === undefined) this.pass(check, subject);
    else this.fail(check, subject, fault);
  }
}

/** A subject whose names may come from the service. */
function printable(subject: Subject): Subject {
  return subject.member === undefined ? subject : { ...subject, member: visible(subject.member) };
}

/** A text without what would move the cursor, turn text around or be no XML: the service is not trusted. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\uFFFE\uFFFF]/gu, "\uFFFD");
}

/** What a peer has answered, as it may stand in a message. */
export function quote(text: string): string {
  return `"${shorten(text)}"`;
}
