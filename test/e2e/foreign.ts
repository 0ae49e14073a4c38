import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs gdbus against a bus and gives what it prints; rejects with its message when it fails. */
async function gdbus(address: string, ...args: readonly string[]): Promise<string> {
  const [command = "", ...rest] = args;
  const { stdout } = await run("gdbus", [command, "--address", address, ...rest], { timeout: 20_000 });
  return stdout.trim();
}

/** What gdbus prints for a method call, as GVariant text. */
export function gdbusCall(
  address: string,
  destination: string,
  path: string,
  method: string,
  ...args: readonly string[]
): Promise<string> {
  return gdbus(address, "call", "--dest", destination, "--object-path", path, "--method", method, ...args);
}

/** The introspection XML of an object as gdbus reads it. */
export function gdbusIntrospect(address: string, destination: string, path: string): Promise<string> {
  return gdbus(address, "introspect", "--dest", destination, "--object-path", path, "--xml");
}
