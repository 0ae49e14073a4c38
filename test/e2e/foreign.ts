import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs gdbus on a bus and returns its output. Rejects with its error message. */
async function gdbus(address: string, ...args: readonly string[]): Promise<string> {
  const [command = "", ...rest] = args;
  const { stdout } = await run("gdbus", [command, "--address", address, ...rest], { timeout: 60_000 });
  return stdout.trim();
}

/** Calls a method with gdbus and returns the printed GVariant text. */
export function gdbusCall(
  address: string,
  destination: string,
  path: string,
  method: string,
  ...args: readonly string[]
): Promise<string> {
  return gdbus(address, "call", "--dest", destination, "--object-path", path, "--method", method, ...args);
}

/** Returns the introspection XML of an object, read by gdbus. */
export function gdbusIntrospect(address: string, destination: string, path: string): Promise<string> {
  return gdbus(address, "introspect", "--dest", destination, "--object-path", path, "--xml");
}
