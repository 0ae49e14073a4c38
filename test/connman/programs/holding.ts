// Connects as a user and keeps the connection: prints what the server says first, and for each line of input what it
// says next, or the code of the error. Arguments: address, port, uid.

import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";

const [host = "", port, uid] = process.argv.slice(2);
process.setuid?.(Number(uid));
const socket = connect({ host, port: Number(port) });
const answer = (): Promise<string> =>
  once(socket, "data").then(
    ([chunk]: Buffer[]) => String(chunk),
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
process.stdout.write(`${await answer()}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  socket.write(line);
  process.stdout.write(`${await answer()}\n`);
}
socket.destroy();
