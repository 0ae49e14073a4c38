import { describe, expect, test } from "vitest";
import {
  AccessDeniedError,
  type AuthorizedMember,
  DBusError,
  type Incoming,
  type MaybePromise,
  Variant,
} from "../../../../runtime/core/index.ts";
import { PROPERTIES, startClient, VAULT } from "../fixtures/service-bus.ts";
import { Vault } from "../fixtures/vault.ts";

describe("authorization", () => {
  test("refuses privileged members by default", async () => {
    const { bus, call, set } = await startClient();
    const vault = new Vault();
    await bus.serve("/vault", vault);
    await expect(call("/vault", "Open", ["key"])).rejects.toBeInstanceOf(AccessDeniedError);
    await expect(set("/vault", "Code", new Variant("u", 2))).rejects.toBeInstanceOf(AccessDeniedError);
    expect(await call("/vault", "Look")).toEqual(["look"]);
    await set("/vault", "Label", new Variant("s", "yours"));
    expect(vault.calls).toEqual(["look"]);
    expect(vault.properties).toMatchObject({ label: "yours", code: 1 });
  });

  test("calls an overridden $authorize for each method and each property that is set", async () => {
    const { bus, call, set } = await startClient();
    const asked: AuthorizedMember[] = [];
    class Guarded extends Vault {
      protected override async $authorize(member: AuthorizedMember, incoming: Incoming): Promise<void> {
        asked.push(member);
        const { uid } = await incoming.credentials();
        if (uid !== process.getuid?.() || member.name === "Look")
          throw new DBusError("org.example.Error.No", "not you");
      }
    }
    const vault = new Guarded();
    await bus.serve("/vault", vault);
    expect(await call("/vault", "Open", ["key"])).toEqual(["open"]);
    await expect(call("/vault", "Look")).rejects.toMatchObject({ errorName: "org.example.Error.No" });
    await set("/vault", "Code", new Variant("u", 2));
    await call("/vault", "GetAll", [VAULT], PROPERTIES);
    expect(vault.calls).toEqual(["open"]);
    expect(vault.properties.code).toBe(2);
    expect(asked).toEqual([
      { kind: "method", key: "open", name: "Open", privileged: true },
      { kind: "method", key: "look", name: "Look", privileged: false },
      { kind: "property", key: "code", name: "Code", privileged: true },
    ]);
  });

  test("with a bug refuses without the text of the error", async () => {
    const { bus, log, call } = await startClient();
    class Broken extends Vault {
      protected override $authorize(): MaybePromise<void> {
        throw new Error("secret");
      }
    }
    const vault = new Broken();
    await bus.serve("/vault", vault);
    await expect(call("/vault", "Look")).rejects.toMatchObject({ message: "Look failed" });
    expect(vault.calls).toEqual([]);
    expect(log.entries).toHaveLength(1);
  });
});
