import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "@dbus-codegen-ts/runtime";
import { parseAddresses } from "../../runtime/core/bus/address.ts";
import { openTransport } from "../../runtime/core/bus/handshake.ts";
import { Deframer } from "../../runtime/core/wire/deframer.ts";
import { errorText, type Message } from "../../runtime/core/wire/message.ts";
import { startPrivateBus } from "../setup/private-bus.ts";
import { callWithBody, LARGE_BODIES, LARGE_BODIES_INTERFACE, type LargeBody, LONG_PATH } from "./large-bodies.ts";
import { ms, nextLine, percentile, spawnProgram } from "./support.ts";

/**
 * Sends calls with large bodies to a service that takes them. Prints for each kind and size the result, for how long the
 * event loop was blocked, the growth of resident memory, and the latency of another client of the service. Fails if a result
 * exceeds a limit: 100 ms in which the event loop is blocked, 50 ms if the call is refused; four times the length in memory,
 * 20 MiB for small messages.
 *
 * Arguments: [sizes in MiB, separated by commas] [part of a name]
 */
const [sizes = "0.25,1,4,16,60,120", filter = ""] = process.argv.slice(2);
const MIB = 2 ** 20;
const LIMITS = { turnMs: 100, refusedTurnMs: 50, memoryFactor: 4, smallMemory: 20 * MIB };
let failures = 0;

for (const body of [...LARGE_BODIES, LONG_PATH]) {
  if (!body.name.includes(filter)) continue;
  for (const size of sizes.split(",").map(Number)) {
    // Only texts may be longer than an array.
    if (size > 64 && body.signature.startsWith("a")) continue;
    console.log(await measure(body, size * MIB));
  }
}
console.log(failures === 0 ? "all bodies are within the limits" : `${failures} limits are exceeded`);
if (failures > 0) process.exitCode = 1;

async function measure(body: LargeBody, size: number): Promise<string> {
  await using daemon = await startPrivateBus();
  const service = spawnProgram("large-body-service", daemon.address);
  const destination = await nextLine(service);
  await using observer = await connect({ bus: daemon.address });
  const measureCall = { destination, path: "/a", interface: LARGE_BODIES_INTERFACE, member: "Measure" };
  const bytes = callWithBody(2, destination, body, body.make(size));
  const polite = spawnProgram("polite-caller", daemon.address, destination);
  const latencies: number[] = [];
  try {
    await nextLine(polite);
    await new Promise((resolve) => setTimeout(resolve, 100));
    polite.stdout?.on("data", (chunk: Buffer) => latencies.push(...chunk.toString().trim().split("\n").map(Number)));
    writeFileSync(`/proc/${service.pid}/clear_refs`, "5");
    const before = memoryOf(service.pid, "VmRSS");
    await observer.call(measureCall);
    const started = performance.now();
    const reply = await exchange(daemon.address, bytes);
    const duration = performance.now() - started;
    const [elapsed, processor] = (await observer.call(measureCall)).map(Number);
    const peak = memoryOf(service.pid, "VmHWM") - before;
    const isRefused = reply.errorName !== undefined;
    const problems: string[] = [];
    if (elapsed === undefined || elapsed > (isRefused ? LIMITS.refusedTurnMs : LIMITS.turnMs)) problems.push("turn");
    if (peak > Math.max(LIMITS.memoryFactor * size, LIMITS.smallMemory)) problems.push("memory");
    failures += problems.length;
    const result = reply.errorName === undefined ? "accepted" : `${reply.errorName.split(".").at(-1)}`;
    const label = `${body.signature.padEnd(9)} ${body.name.padEnd(32)} ${(size / MIB).toFixed(2).padStart(6)} MiB`;
    const other = `other client p50 ${ms(percentile(latencies, 0.5))} p99 ${ms(percentile(latencies, 0.99))}`;
    const memory = `memory +${(peak / MIB).toFixed(0)} MiB (×${(peak / size).toFixed(1)})`;
    if (process.env["DEBUG"]) console.log(errorText(reply));
    return `${label}  ${result.padEnd(14)} ${ms(duration).padStart(8)}, turn ${ms(elapsed ?? Number.NaN)}, processor ${ms(processor ?? Number.NaN)}, ${memory}, ${other}${problems.length > 0 ? `  << ${problems.join(", ")}` : ""}`;
  } catch (error) {
    return `${body.signature} ${body.name} ${size / MIB} MiB: ${error}`;
  } finally {
    polite.kill("SIGKILL");
    service.kill("SIGKILL");
  }
}

/** Sends one message and returns the reply. */
async function exchange(address: string, bytes: Uint8Array): Promise<Message> {
  const [first] = parseAddresses(address).addresses;
  if (first === undefined) throw new Error("there is no address");
  const transport = await openTransport(first, 10_000);
  const deframer = new Deframer();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no reply")), 60_000);
    transport.start({
      onBytes(chunk) {
        for (const message of deframer.split(chunk)) {
          if (message.replySerial !== 2) continue;
          clearTimeout(timer);
          transport.destroy();
          resolve(message);
        }
      },
      onClose: () => reject(new Error("the connection was closed")),
    });
    transport.write(bytes);
  });
}

function memoryOf(pid: number | undefined, field: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) * 1024;
}
