// Sends its name and then many bytes to each client. Responds to the online checks of NetworkManager and ConnMan, after a
// line `portal` on standard input with the redirect of a captive portal, until a line `internet`.
// Arguments: name, IPv4 address, port, port for HTTP.

import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { TRANSFER_BYTES } from "./transfer-bytes.ts";

const [name, host, port, httpPort] = process.argv.slice(2);
const content = Buffer.alloc(TRANSFER_BYTES, `${name}`);
const server = createServer((socket) => {
  socket.on("error", () => undefined);
  socket.end(content);
});
await once(server.listen({ host, port: Number(port) }), "listening");
let isPortal = false;
const http = createHttpServer((_, response) => {
  if (isPortal) response.writeHead(302, { Location: "http://login.example/" }).end();
  else response.writeHead(200, { "X-ConnMan-Status": "online" }).end("NetworkManager is online\n");
});
await once(http.listen({ host, port: Number(httpPort) }), "listening");
process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) isPortal = line === "portal";
