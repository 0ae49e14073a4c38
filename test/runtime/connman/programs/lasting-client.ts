// Connects as a user and keeps the connection. Sends each line of input. Prints the replies of the server, or an error
// code. Arguments: address, port, uid.

import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";

const [host = "", port, uid] = process.argv.slice(2);
process.setuid?.(Number(uid));
const socket = connect({ host, port: Number(port) });
// The connection may be reset at any time, also while no reply is awaited.
let failure: string | undefined;
socket.on("error", (error: NodeJS.ErrnoException) => {
  failure = error.code ?? error.message;
});
const reply = async (): Promise<string> => {
  if (failure !== undefined) return failure;
  return once(socket, "data").then(String, () => String(failure));
};
process.stdout.write(`${await reply()}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  socket.write(line);
  process.stdout.write(`${await reply()}\n`);
}
socket.destroy();
