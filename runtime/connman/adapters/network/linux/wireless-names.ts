import { runCommand } from "../../linux/command.ts";

/**
 * Returns the names (SSIDs) of the wireless networks that interfaces have joined, by interface name. They are read with
 * `iw`, because the kernel reports them only over a socket that Node.js cannot open.
 *
 * @returns No names if `iw` is not installed or fails.
 */
export async function wirelessNames(): Promise<ReadonlyMap<string, string>> {
  return parseWirelessNames(await runCommand("iw", ["dev"]).catch(() => ""));
}

/** Parses the output of `iw dev`. Returns the names (SSIDs) of wireless networks by interface name. */
export function parseWirelessNames(output: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  let current: string | undefined;
  for (const line of output.split("\n")) {
    const text = line.trimStart();
    if (text.startsWith("Interface ")) current = text.slice("Interface ".length);
    else if (text.startsWith("ssid ") && current !== undefined) {
      names.set(current, unescaped(text.slice("ssid ".length)));
    }
  }
  return names;
}

/** Replaces the escapes of `iw`, such as `\xc3` for a byte that is not ASCII. Names that are not UTF-8 get replacements. */
function unescaped(text: string): string {
  const bytes = text.replace(/\\x([0-9a-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}
