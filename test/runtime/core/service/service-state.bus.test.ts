import { expect, test } from "vitest";
import { Variant } from "../../../../runtime/core/index.ts";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { described, RawPeer } from "../fixtures/raw-peer.ts";
import { NAME, PROPERTIES, plain, startClient, VAULT } from "../fixtures/service-bus.ts";
import { Vault } from "../fixtures/vault.ts";

test("property changes by a handler, of any service, are announced before its reply", async () => {
  const { bus, client, receive } = await startClient();
  const [vault, other] = [new Vault(), new Vault("other")];
  vault.act = () => {
    other.properties.label = "changed";
    other.properties.code = 2;
    vault.properties.code = 3;
    return "done";
  };
  await bus.serve("/vault", vault);
  await bus.serve("/other", other);
  const receivedAtReply: unknown[] = [];
  const received = [
    await receive("/vault", PROPERTIES, "PropertiesChanged"),
    await receive("/other", PROPERTIES, "PropertiesChanged"),
  ];
  const request = { destination: NAME, path: "/vault", interface: VAULT, member: "Look" };
  await client.request({ ...request, codec: bodyCodec(""), args: [] }, {}, () =>
    receivedAtReply.push(...received.flat()),
  );
  expect(receivedAtReply).toEqual([
    ["/vault", VAULT, plain({ Code: new Variant("u", 3) }), []],
    ["/other", VAULT, plain({ Label: new Variant("s", "changed"), Code: new Variant("u", 2) }), []],
  ]);
});

test("a computed property has its current value at each reading, and no announcements", async () => {
  const { bus, call, receive } = await startClient();
  let code = 0;
  class ComputedVault extends Vault {
    constructor() {
      super();
      this.$compute("code", () => ++code);
    }
  }
  const vault = new ComputedVault();
  await bus.serve("/vault", vault);
  const changes = await receive("/vault", PROPERTIES, "PropertiesChanged");
  expect(await call("/vault", "Get", [VAULT, "Code"], PROPERTIES)).toEqual([new Variant("u", 1)]);
  expect(await call("/vault", "GetAll", [VAULT], PROPERTIES)).toEqual([
    plain({
      Label: new Variant("s", vault.properties.label),
      Code: new Variant("u", 2),
      Made: new Variant("s", vault.properties.made),
    }),
  ]);
  expect(vault.properties.code).toBe(3);
  expect(changes).toEqual([]);
});

test("signals to one receiver reach no other client and follow earlier property changes", async () => {
  const { daemon, bus, receive } = await startClient();
  const vault = new Vault();
  await bus.serve("/vault", vault);
  await using receiver = await RawPeer.connect(daemon.address);
  const others = await receive("/vault", VAULT, "Opened");
  vault.properties.label = "before";
  vault.signalsTo(receiver.uniqueName).opened("for you");
  vault.signals.opened("for all");
  await receiver.settled(NAME);
  await expect.poll(() => others).toEqual([["/vault", "for all"]]);
  expect(receiver.received.map(described)).toEqual([["for you"]]);
  expect(() => vault.signalsTo("not a name")).toThrow("destination: expected a bus name");
});
