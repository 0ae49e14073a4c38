import { connect, DBusError } from "@dbus-codegen-ts/runtime";
import { testBus } from "dbus-codegen-ts/testing";
import { expect, test } from "vitest";
import { AuthenticationAgentClient } from "../../../generator/catalogue/polkit/generated/org.freedesktop.PolicyKit1.AuthenticationAgent.ts";
import {
  Authority,
  type Identity,
} from "../../../generator/catalogue/polkit/generated/org.freedesktop.PolicyKit1.Authority.ts";
import { CancelledError } from "../../../generator/catalogue/polkit/generated/org.freedesktop.PolicyKit1.Error.ts";
import {
  checkAuthorization,
  POLKIT,
  registerAgent,
  subjectOfConnection,
  subjectOfProcess,
} from "../../../generator/catalogue/polkit/index.ts";

const ACTION = "org.example.lamp.switch";
const ROOT: Identity = { kind: "unix-user", details: { uid: 0 } };

test("checkAuthorization passes its arguments, and cancels the check when it is aborted", async () => {
  await using bus = await testBus();
  const calls: unknown[] = [];
  let cancel = (_error: Error): void => {};
  await bus.mock(POLKIT.path, Authority, {
    checkAuthorization: (subject, action, details, flags, id) => {
      calls.push([subject, action, details, flags, id !== ""]);
      if (id !== "") return new Promise<never>((_, reject) => (cancel = reject));
      return { isAuthorized: true, isChallenge: false, details: { polkitResult: "yes" } };
    },
    cancelCheckAuthorization: () => {
      calls.push("cancel");
      cancel(new CancelledError("cancelled"));
    },
  });
  await bus.services.requestName(POLKIT.destination);
  await using program = await connect({ bus: bus.address });
  const subject = subjectOfConnection(program.uniqueName);

  const result = await checkAuthorization(program, subject, ACTION, { details: { lamp: "desk" } });
  expect([result.isAuthorized, result.details.polkitResult]).toEqual([true, "yes"]);

  const dialog = new AbortController();
  const check = checkAuthorization(program, subject, ACTION, { isInteractive: true, signal: dialog.signal });
  await expect.poll(() => calls.length).toBe(2);
  dialog.abort(new Error("closed"));
  await expect(check).rejects.toThrow("closed");
  await expect.poll(() => calls.length).toBe(3);
  expect(calls).toEqual([[subject, ACTION, { lamp: "desk" }, 0, false], [subject, ACTION, {}, 1, true], "cancel"]);
});

test("an agent is served while it is registered, and its dialogs are closed when polkit cancels them", async () => {
  await using bus = await testBus();
  const calls: unknown[] = [];
  await bus.mock(POLKIT.path, Authority, {
    registerAuthenticationAgent: (subject, locale, path) => void calls.push(["register", subject, locale, path]),
    registerAuthenticationAgentWithOptions: (_subject, _locale, _path, options) => void calls.push(options.fallback),
    unregisterAuthenticationAgent: (_subject, path) => void calls.push(["unregister", path]),
  });
  await bus.services.requestName(POLKIT.destination);
  await using program = await connect({ bus: bus.address });
  const subject = await subjectOfProcess();
  const path = "/agent";
  const agent = new AuthenticationAgentClient(bus.services, { destination: program.uniqueName, path });
  await using other = await connect({ bus: bus.address });
  const stranger = new AuthenticationAgentClient(other, { destination: program.uniqueName, path });
  const begin = (cookie: string) => agent.beginAuthentication(ACTION, "Switch the lamp", "", {}, cookie, [ROOT]);
  {
    await using _ = await registerAgent(
      program,
      async ({ cookie, message, identities, signal }) => {
        calls.push([message, identities]);
        if (cookie === "dismissed") throw new CancelledError("dismissed");
        if (cookie === "broken") throw new DBusError("org.example.Broken", "broken");
        if (cookie === "open") await new Promise((_, reject) => signal.addEventListener("abort", reject));
      },
      { subject, locale: "C", path },
    );
    await begin("authenticated");
    await expect(stranger.cancelAuthentication("")).rejects.toThrow(
      "only the owner of org.freedesktop.PolicyKit1 can call",
    );
    await expect(begin("dismissed")).rejects.toThrow(CancelledError);
    await expect(begin("broken")).rejects.toThrow("broken");
    const closed = expect(begin("open")).rejects.toThrow(CancelledError);
    await expect.poll(() => calls.length).toBe(5);
    await agent.cancelAuthentication("open");
    await closed;
    await bus.services.releaseName(POLKIT.destination);
    await bus.services.requestName(POLKIT.destination);
    await expect.poll(() => calls.length).toBe(6);
  }
  await expect(begin("late")).rejects.toThrow();
  await (await registerAgent(program, async () => {}, { isFallback: true }))[Symbol.asyncDispose]();
  const request = ["Switch the lamp", [ROOT]];
  expect(calls).toEqual([
    ["register", subject, "C", path],
    ...[request, request, request, request],
    ["register", subject, "C", path],
    ["unregister", path],
    true,
    ["unregister", "/org/freedesktop/PolicyKit1/AuthenticationAgent"],
  ]);
});
