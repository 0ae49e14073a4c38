// Receives a transfer. Prints the name of the server and the number of bytes, such as `A 8388608`, or an error code.
// Arguments: address, port, source address or an empty text.

import { connect } from "node:net";

const [host = "", port, localAddress = ""] = process.argv.slice(2);
const socket = connect({ host, port: Number(port), ...(localAddress && { localAddress }), timeout: 20_000 });
let name = "";
let bytes = 0;
const end = (text: string): void => {
  process.stdout.write(text);
  socket.destroy();
};
socket.on("data", (chunk: Buffer) => {
  name ||= chunk.subarray(0, 1).toString();
  if (chunk.every((byte) => byte === name.charCodeAt(0))) bytes += chunk.length;
});
socket.once("end", () => end(`${name} ${bytes}`));
socket.once("timeout", () => end("timeout"));
socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
