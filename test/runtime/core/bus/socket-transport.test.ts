import { once } from "node:events";
import { createConnection, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { deferred } from "../../../../runtime/core/async.ts";
import { socketTransport } from "../../../../runtime/core/bus/socket-transport.ts";

/** A server that sends back the bytes that it receives. */
const server = createServer((socket) => socket.pipe(socket));
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => server.close());

const KINDS = [
  ["based on a handle as in Node", (socket: Socket) => socket],
  ["based on something else, as in Bun", withoutHandle],
] as const;

test.each(KINDS)("a socket that is %s is read from the start, with the bytes before it", async (_, adapt) => {
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

test("bytes keep their order when the kernel takes only a part of them, or none", async () => {
  const received: Buffer[] = [];
  const isReading = deferred<Socket>();
  const reader = createServer({ pauseOnConnect: true }, (socket) => isReading.resolve(socket));
  reader.listen(0, "127.0.0.1");
  await once(reader, "listening");
  const address = reader.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  const socket = createConnection(address.port, "127.0.0.1");
  await once(socket, "connect");
  const transport = socketTransport(socket.pause(), ":1.1", 1, new Uint8Array());
  transport.start({ onBytes: () => undefined, onClose: () => undefined });
  const slow = await isReading.promise;
  const sent: Buffer[] = [];
  const send = (count: number, length: number): void => {
    for (let index = 0; index < count; index++) {
      const bytes = Buffer.alloc(length, sent.length);
      sent.push(bytes);
      transport.write(bytes);
    }
  };
  // 16 MiB are more than the buffers of the kernel take while the other end does not read.
  send(16, 1 << 20);
  send(100, 10);
  await new Promise((resolve) => setImmediate(resolve));
  send(100, 10);
  expect(transport.queued).toBeGreaterThan(1 << 20);
  slow.on("data", (chunk) => received.push(chunk)).resume();
  const end = once(slow, "end");
  send(3, 300_000);
  await transport.drained();
  expect(transport.queued).toBe(0);
  send(100, 10);
  transport.close();
  await end;
  expect(Buffer.concat(received).equals(Buffer.concat(sent))).toBe(true);
  reader.close();
});

describe.each(KINDS)("close() of a socket that is %s", (_, adapt) => {
  /** Returns a transport that was closed after a message, and the other end. */
  async function closing() {
    const accepted = deferred<Socket>();
    const bus = createServer({ allowHalfOpen: true }, accepted.resolve).listen(0, "127.0.0.1");
    onTestFinished(() => void bus.close());
    await once(bus, "listening");
    const address = bus.address();
    if (address === null || typeof address === "string") throw new Error("the server has no port");
    const socket = createConnection(address.port, "127.0.0.1");
    await once(socket, "connect");
    const transport = socketTransport(adapt(socket.pause()), ":1.1", 1, new Uint8Array());
    const received: string[] = [];
    const closed = deferred<string>();
    transport.start({
      onBytes: (bytes) => received.push(Buffer.from(bytes).toString()),
      onClose: (error) => closed.resolve(error?.message ?? "without an error"),
    });
    transport.write(Buffer.from("last words"));
    transport.close();
    const other = await accepted.promise;
    onTestFinished(() => void other.destroy());
    const sent: Buffer[] = [];
    other.on("data", (bytes: Buffer) => sent.push(bytes));
    await once(other, "end");
    expect(Buffer.concat(sent).toString()).toBe("last words");
    return { other, received, closed: closed.promise };
  }

  test("ends when the other end, which has read everything and can still send, closes", async () => {
    const { other, received, closed } = await closing();
    other.write("late");
    await expect.poll(() => received).toEqual(["late"]);
    expect(await Promise.race([closed, "open"])).toBe("open");
    other.end();
    expect(await closed).toBe("without an error");
  });

  test("ends after 5 seconds if the other end does not close", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const { closed } = await closing();
    await vi.advanceTimersByTimeAsync(4999);
    expect(await Promise.race([closed, "open"])).toBe("open");
    await vi.advanceTimersByTimeAsync(1);
    expect(await closed).toBe("without an error");
  });
});

/** Returns a socket whose handle lacks the functions that Node's internal classes call. */
function withoutHandle(socket: Socket): Socket {
  return new Proxy(socket, {
    get: (target, key) => {
      const value: unknown = key === "_handle" ? {} : Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
