// Connects as a user for each line of standard input, and prints the text of the server or an error code.
// Arguments: port, uid, gid. A line is a JSON object with the members of Greeting; the output has one of GreetingResult.

import { connect } from "node:net";
import { createInterface } from "node:readline";

/** A connection to make. */
export interface Greeting {
  readonly id: number;
  readonly host: string;
  /** Source address, or an empty text. */
  readonly from: string;
}

export interface GreetingResult {
  readonly id: number;
  readonly text: string;
}

const [port, uid, gid] = process.argv.slice(2);
process.setgroups?.([]);
process.setgid?.(Number(gid));
process.setuid?.(Number(uid));
createInterface({ input: process.stdin }).on("line", (line) => greet(JSON.parse(line)));

function greet({ id, host, from }: Greeting): void {
  const socket = connect({ host, port: Number(port), ...(from && { localAddress: from }), timeout: 2_000 });
  const end = (text: string): void => {
    const result: GreetingResult = { id, text };
    process.stdout.write(`${JSON.stringify(result)}\n`);
    socket.destroy();
  };
  socket.once("data", (chunk) => end(chunk.toString()));
  socket.once("timeout", () => end("timeout"));
  socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
}
