import {
  type Bus,
  Client,
  type DictionaryShape,
  type InterfaceContract,
  type ObjectPath,
  type Subscription,
} from "@dbus-codegen-ts/runtime";
import { createToken, DESKTOP, predictPath } from "./desktop.ts";
import { Request, ResponseCode } from "./generated/org.freedesktop.portal.Request.ts";

/** Options of calls that wait for the end of a request. */
export interface RequestOptions {
  /** Closes the request when it aborts: the dialog disappears, and the call fails with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The user has cancelled a request. */
export class RequestCancelledError extends Error {
  override readonly name = "RequestCancelledError";
}

/**
 * A request has ended without success for another reason than a cancellation by the user, or its response cannot be
 * received.
 */
export class RequestFailedError extends Error {
  override readonly name = "RequestFailedError";
}

/** Client of a Request object whose results have a declared type. */
class RequestOf<R> extends Client<InterfaceContract, object, { response: [response: number, results: R] }> {
  close(): Promise<void> {
    return this.$call(Request.methods.close, []);
  }
}

/** Returns the client of a Request object, by which the results of the request are received. */
export type RequestClients<R> = (bus: Bus, path: ObjectPath) => RequestOf<R>;

/**
 * Returns a function that creates clients of requests whose results are a dictionary:
 * `requestsWith<ChosenFiles>(ChosenFiles)`.
 *
 * @param shape - Generated constant of the dictionary R.
 */
export function requestsWith<R>(shape: DictionaryShape): RequestClients<R> {
  const [response] = Request.signals.response.args;
  const results = { name: "results", type: "a{sv}", as: () => shape };
  const contract = { ...Request, signals: { response: { name: "Response", args: [response, results] } } };
  return (bus, path) => new RequestOf<R>(contract, bus, { destination: DESKTOP.destination, path });
}

/** Creates clients of requests without results. */
export const requestsWithoutResults = requestsWith<unknown>({ kind: "dictionary", entries: {} });

/**
 * Makes a request and waits for its results:
 * `request(bus, FILES, (handleToken) => chooser.openFile("", "Open", { handleToken }))`.
 *
 * The signal with the results is subscribed to before the call, at the object path that contains the token. If the call
 * returns another path, as portals before version 0.9 do, the signal is subscribed to at that path.
 *
 * @param clients - Creates the client that receives the results.
 * @param start - Calls a method with the token in its options, and returns the path of the Request object.
 * @returns The results.
 * @throws RequestCancelledError if the user cancels; RequestFailedError if the request ends in another way, its response
 *   does not have its declared types, or the portals or this connection leave the bus; the error of the call; the reason
 *   of `signal`.
 */
export async function request<R>(
  bus: Bus,
  clients: RequestClients<R>,
  start: (handleToken: string) => Promise<ObjectPath>,
  { signal }: RequestOptions = {},
): Promise<R> {
  signal?.throwIfAborted();
  const handleToken = createToken();
  const expected = predictPath(bus, "request", handleToken);
  const outcome = new Outcome<R>();
  const onMissed = (cause: Error): void =>
    outcome.reject(new RequestFailedError(`no response can be received: ${cause.message}`, { cause }));
  const listen = (path: ObjectPath): Promise<Subscription> =>
    clients(bus, path).signals.response.subscribe((...args) => outcome.respond(...args), { onMissed });
  await using _expected = await listen(expected);
  signal?.throwIfAborted();
  const abort = (): void => outcome.reject(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const started = start(handleToken);
  try {
    const path = await Promise.race([started, outcome.settled.then(() => expected)]);
    await using _actual = path === expected ? undefined : await listen(path);
    return await outcome.settled;
  } catch (error) {
    // The caller no longer waits. The request may have ended.
    if (!outcome.hasResponse) started.then((path) => clients(bus, path).close()).catch(() => undefined);
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/** The result of a request: a promise that is settled by the first of several events. */
class Outcome<R> {
  readonly settled: Promise<R>;
  hasResponse = false;
  #resolve: (results: R) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor() {
    this.settled = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // The promise may be rejected before it is awaited.
    this.settled.catch(() => undefined);
  }

  reject(error: unknown): void {
    this.#reject(error);
  }

  respond(response: number, results: R): void {
    this.hasResponse = true;
    if (response === ResponseCode.Success) this.#resolve(results);
    else if (response === ResponseCode.Cancelled)
      this.#reject(new RequestCancelledError("the user has cancelled the request"));
    else this.#reject(new RequestFailedError(`the request has ended with response ${response}`));
  }
}
