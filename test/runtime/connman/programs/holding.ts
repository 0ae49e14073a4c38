// Connects as a user and keeps the connection: prints what the server says first, and for each line of input what it
// says next, or the code of the error. Arguments: address, port, uid.

import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";

const [host = "", port, uid] = process.argv.slice(2);
process.setuid?.(Number(uid));
const socket = connect({ host, port: Number(port) });
// Any packet can end the connection, including packets that the kernel sends while no read is pending.
let failure: string | undefined;
socket.on("error", (error: NodeJS.ErrnoException) => {
  failure = error.code ?? error.message;
});
const answer = async (): Promise<string> => {
  if (failure !== undefined) return failure;
  return once(socket, "data").then(String, () => String(failure));
};
process.stdout.write(`${await answer()}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  socket.write(line);
  process.stdout.write(`${await answer()}\n`);
}
socket.destroy();
