import { createServer } from "node:http";
import { createInterface } from "node:readline";

/**
 * The server of ConnMan's online check, for all addresses. The lines `online` and `offline` on standard input set the
 * result of the check.
 */
let isOnline = true;

createInterface({ input: process.stdin }).on("line", (line) => {
  isOnline = line === "online";
});

createServer((_request, response) => {
  response.writeHead(isOnline ? 200 : 503, isOnline ? { "X-ConnMan-Status": "online" } : {}).end();
}).listen(80, "::", () => process.stdout.write("listening\n"));
