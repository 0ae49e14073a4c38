import { setImmediate as turn } from "node:timers/promises";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { type ConnectionHost, ConnectionModel, loopback, validateParameters } from "@dbus-codegen-ts/telepathy";
import { expect, test } from "vitest";

test("if several changes of the user's identifier wait, only the last is made", async () => {
  const normalized: string[] = [];
  const handles: number[] = [];
  let host: ConnectionHost | undefined;
  const model = new ConnectionModel(
    {
      ...loopback,
      open: (_parameters, given) => {
        host = given;
        return {
          handleTypes: [HandleType.Contact],
          interestTokens: [],
          attributeInterfaces: [],
          connect: () => given.connected("me"),
          disconnect: async () => undefined,
          normalize: async (_type, identifier) => {
            normalized.push(identifier);
            await turn();
            return identifier;
          },
          contactAttributes: () => [],
          startReporting: () => undefined,
          stopReporting: () => undefined,
        };
      },
    },
    validateParameters([], new Map()),
    {
      selfHandleChanged: (handle) => handles.push(handle),
      statusChanged: () => undefined,
      connectionError: () => undefined,
      protocolError: () => undefined,
    },
  );
  model.connect();
  for (let turns = 0; model.phase !== "connected" && turns < 100; turns++) await turn();
  for (let number = 0; number <= 1000; number++) host?.selfIdentifierChanged(`n${number}`);
  for (let turns = 0; turns < 20; turns++) await turn();
  expect(normalized).toEqual(["me", "n0", "n1000"]);
  expect(handles).toEqual([1, 2, 3]);
  await model.disconnect();
});
