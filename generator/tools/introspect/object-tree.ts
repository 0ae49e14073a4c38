import { type Bus, DBusError, DisconnectedError, InvalidValueError, NoReplyError } from "@dbus-codegen-ts/runtime";
import { Introspectable } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.Introspectable";
import type { Code } from "../../compiler/diagnostics/codes.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { SourceText } from "../../compiler/diagnostics/source.ts";
import { type LiveDocument, type LiveObject, readLiveDocument } from "./live-document.ts";

/** How a running service is read, and how much of it. */
export interface WalkOptions {
  /** Milliseconds for each object to answer: 5 000 by default. */
  readonly timeout?: number;
  /** How many objects are asked at most: 10 000 by default. */
  readonly maxObjects?: number;
  /** How many levels below the first object are asked at most: 32 by default. */
  readonly maxDepth?: number;
}

/** The objects of a running service. */
export interface LiveTree {
  /** Sorted by path. */
  readonly objects: readonly LiveObject[];
  readonly diagnostics: readonly Diagnostic[];
}

const DEFAULTS = { timeout: 5_000, maxObjects: 10_000, maxDepth: 32 } as const;
/** Calls that wait for their answers at the same time. */
const IN_FLIGHT = 16;
/** After this many objects that did not answer in time the service is taken to be stuck. */
const MAX_UNANSWERED = 4;
/** Length of all documents together that is read. */
const MAX_LENGTH = 2 ** 26;
/** What a hostile service could make endless is told up to here. */
const MAX_DIAGNOSTICS = 200;

/** Asks an object of a service, and all below it, what they are. Whatever the service answers becomes a diagnostic. */
export async function walk(
  bus: Pick<Bus, "call">,
  name: string,
  path: string,
  options: WalkOptions = {},
): Promise<LiveTree> {
  const walker = new Walker(bus, name, { ...DEFAULTS, ...options });
  await walker.walk(path);
  return walker.tree();
}

class Walker {
  readonly #bus: Pick<Bus, "call">;
  readonly #name: string;
  readonly #options: Required<WalkOptions>;
  readonly #objects = new Map<string, LiveObject[]>();
  readonly #diagnostics: Diagnostic[] = [];
  /** Documents by their text and place: thousands of objects of one kind are read once. */
  readonly #seen = new Set<string>();
  #asked = 0;
  #unanswered = 0;
  #length = 0;
  #isCut = false;

  constructor(bus: Pick<Bus, "call">, name: string, options: Required<WalkOptions>) {
    this.#bus = bus;
    this.#name = name;
    this.#options = options;
  }

  tree(): LiveTree {
    const objects = [...this.#objects].toSorted(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, same]) => same);
    return { objects, diagnostics: this.#diagnostics };
  }

  /** Level by level, so that a limit cuts off the deepest objects, the same ones each time. */
  async walk(start: string): Promise<void> {
    const known = new Set([start]);
    let level = [start];
    for (let depth = 0; level.length > 0 && !this.#isCut; depth++) {
      const allowed = this.#allowed(level, depth, start);
      const documents = await this.#askAll(allowed);
      const below = documents.flatMap(({ children }) => children).filter((path) => !known.has(path));
      for (const path of below) known.add(path);
      level = [...new Set(below)].toSorted();
    }
  }

  /** The objects of a level that the limits allow to ask. */
  #allowed(level: readonly string[], depth: number, start: string): readonly string[] {
    const { maxDepth, maxObjects } = this.#options;
    const [first = start] = level;
    if (depth > maxDepth) {
      this.#report("live-limit", first, `objects more than ${maxDepth} levels below ${start} are not read`);
      return [];
    }
    if (this.#asked + level.length > maxObjects) this.#cut(first, `more than ${maxObjects} objects`);
    const allowed = level.slice(0, maxObjects - this.#asked);
    this.#asked += allowed.length;
    return allowed;
  }

  async #askAll(paths: readonly string[]): Promise<readonly LiveDocument[]> {
    const documents: LiveDocument[] = [];
    for (let at = 0; at < paths.length; at += IN_FLIGHT) {
      const why = this.#hasEnough();
      if (why !== undefined) {
        this.#cut(paths[at] ?? "", why);
        break;
      }
      documents.push(...(await Promise.all(paths.slice(at, at + IN_FLIGHT).map((path) => this.#ask(path)))));
    }
    return documents;
  }

  #hasEnough(): string | undefined {
    if (this.#unanswered >= MAX_UNANSWERED) return "the service does not answer any more";
    return this.#length > MAX_LENGTH ? `more than ${MAX_LENGTH} characters` : undefined;
  }

  async #ask(path: string): Promise<LiveDocument> {
    const xml = await this.#introspect(path);
    const document = xml === undefined ? NOTHING : this.#read(path, xml);
    for (const object of document.objects)
      this.#objects.set(object.path, [...(this.#objects.get(object.path) ?? []), object]);
    return document;
  }

  #read(path: string, content: string): LiveDocument {
    const document = readLiveDocument({ path: `${this.#name}${path}`, content }, path);
    this.#length += content.length;
    const isNew = !this.#seen.has(content);
    this.#seen.add(content);
    if (isNew) for (const one of document.diagnostics) this.#add(one);
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
      this.#report("live-object", path, "Introspect answered with something other than a text");
    } catch (error) {
      const isAnswer = error instanceof DBusError || error instanceof InvalidValueError;
      if (!isAnswer || error instanceof DisconnectedError) throw error;
      if (error instanceof NoReplyError) this.#unanswered++;
      const kind = error instanceof DBusError ? `${error.errorName}: ` : "";
      this.#report("live-object", path, `Introspect failed with ${kind}${error.message}`);
    }
    return undefined;
  }

  #cut(path: string, why: string): void {
    this.#isCut = true;
    this.#report("live-limit", path, `${why}: the rest is not read`);
  }

  #report(code: Code, path: string, message: string): void {
    const source = new SourceText(`${this.#name}${path}`, "");
    this.#add({ code, severity: "warning", message, span: { source, start: 0, end: 0 } });
  }

  #add(diagnostic: Diagnostic): void {
    if (this.#diagnostics.length < MAX_DIAGNOSTICS) this.#diagnostics.push(diagnostic);
  }
}

const NOTHING: LiveDocument = { objects: [], children: [], diagnostics: [] };
