import { connect } from "../../runtime/core/index.ts";
import { Jukebox1Client } from "../runtime/core/fixtures/jukebox.ts";
import { Everything, Jukebox } from "../runtime/core/fixtures/services.ts";
import { Sampler1Client } from "../runtime/core/generated/org.example.Sampler1.ts";
import { startPrivateBus } from "../setup/private-bus.ts";
import { nextLine, spawnProgram, until } from "./support.ts";

/** Time for which one subscriber does not read, and length of the signals that are sent to it. */
interface SlowReaderOptions {
  readonly seconds: number;
  readonly signalSize: number;
}

/** Effects on other clients while one subscriber does not read. */
export interface SlowReaderReport {
  readonly signals: number;
  /** Number of answered calls of another client. `latenciesMs` contains the latency of each. */
  readonly calls: number;
  readonly latenciesMs: readonly number[];
  readonly failures: readonly string[];
  /** Largest memory of this process in bytes, which holds the service and the other client. */
  readonly peakRss: number;
  /** Whether the subscriber receives signals when it resumes reading, or the bus has ended its connection. */
  readonly receivesAfterwards: boolean;
}

/**
 * Stops one subscriber by SIGSTOP while the service signals every millisecond and another client calls without pause.
 */
export async function measureSlowReader({ seconds, signalSize }: SlowReaderOptions): Promise<SlowReaderReport> {
  await using daemon = await startPrivateBus();
  await using service = await connect({ bus: daemon.address });
  await using bus = await connect({ bus: daemon.address });
  const jukebox = new Jukebox();
  await service.serve("/a", new Everything(), jukebox);
  const target = { destination: service.uniqueName, path: "/a" };
  const client = new Sampler1Client(bus, target);
  const own: string[] = [];
  await new Jukebox1Client(bus, target).signals.trackChanged.subscribe((_, n) => own.push(`${n}`));
  const reader = spawnProgram("subscriber", daemon.address, service.uniqueName);
  try {
    await nextLine(reader);
    reader.kill("SIGSTOP");
    const payload = "x".repeat(signalSize);
    let signals = 0;
    const timer = setInterval(() => jukebox.signals.trackChanged(payload, BigInt(signals++)), 1);
    const end = performance.now() + seconds * 1000;
    const latenciesMs: number[] = [];
    const failures: string[] = [];
    let peakRss = 0;
    while (performance.now() < end) {
      const begin = performance.now();
      await client.describe$("x").catch((error: unknown) => failures.push(String(error)));
      latenciesMs.push(performance.now() - begin);
      peakRss = Math.max(peakRss, process.memoryUsage.rss());
    }
    clearInterval(timer);
    reader.kill("SIGCONT");
    const afterwards = nextLine(reader).then(
      () => true,
      () => false,
    );
    jukebox.signals.trackChanged("last", 0n);
    await until("the other subscriber received all signals", () => own.length >= signals + 1);
    return { signals, calls: latenciesMs.length, latenciesMs, failures, peakRss, receivesAfterwards: await afterwards };
  } finally {
    reader.kill("SIGKILL");
  }
}
