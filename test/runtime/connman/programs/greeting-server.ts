// Sends its name and the address of the client to each client. By HTTP, responds to online checks, to those of
// `/only-<name>` with the redirect of a captive portal unless the name is its own.
// Arguments: name, IPv4 address, IPv6 address, port, port for HTTP.

import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";

const [name, ipv4, ipv6, port, httpPort] = process.argv.slice(2);
for (const host of [ipv4, ipv6]) {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.write(`${name} sees ${socket.remoteAddress}`);
    socket.on("data", () => socket.write("still here"));
  });
  await once(server.listen({ host, port: Number(port) }), "listening");
}
const http = createHttpServer(({ url }, response) => {
  if (["/", "/online/status.html", `/only-${name}`].includes(url ?? ""))
    response.setHeader("X-ConnMan-Status", "online").end();
  else response.writeHead(302, { Location: "http://login.example/" }).end();
});
await once(http.listen({ host: ipv4, port: Number(httpPort) }), "listening");
process.stdout.write("ready\n");
