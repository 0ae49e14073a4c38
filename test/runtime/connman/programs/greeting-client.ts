// Connects as a user, and prints the text of the server or an error code.
// Arguments: address, port, source address or an empty text, uid, gid.

import { connect } from "node:net";

const [host = "", port, localAddress, uid, gid] = process.argv.slice(2);
process.setgroups?.([]);
process.setgid?.(Number(gid));
process.setuid?.(Number(uid));
const socket = connect({ host, port: Number(port), ...(localAddress && { localAddress }), timeout: 2_000 });
const end = (text: string): void => {
  process.stdout.write(text);
  socket.destroy();
};
socket.once("data", (chunk) => end(chunk.toString()));
socket.once("timeout", () => end("timeout"));
socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
