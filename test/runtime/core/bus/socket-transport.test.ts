import { once } from "node:events";
import { createConnection, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deferred } from "../../../../runtime/core/async.ts";
import { socketTransport } from "../../../../runtime/core/bus/socket-transport.ts";

/** Returns what it receives. */
const server = createServer((socket) => socket.pipe(socket));
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => server.close());

test.each([
  ["based on a handle as in Node", (socket: Socket) => socket],
  ["based on something else, as in Bun", withoutHandle],
])("a socket that is %s is read from the start, with the bytes before it", async (_, adapt) => {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  const socket = createConnection(address.port, "127.0.0.1");
  await once(socket, "connect");
  socket.pause();
  socket.write("bc");
  const transport = socketTransport(adapt(socket), ":1.1", 1, Buffer.from("a"));
  const received = deferred<string>();
  const closed = deferred<Error | undefined>();
  let text = "";
  transport.start({
    onBytes(bytes) {
      text += Buffer.from(bytes).toString();
      if (text.length === 5) received.resolve(text);
    },
    onClose: closed.resolve,
  });
  transport.write(Buffer.from("de"));
  expect(await received.promise).toBe("abcde");
  transport.close();
  expect(await closed.promise).toBeUndefined();
});

/** Returns a socket whose handle has no functions that Node's internal classes call. */
function withoutHandle(socket: Socket): Socket {
  return new Proxy(socket, {
    get: (target, key) => {
      const value: unknown = key === "_handle" ? {} : Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
