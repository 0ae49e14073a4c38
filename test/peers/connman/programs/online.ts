import { createServer } from "node:http";
import { createInterface } from "node:readline";

/** The server of ConnMan's online check, for all addresses. Lines `online` and `offline` of the standard input switch it. */
let isOnline = true;

createInterface({ input: process.stdin }).on("line", (line) => {
  isOnline = line === "online";
});

createServer((_request, response) => {
  response.writeHead(isOnline ? 200 : 503, isOnline ? { "X-ConnMan-Status": "online" } : {}).end();
}).listen(80, "::", () => process.stdout.write("listening\n"));
