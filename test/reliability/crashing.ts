import { connect, DisconnectedError } from "../../runtime/core/index.ts";
import { Everything } from "../runtime/core/fixtures/services.ts";
import { Sampler1Client } from "../runtime/core/generated/org.example.Sampler1.ts";
import { CrashingBus, until } from "./support.ts";

const NAME = "org.example.Crashing";
const CALLERS = 20;
const SUBSCRIPTIONS = 20;
const BACKOFF = { minDelay: 10, maxDelay: 100 };

/** Result of repeatedly killing a bus under load. */
export interface CrashReport {
  /** Calls by outcome; `other` are errors of any other kind. */
  readonly calls: { readonly answered: number; readonly disconnected: number; readonly other: readonly string[] };
  /** Calls that were still pending at the end. */
  readonly hung: number;
  /** Subscriptions that did not receive the first signal after a recovery. */
  readonly lost: number;
  /** Milliseconds from the start of the next daemon to the first reply of the service by its name, for each crash. */
  readonly recoveries: readonly number[];
}

/** Kills the daemon by SIGKILL while clients call without pause, and restarts it: `times` times. */
export async function crashRepeatedly(times: number, onCrash: (index: number) => void = () => undefined) {
  await using daemon = await CrashingBus.start();
  await using service = await connect({ bus: daemon.address, reconnect: BACKOFF });
  await using bus = await connect({ bus: daemon.address, reconnect: BACKOFF });
  const everything = new Everything();
  await service.serve("/a", everything);
  await service.requestName(NAME);
  const client = new Sampler1Client(bus, { destination: NAME, path: "/a" });
  const heard = new Array<number>(SUBSCRIPTIONS).fill(-1);
  for (const index of heard.keys()) {
    await client.signals.hasOwnProperty$.subscribe((value) => {
      heard[index] = value;
    });
  }
  const load = startCalling(client);
  const recoveries: number[] = [];
  let lost = 0;
  for (let crash = 0; crash < times; crash++) {
    await until("some calls are answered", load.progress());
    await daemon.crash();
    await daemon.restart();
    const begin = performance.now();
    await until("the service can be called again", load.progress());
    recoveries.push(performance.now() - begin);
    const { hasOwnProperty$: emit } = everything.signals;
    emit(crash);
    await until("signals arrive again", () => heard.some((value) => value === crash));
    lost += heard.filter((value) => value !== crash).length;
    onCrash(crash);
  }
  return { ...(await load.stop()), lost, recoveries } satisfies CrashReport;
}

function startCalling(client: Sampler1Client) {
  const calls = { answered: 0, disconnected: 0, other: [] as string[] };
  let running = true;
  let waiting = 0;
  const call = async (): Promise<void> => {
    while (running) {
      waiting++;
      try {
        await client.describe$("x");
        calls.answered++;
      } catch (error) {
        if (error instanceof DisconnectedError) calls.disconnected++;
        // Until the service is back its name has no owner.
        else if (!String(error).includes("ServiceUnknown")) calls.other.push(String(error));
        await new Promise((resolve) => setTimeout(resolve, 2));
      } finally {
        waiting--;
      }
    }
  };
  const callers = Array.from({ length: CALLERS }, call);
  return {
    /** Returns a condition that holds after another hundred replies. */
    progress: () => {
      const goal = calls.answered + 100;
      return () => calls.answered >= goal;
    },
    async stop() {
      running = false;
      const patience = new Promise((resolve) => setTimeout(resolve, 10_000).unref());
      await Promise.race([Promise.all(callers), patience]);
      return { calls, hung: waiting };
    },
  };
}
