/** Object that every benchmark service serves. */
export const PATH = "/org/example/bench";
/** Interface that every benchmark service serves. */
export const INTERFACE = "org.example.Bench1";

/** A benchmark client, implemented with each library. */
export interface BenchClient {
  readonly echo: (text: string) => PromiseLike<unknown>;
  /** Sends the dictionary of `dictionaryOf`. */
  readonly echoDictionary: () => PromiseLike<unknown>;
  readonly echoBytes: (bytes: Buffer) => PromiseLike<unknown>;
  readonly emit: (count: number) => PromiseLike<unknown>;
  /** Calls a listener for each Tick. */
  readonly onTick: (listener: () => void) => PromiseLike<unknown>;
  /** Returns the CPU time of the service in microseconds. */
  readonly cpuTime: () => PromiseLike<number>;
}

/** Measurements of one run of one load. */
export interface Measured {
  readonly calls: number;
  readonly seconds: number;
  /** CPU time in microseconds. */
  readonly clientCpu: number;
  readonly serverCpu: number;
}

const TEXT = "hello, this is a text of a common length";
const BYTES = Buffer.alloc(64 * 1024, 0xa5);
const TICKS = 1000;
const WARM_UP_SECONDS = 0.7;

/** Makes one call, or several at a time, as the load requires, and returns their number. */
type Load = (client: BenchClient) => PromiseLike<number>;
const counted =
  (call: (client: BenchClient) => PromiseLike<unknown>): Load =>
  async (client) => {
    await call(client);
    return 1;
  };

const LOADS: Readonly<Record<string, { readonly inFlight: number; readonly load: Load }>> = {
  "s pipe": { inFlight: 64, load: counted((client) => client.echo(TEXT)) },
  "a{sv} pipe": { inFlight: 64, load: counted((client) => client.echoDictionary()) },
  "ay pipe": { inFlight: 64, load: counted((client) => client.echoBytes(BYTES)) },
  "s seq": { inFlight: 1, load: counted((client) => client.echo(TEXT)) },
  signals: { inFlight: 1, load: ticks },
};

/** Returns a dictionary of 20 entries, with variants of the library under test. */
export function dictionaryOf<V>(variant: (type: string, value: unknown) => V): Record<string, V> {
  const kinds = [
    ["s", "a text"],
    ["u", 42],
    ["b", true],
    ["d", 0.5],
    ["as", ["one", "two"]],
  ] as const;
  const entries = Array.from({ length: 20 }, (_, index) => {
    const [type, value] = kinds[index % kinds.length] ?? kinds[0];
    return [`Property${index}`, variant(type, value)] as const;
  });
  return Object.fromEntries(entries);
}

/** Runs one load for a number of seconds after a warm-up, and prints the measurements as JSON. */
export async function drive(client: BenchClient, name: string, seconds: number): Promise<void> {
  const { inFlight, load } = LOADS[name] ?? { inFlight: 1, load: counted(() => Promise.reject(new Error(name))) };
  if (name === "signals") await client.onTick(heard);
  await repeat(client, load, inFlight, WARM_UP_SECONDS);
  const serverBefore = await client.cpuTime();
  const { user, system } = process.cpuUsage();
  const started = performance.now();
  const calls = await repeat(client, load, inFlight, seconds);
  const took = (performance.now() - started) / 1000;
  const after = process.cpuUsage();
  const measured: Measured = {
    calls,
    seconds: took,
    clientCpu: after.user + after.system - user - system,
    serverCpu: (await client.cpuTime()) - serverBefore,
  };
  console.log(JSON.stringify(measured));
}

async function repeat(client: BenchClient, load: Load, inFlight: number, seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1000;
  let calls = 0;
  const again = async (): Promise<void> => {
    while (performance.now() < end) {
      const made = await load(client);
      calls += made;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, again));
  return calls;
}

let missing = 0;
let heardAll: () => void = () => undefined;

function heard(): void {
  if (--missing === 0) heardAll();
}

async function ticks(client: BenchClient): Promise<number> {
  missing = TICKS;
  const all = new Promise<void>((resolve) => {
    heardAll = resolve;
  });
  await client.emit(TICKS);
  await all;
  return TICKS;
}

/** Reads the arguments of a peer program: `server <address> <name>` or `client <address> <name> <load> <seconds>`. */
export function readArguments() {
  const [role, address = "", name = "", load = "", seconds = "1"] = process.argv.slice(2);
  return { isServer: role === "server", address, name, load, seconds: Number(seconds) };
}

/** Returns the CPU time of this process in microseconds. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
