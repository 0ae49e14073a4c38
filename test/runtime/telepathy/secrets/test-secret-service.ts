import { createCipheriv, createDecipheriv, getDiffieHellman, hkdfSync, randomBytes } from "node:crypto";
import { type Bus, type Incoming, NotSupportedError, type ObjectPath, Variant } from "@dbus-codegen-ts/runtime";
import {
  Collection,
  CollectionService,
  type ItemProperties,
} from "@dbus-codegen-ts/secret-service/org.freedesktop.Secret.Collection";
import { IsLockedError, NoSessionError } from "@dbus-codegen-ts/secret-service/org.freedesktop.Secret.Error";
import { Item, ItemService } from "@dbus-codegen-ts/secret-service/org.freedesktop.Secret.Item";
import { Prompt, PromptService } from "@dbus-codegen-ts/secret-service/org.freedesktop.Secret.Prompt";
import {
  type ItemAttributes,
  type Secret,
  type SecretsByItem,
  Service,
  ServiceService,
} from "@dbus-codegen-ts/secret-service/org.freedesktop.Secret.Service";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { partial } from "../../core/fixtures/partial-service.ts";

const ROOT = "/org/freedesktop/secrets";
/** Key pair that all test services share, because creating one is slow. */
const GROUP = getDiffieHellman("modp2");
const PUBLIC_KEY = GROUP.generateKeys();
const COLLECTION = `${ROOT}/collection/login`;

/** Behaviour of a test service. A test may change the fields while the service is running. */
export interface Behavior {
  algorithms: readonly ("dh-ietf1024-sha256-aes128-cbc-pkcs7" | "plain")[];
  isLocked: boolean;
  hasDefault: boolean;
  /** Whether the default collection is deleted when the user logs out. */
  isTransient: boolean;
  /** The user's answer to prompts; "unreadable" is a signal of another type. */
  answer: "accept" | "dismiss" | "none" | "unreadable";
  /** Whether new items are accepted but not stored. */
  loses: boolean;
  /** Error with which CreateItem fails; undefined if it succeeds. */
  refusal: Error | undefined;
}

interface StoredSecret {
  readonly label: string;
  readonly attributes: ItemAttributes;
  readonly text: string;
}

/** A Secret Service that keeps secrets in memory, based on the generated service classes. */
export class TestSecretService implements AsyncDisposable {
  readonly behavior: Behavior;
  readonly items = new Map<ObjectPath, StoredSecret>();
  /** Names of the received calls. */
  readonly calls: string[] = [];
  readonly bus: Bus;
  readonly collection: TestCollection;
  readonly #service: TestService;
  /** Keys of the sessions, by object path; undefined for sessions without encryption. */
  readonly #sessions = new Map<ObjectPath, Buffer | undefined>();
  #count = 0;

  static async start(bus: Bus, behavior: Partial<Behavior> = {}): Promise<TestSecretService> {
    const service = new TestSecretService(bus, behavior);
    await bus.serve(ROOT, service.#service);
    await bus.serve(COLLECTION, service.collection);
    await bus.requestName("org.freedesktop.secrets");
    return service;
  }

  private constructor(bus: Bus, behavior: Partial<Behavior>) {
    this.bus = bus;
    this.behavior = {
      algorithms: ["plain", "dh-ietf1024-sha256-aes128-cbc-pkcs7"],
      isLocked: false,
      hasDefault: true,
      isTransient: false,
      answer: "accept",
      loses: false,
      refusal: undefined,
      ...behavior,
    };
    this.#service = new TestService(this);
    this.collection = new TestCollection(this);
  }

  /** The stored texts in the order of creation. */
  get texts(): readonly string[] {
    return [...this.items.values()].map(({ text }) => text);
  }

  setLocked(isLocked: boolean): void {
    this.behavior.isLocked = isLocked;
    this.collection.properties.locked = isLocked;
    this.#service.signals.collectionChanged(COLLECTION);
  }

  openSession(algorithm: string, input: Variant): [Variant, ObjectPath] {
    if (!this.behavior.algorithms.some((known) => known === algorithm))
      throw new NotSupportedError("unknown algorithm");
    const path = `${ROOT}/session/s${++this.#count}`;
    if (algorithm === "plain") {
      this.#sessions.set(path, undefined);
      return [new Variant("s", ""), path];
    }
    const shared = GROUP.computeSecret(input.value as Uint8Array);
    this.#sessions.set(path, Buffer.from(hkdfSync("sha256", shared, "", "", 16)));
    return [new Variant("ay", new Uint8Array(PUBLIC_KEY)), path];
  }

  async createItem(properties: ItemProperties, secret: Secret): Promise<ObjectPath> {
    if (this.behavior.refusal !== undefined) throw this.behavior.refusal;
    if (this.behavior.isLocked) throw new IsLockedError("locked");
    const path = `${COLLECTION}/i${++this.#count}`;
    if (this.behavior.loses) return path;
    const { label = "", attributes = {} } = properties;
    await this.#add(path, { label, attributes, text: this.#decrypt(secret) });
    this.#service.signals.collectionChanged(COLLECTION);
    return path;
  }

  /** Adds items that an earlier service has stored. */
  async restore(items: ReadonlyMap<ObjectPath, StoredSecret>): Promise<void> {
    for (const [path, item] of items) await this.#add(path, item);
    this.#count += items.size + 100;
    this.#service.signals.collectionChanged(COLLECTION);
  }

  async #add(path: ObjectPath, item: StoredSecret): Promise<void> {
    this.items.set(path, item);
    await this.bus.serve(path, new TestItem(this, path, item.attributes));
  }

  secrets(paths: readonly ObjectPath[], session: ObjectPath): SecretsByItem {
    if (this.behavior.isLocked) return new Map();
    return new Map(
      paths.flatMap((path) => {
        const item = this.items.get(path);
        return item === undefined ? [] : [[path, this.#encrypt(session, item.text)] as const];
      }),
    );
  }

  search(wanted: ItemAttributes): readonly ObjectPath[] {
    const matching = [...this.items].filter(([, { attributes }]) =>
      Object.entries(wanted).every(([name, value]) => attributes[name] === value),
    );
    return matching.map(([path]) => path);
  }

  /** Creates a prompt, which unlocks the collection if the user accepts. Returns its object path. */
  async prompt(): Promise<ObjectPath> {
    const path = `${ROOT}/prompt/p${++this.#count}`;
    await this.bus.serve(path, new TestPrompt(this));
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bus.close();
  }

  #decrypt({ session, parameters, value }: Secret): string {
    if (!this.#sessions.has(session)) throw new NoSessionError("no session");
    const key = this.#sessions.get(session);
    if (key === undefined) return Buffer.from(value).toString();
    const decipher = createDecipheriv("aes-128-cbc", key, parameters);
    return Buffer.concat([decipher.update(value), decipher.final()]).toString();
  }

  #encrypt(session: ObjectPath, text: string): Secret {
    if (!this.#sessions.has(session)) throw new NoSessionError("no session");
    const key = this.#sessions.get(session);
    const contentType = "text/plain";
    if (key === undefined) return { session, parameters: new Uint8Array(), value: Buffer.from(text), contentType };
    const parameters = randomBytes(16);
    const cipher = createCipheriv("aes-128-cbc", key, parameters);
    return { session, parameters, value: Buffer.concat([cipher.update(text), cipher.final()]), contentType };
  }
}

class TestService
  extends partial(ServiceService, Service)
  implements
    Pick<ServiceService, "openSession" | "createCollection" | "searchItems" | "unlock" | "getSecrets" | "readAlias">
{
  readonly #test: TestSecretService;

  constructor(test: TestSecretService) {
    super();
    this.#test = test;
  }

  openSession(algorithm: string, input: Variant): [Variant, ObjectPath] {
    this.#test.calls.push(`OpenSession ${algorithm}`);
    return this.#test.openSession(algorithm, input);
  }

  async createCollection(): Promise<[ObjectPath, ObjectPath]> {
    this.#test.calls.push("CreateCollection");
    return ["/", await this.#test.prompt()];
  }

  searchItems(attributes: ItemAttributes): [readonly ObjectPath[], readonly ObjectPath[]] {
    const found = this.#test.search(attributes);
    return this.#test.behavior.isLocked ? [[], found] : [found, []];
  }

  async unlock(objects: readonly ObjectPath[]): Promise<[readonly ObjectPath[], ObjectPath]> {
    this.#test.calls.push("Unlock");
    return this.#test.behavior.isLocked ? [[], await this.#test.prompt()] : [objects, "/"];
  }

  getSecrets(items: readonly ObjectPath[], session: ObjectPath): SecretsByItem {
    return this.#test.secrets(items, session);
  }

  readAlias(name: string): ObjectPath {
    const { hasDefault, isTransient } = this.#test.behavior;
    return (name === "default" && hasDefault) || (name === "session" && isTransient) ? COLLECTION : "/";
  }
}

class TestCollection extends partial(CollectionService, Collection) implements Pick<CollectionService, "createItem"> {
  readonly #test: TestSecretService;

  constructor(test: TestSecretService) {
    super({ locked: test.behavior.isLocked });
    this.#test = test;
  }

  async createItem(properties: ItemProperties, secret: Secret): Promise<[ObjectPath, ObjectPath]> {
    this.#test.calls.push("CreateItem");
    return [await this.#test.createItem(properties, secret), "/"];
  }
}

class TestItem extends partial(ItemService, Item) implements Pick<ItemService, "delete"> {
  readonly #test: TestSecretService;
  readonly #path: ObjectPath;

  constructor(test: TestSecretService, path: ObjectPath, attributes: ItemAttributes) {
    super({ attributes });
    this.#test = test;
    this.#path = path;
  }

  delete(): ObjectPath {
    this.#test.items.delete(this.#path);
    return "/";
  }
}

class TestPrompt extends PromptService {
  readonly #test: TestSecretService;

  constructor(test: TestSecretService) {
    super();
    this.#test = test;
  }

  prompt(_window: string, { path }: Incoming): void {
    const { answer } = this.#test.behavior;
    this.#test.calls.push(`Prompt ${answer}`);
    if (answer === "none") return;
    if (answer === "unreadable") {
      const signal = { path, interface: Prompt.name, member: "Completed" };
      this.#test.bus.emit({ ...signal, codec: bodyCodec("s"), args: ["no"] });
      return;
    }
    if (answer === "accept") {
      this.#test.behavior.hasDefault = true;
      this.#test.setLocked(false);
    }
    this.signals.completed(answer === "dismiss", new Variant("ao", []));
  }

  dismiss(): void {
    this.#test.calls.push("Dismiss");
  }
}
