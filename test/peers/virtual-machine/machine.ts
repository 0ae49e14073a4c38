import { spawn } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Image } from "./image.ts";

/** What a machine boots. */
export interface Boot {
  readonly image: Image;
  /** Archive with the programs. */
  readonly programs: string;
  /** File for the messages of the kernel and of services. */
  readonly console: string;
  /** Milliseconds after which the machine is switched off. */
  readonly timeoutMs: number;
}

/**
 * Kernel parameters. `mitigations=off` switches off protection against other users of the processor, which is slow in
 * an emulation. The device `pmem0` is the last disk of the command line, because the kernel numbers disks from the end.
 */
const PARAMETERS =
  "root=/dev/pmem0 rw panic=-1 console=ttyS0 mitigations=off nokaslr net.ifnames=0 systemd.getty_auto=0 quiet";

/**
 * The processor executes one instruction in each nanosecond of the machine's clock, and time in which it would wait is
 * skipped. So no program in the machine runs into a timeout because the emulator is slow. This requires that nothing in
 * the machine waits for the host: the clock would skip until the next timeout.
 */
const PROCESSOR = ["-accel", "tcg", "-icount", "shift=0,sleep=off", "-cpu", "max", "-smp", "1"] as const;
const MEMORY_MIB = 2048;

/** Returns the arguments for a disk in memory: no access waits for the host. What a machine writes is lost at its end. */
function persistentMemory(id: string, file: string): readonly string[] {
  const path = file.replaceAll(",", ",,");
  const backend = `memory-backend-file,id=${id},mem-path=${path},size=${statSync(file).size},share=off`;
  return ["-object", backend, "-device", `nvdimm,memdev=${id}`];
}

/**
 * Boots a machine without network in an emulator, and yields the lines that its programs print, until it switches itself
 * off.
 *
 * @throws Error if the emulator fails or the time is over.
 */
export async function* boot({ image, programs, console, timeoutMs }: Boot): AsyncGenerator<string, void> {
  const emulator = spawn(
    "qemu-system-x86_64",
    [
      ...[...PROCESSOR, "-machine", "pc,nvdimm=on", "-m", `${MEMORY_MIB}M,slots=2,maxmem=${4 * MEMORY_MIB}M`],
      ...["-nodefaults", "-nic", "none", "-display", "none", "-no-reboot"],
      ...["-kernel", image.kernel, "-initrd", image.initialRamdisk, "-append", PARAMETERS],
      ...[...persistentMemory("programs", programs), ...persistentMemory("disk", image.disk)],
      ...["-serial", `file:${console}`, "-serial", "stdio"],
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const kill = (): void => void emulator.kill("SIGKILL");
  process.on("exit", kill);
  let isLate = false;
  const timeout = setTimeout(() => {
    isLate = true;
    kill();
  }, timeoutMs);
  const exited = once(emulator, "exit");
  try {
    yield* createInterface({ input: emulator.stdout });
    const [code, signal] = await exited;
    if (isLate) throw new Error(`the machine was switched off after ${timeoutMs / 1000} s`);
    if (code !== 0) throw new Error(`the emulator ended with ${code ?? signal}`);
  } finally {
    clearTimeout(timeout);
    kill();
    process.off("exit", kill);
  }
}
