import { type Bus, DBusError, DisconnectedError, InvalidValueError, NoReplyError } from "@dbus-codegen-ts/runtime";
import { Introspectable } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.Introspectable";
import type { Code } from "../../compiler/diagnostics/codes.ts";
import { compareText, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { SourceText } from "../../compiler/diagnostics/source.ts";
import { type LiveDocument, type LiveObject, readLiveDocument } from "./live-document.ts";

/** Timeout and limits of `introspect`. */
export interface IntrospectOptions {
  /** Milliseconds for the reply of each object: 5 000 by default. */
  readonly timeout?: number;
  /** Maximum number of objects that are read: 10 000 by default. */
  readonly maxObjects?: number;
  /** Maximum number of levels below the first object that are read: 32 by default. */
  readonly maxDepth?: number;
  /** Milliseconds after which no further object is read: 60 000 by default. */
  readonly totalTimeout?: number;
}

/** The objects of a running service. */
export interface ObjectTree {
  /** The objects, sorted by path. */
  readonly objects: readonly LiveObject[];
  readonly diagnostics: readonly Diagnostic[];
}

const DEFAULTS = { timeout: 5_000, maxObjects: 10_000, maxDepth: 32, totalTimeout: 60_000 } as const;
/** Number of calls that wait for replies at the same time. */
const MAX_PENDING_CALLS = 16;
/** Number of timed-out calls after which the service counts as unresponsive. */
const MAX_TIMEOUTS = 4;
/** Maximum length of all documents together, in characters. */
const MAX_LENGTH = 2 ** 26;
/** Maximum length of all distinct documents together, in characters. Equal documents are parsed once. */
const MAX_DISTINCT_LENGTH = 2 ** 22;
/** Maximum number of diagnostics. Without it, a hostile service could cause any number. */
const MAX_DIAGNOSTICS = 200;

/** Reads the introspection documents of an object and of all objects below it. Problems of the service are diagnostics. */
export async function readObjectTree(
  bus: Pick<Bus, "call">,
  name: string,
  path: string,
  options: IntrospectOptions = {},
): Promise<ObjectTree> {
  const reader = new ObjectTreeReader(bus, name, { ...DEFAULTS, ...options });
  await reader.read(path);
  return reader.tree();
}

class ObjectTreeReader {
  readonly #bus: Pick<Bus, "call">;
  readonly #name: string;
  readonly #options: Required<IntrospectOptions>;
  readonly #objects: LiveObject[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  /** Documents by their content. Many objects of a service have equal documents. */
  readonly #documents = new Map<string, LiveDocument>();
  readonly #endMs: number;
  #distinctLength = 0;
  #objectCount = 0;
  #timeouts = 0;
  #length = 0;
  #isAborted = false;

  constructor(bus: Pick<Bus, "call">, name: string, options: Required<IntrospectOptions>) {
    this.#bus = bus;
    this.#name = name;
    this.#options = options;
    this.#endMs = performance.now() + options.totalTimeout;
  }

  tree(): ObjectTree {
    const objects = this.#objects.toSorted((a, b) => compareText(a.path, b.path));
    return { objects, diagnostics: this.#diagnostics };
  }

  /** Reads level by level, so that a limit always excludes the same, deepest objects. */
  async read(start: string): Promise<void> {
    const seen = new Set([start]);
    let level = [start];
    for (let depth = 0; level.length > 0 && !this.#isAborted; depth++) {
      const children = await this.#readObjects(this.#applyLimits(level, depth, start));
      const below = children.filter((path) => !seen.has(path));
      for (const path of below) seen.add(path);
      level = [...new Set(below)].toSorted();
    }
  }

  /** Returns the objects of a level that the limits allow to read. */
  #applyLimits(level: readonly string[], depth: number, start: string): readonly string[] {
    const { maxDepth, maxObjects } = this.#options;
    const [first = start] = level;
    if (depth > maxDepth) {
      this.#report("live-limit", first, `objects more than ${maxDepth} levels below ${start} are not read`);
      return [];
    }
    const allowed = level.slice(0, maxObjects - this.#objectCount);
    if (allowed.length < level.length)
      this.#abort(level[allowed.length] ?? first, `more than ${maxObjects} objects`, level.length - allowed.length);
    this.#objectCount += allowed.length;
    return allowed;
  }

  /** Reads objects and returns the paths of their children. */
  async #readObjects(paths: readonly string[]): Promise<readonly string[]> {
    const children: string[] = [];
    for (let index = 0; index < paths.length; index += MAX_PENDING_CALLS) {
      const reason = this.#abortReason();
      if (reason !== undefined) {
        this.#abort(paths[index] ?? "", reason, paths.length - index);
        break;
      }
      const batch = paths.slice(index, index + MAX_PENDING_CALLS);
      for (const below of await Promise.all(batch.map((path) => this.#readObject(path))))
        for (const path of below) children.push(path);
    }
    return children;
  }

  #abortReason(): string | undefined {
    if (this.#timeouts >= MAX_TIMEOUTS) return "the service no longer replies";
    if (performance.now() > this.#endMs) return `not finished after ${this.#options.totalTimeout} ms`;
    if (this.#distinctLength > MAX_DISTINCT_LENGTH) return `more than ${MAX_DISTINCT_LENGTH} characters that differ`;
    return this.#length > MAX_LENGTH ? `more than ${MAX_LENGTH} characters` : undefined;
  }

  /** Reads an object and returns the paths of its children. */
  async #readObject(path: string): Promise<readonly string[]> {
    const xml = await this.#introspect(path);
    const { objects, children } = xml === undefined ? EMPTY_DOCUMENT : this.#readDocument(path, xml);
    const absolute = (relative: string): string =>
      path === "/" ? relative : path + (relative === "/" ? "" : relative);
    for (const object of objects) this.#objects.push({ ...object, path: absolute(object.path) });
    return children.map(absolute);
  }

  #readDocument(path: string, content: string): LiveDocument {
    this.#length += content.length;
    const known = this.#documents.get(content);
    if (known !== undefined) return known;
    // The calls of a batch were sent before the limit was reached.
    if (this.#distinctLength > MAX_DISTINCT_LENGTH) return EMPTY_DOCUMENT;
    this.#distinctLength += content.length;
    const document = readLiveDocument({ path: `${this.#name}${path}`, content }, "/");
    for (const diagnostic of document.diagnostics) this.#add(diagnostic);
    this.#documents.set(content, document);
    return document;
  }

  async #introspect(path: string): Promise<string | undefined> {
    const call = {
      destination: this.#name,
      path,
      interface: Introspectable.name,
      member: Introspectable.methods.introspect.name,
    };
    try {
      const [xml] = await this.#bus.call(call, { timeout: this.#options.timeout });
      if (typeof xml === "string") return xml;
      this.#report("live-object", path, "Introspect did not return a string");
    } catch (error) {
      const isFromService = error instanceof DBusError || error instanceof InvalidValueError;
      if (!isFromService || error instanceof DisconnectedError) throw error;
      if (error instanceof NoReplyError) this.#timeouts++;
      const prefix = error instanceof DBusError ? `${error.errorName}: ` : "";
      this.#report("live-object", path, `Introspect failed with ${prefix}${error.message}`);
    }
    return undefined;
  }

  /**
   * Ends the reading and reports why.
   *
   * @param count - Number of known objects that are not read.
   */
  #abort(path: string, reason: string, count: number): void {
    this.#isAborted = true;
    const objects = count === 1 ? "this object" : `this object, ${count - 1} others`;
    this.#report("live-limit", path, `${reason}: ${objects} and those below are not read`);
  }

  #report(code: Code, path: string, message: string): void {
    const source = new SourceText(`${this.#name}${path}`, "");
    this.#add({ code, severity: "warning", message, span: { source, start: 0, end: 0 } });
  }

  #add(diagnostic: Diagnostic): void {
    if (this.#diagnostics.length < MAX_DIAGNOSTICS) this.#diagnostics.push(diagnostic);
  }
}

const EMPTY_DOCUMENT: LiveDocument = { objects: [], children: [], diagnostics: [] };
