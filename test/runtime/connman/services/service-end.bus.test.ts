import { once } from "node:events";
import { CONNMAN_NAME } from "@dbus-codegen-ts/connman";
import { connect } from "@dbus-codegen-ts/runtime";
import { describe, expect, test } from "vitest";
import { CrashingBus, nextLine, until } from "../../../reliability/support.ts";
import { keep } from "../disposables.ts";
import { UndecidedAuthorizer } from "../session-helpers.ts";
import { App, DIALECT_NAMES, refusal, Stage, startProgram } from "../support.ts";

describe("a service that is killed and restarted [S39]", () => {
  test("loses its sessions, and applications notice one loss and one return of its name", async () => {
    const daemon = keep(await CrashingBus.start());
    const app = new App(keep(await connect({ bus: daemon.address })));
    const owners: string[] = [];
    const first = startProgram("service", daemon.address);
    const firstName = await nextLine(first);
    await app.bus.watchName(CONNMAN_NAME, (owner) => owners.push(owner ?? "none"));
    const session = await app.create({}, "/n");
    await until("it has received all settings", () => session.status === "ethernet online");
    session.takeUpdates();
    first.kill("SIGKILL");
    await until("the application knows", () => owners.at(-1) === "none");
    const second = startProgram("service", daemon.address);
    const secondName = await nextLine(second);
    expect(await refusal(session.connect())).toBe("UnknownObject");
    expect(await refusal(app.destroy(session.path))).toBe("InvalidArguments");
    expect(await app.callCreate({}, "/n")).toBe(session.path);
    await until("it has received the settings of the new session", () => session.received.length > 0);
    expect(session.takeUpdates()).toMatchObject([{ State: "online", Bearer: "ethernet", SourceIPRule: false }]);
    expect(owners).toEqual([firstName, "none", secondName]);
    second.kill("SIGKILL");
  });
});

describe("SIGTERM while sessions exist [S40]", () => {
  test.each(DIALECT_NAMES)("%s: every session is released, and the exit code is 0", async (dialect) => {
    const daemon = keep(await CrashingBus.start());
    const service = startProgram("service", daemon.address, dialect);
    await nextLine(service);
    const apps = [
      new App(keep(await connect({ bus: daemon.address }))),
      new App(keep(await connect({ bus: daemon.address }))),
    ];
    const sessions = await Promise.all(apps.flatMap((app) => Array.from({ length: 50 }, () => app.create())));
    const stopped = startProgram("application", daemon.address, "50");
    await nextLine(stopped);
    stopped.kill("SIGSTOP");
    await until("all have received their settings", () => sessions.every(({ status }) => status === "ethernet online"));
    for (const session of sessions) session.takeUpdates();
    service.kill("SIGTERM");
    expect(await once(service, "exit")).toEqual([0, null]);
    const last = dialect === "connman-1.41" ? [{ State: "disconnected" }] : [];
    await until("all are released", () => sessions.every(({ received }) => received.length > last.length));
    for (const { received } of sessions) expect(received).toMatchObject(["Release", ...last]);
    stopped.kill("SIGCONT");
    expect(await nextLine(stopped)).toBe("released");
    stopped.kill("SIGKILL");
  });

  test("the service ends although the bus is stopped", async () => {
    const daemon = keep(await CrashingBus.start());
    const service = startProgram("service", daemon.address);
    await nextLine(service);
    const app = new App(keep(await connect({ bus: daemon.address })));
    await app.create();
    daemon.freeze();
    service.kill("SIGTERM");
    expect(await once(service, "exit")).toEqual([0, null]);
  });

  test("calls of CreateSession fail, also those that are being authorized", async () => {
    const authorizer = new UndecidedAuthorizer();
    const stage = keep(await Stage.open({ dialect: "session-2011", authorizer }));
    const app = await stage.app();
    const undecided = refusal(app.create({ RoamingPolicy: "always" }));
    await authorizer.called();
    const meanwhile = refusal(app.create());
    const closed = stage.server.close();
    authorizer.decide(true);
    expect(await undecided).toBe("Failed");
    // The call may arrive before, during or after the end of the service; the object "/" of a connection always exists.
    expect(["Failed", "UnknownInterface", "ServiceUnknown"]).toContain(await meanwhile);
    await closed;
    expect(stage.server.sessions).toBe(0);
  });
});
