import type { Bus, InterfaceContract } from "@dbus-codegen-ts/runtime";
import { MockObjects } from "./mock-objects.ts";

/** A mock of a known service, whose methods change its state as those of the service do. */
export interface TemplateMock {
  /** The served objects. */
  readonly objects: MockObjects;
  /** Commands by which other programs change the mock, by name. */
  readonly commands: Readonly<Record<string, TemplateCommand>>;
}

/** The export `template` of the module `mock` of a package of the catalogue. */
export interface MockTemplate {
  /** Bus name of the service. */
  readonly busName: string;
  /** Serves the objects that the service has on a machine without hardware and users. */
  serve(objects: MockObjects): Promise<TemplateMock>;
}

/** A command of a template. */
export interface TemplateCommand {
  /** Names of its arguments. */
  readonly args: readonly string[];
  /** Contract of the interface whose property values the command accepts. */
  readonly contract?: InterfaceContract;
  /**
   * Runs the command.
   *
   * @param args - As many texts as the command has arguments.
   * @param properties - Values of properties by key in the contract.
   * @returns The added object if the command adds one.
   */
  readonly run: (args: readonly string[], properties: object) => Promise<{ readonly path: string } | undefined>;
}

/** Texts for the arguments of a command. */
type Texts<A extends readonly string[]> = { readonly [I in keyof A]: string };

/**
 * Returns a command that adds an object with given values of its properties.
 *
 * @param contract - Contract of the interface, from whose spec the type `P` was generated.
 */
export function addition<const A extends readonly string[], P extends object>(
  args: A,
  contract: InterfaceContract,
  run: (args: Texts<A>, properties: Partial<P>) => Promise<{ readonly path: string }>,
): TemplateCommand {
  // The caller passes as many texts as `args` has names, and values that were checked against the spec.
  return { args, contract, run: (texts, properties) => run(texts as Texts<A>, properties as Partial<P>) };
}

/** Returns a command that adds no object. */
export function action<const A extends readonly string[]>(
  args: A,
  run: (args: Texts<A>) => Promise<unknown>,
): TemplateCommand {
  return {
    args,
    run: async (texts) => {
      // The caller passes as many texts as `args` has names.
      await run(texts as Texts<A>);
      return undefined;
    },
  };
}

/**
 * Serves a template on a bus and requests its bus name.
 *
 * @throws Error if the name has another owner.
 */
export async function serveTemplate<M extends TemplateMock>(
  bus: Bus,
  busName: string,
  create: (objects: MockObjects) => Promise<M>,
): Promise<M> {
  const mock = await create(new MockObjects(bus));
  const { state } = await bus.requestName(busName, { queue: false });
  if (state === "owner") return mock;
  await mock.objects.remove("/");
  throw new Error(`the name ${busName} has another owner on the bus`);
}
