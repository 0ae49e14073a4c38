import { readFileSync } from "node:fs";
import {
  Authority,
  AuthorityService,
  type AuthorizationResult,
  type StringStringMap,
  type Subject,
} from "@dbus-codegen-ts/polkit/org.freedesktop.PolicyKit1.Authority";
import { CancelledError, NotAuthorizedError } from "@dbus-codegen-ts/polkit/org.freedesktop.PolicyKit1.Error";
import { type Bus, connect, type Incoming, type MaybePromise } from "@dbus-codegen-ts/runtime";
import { PermissionDeniedError } from "@dbus-codegen-ts/stubs/net.connman.Error";
import { SessionClient, SessionService } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  type Authorizer,
  allowUids,
  type Caller,
  denyAll,
  SESSION_ACTIONS,
} from "../../../../../runtime/connman/adapters/authorization/authorizer.ts";
import { PolicyKitAuthorizer } from "../../../../../runtime/connman/adapters/authorization/policykit-authorizer.ts";
import { type PrivateBus, startPrivateBus } from "../../../../setup/private-bus.ts";
import { partial } from "../../../core/fixtures/partial-service.ts";

const [EMERGENCY_CALL, ROAMING_POLICY] = SESSION_ACTIONS;
const POLICYKIT = "org.freedesktop.PolicyKit1";
const GRANTED = { isAuthorized: true, isChallenge: false, details: {} };
const DENIED = { isAuthorized: false, isChallenge: false, details: {} };
const CHALLENGE = {
  isAuthorized: false,
  isChallenge: true,
  details: { "polkit.retains_authorization_after_challenge": "1" },
};

/** A simulated PolicyKit with configurable decisions, which records the checks. */
class FakePolicyKit
  extends partial(AuthorityService, Authority)
  implements Pick<AuthorityService, "checkAuthorization" | "cancelCheckAuthorization">
{
  readonly checks: unknown[] = [];
  readonly cancelled: string[] = [];
  readonly #open = new Map<string, (error: Error) => void>();
  decide: () => MaybePromise<AuthorizationResult> = () => GRANTED;

  checkAuthorization(subject: Subject, action: string, details: StringStringMap, flags: number, id: string) {
    this.checks.push([
      subject.kind,
      subject.kind === "system-bus-name" ? subject.details.name : "",
      action,
      details,
      flags,
    ]);
    return Promise.race([this.decide(), new Promise<never>((_, reject) => this.#open.set(id, reject))]);
  }

  cancelCheckAuthorization(id: string) {
    this.cancelled.push(id);
    this.#open.get(id)?.(new CancelledError("cancelled"));
  }
}

/** A session whose Connect requires an authorization. */
class AuthorizedSession extends SessionService {
  readonly #authorizer: Authorizer;
  readonly decisions: boolean[] = [];

  constructor(authorizer: Authorizer) {
    super();
    this.#authorizer = authorizer;
  }
  async connect(incoming: Incoming) {
    const allowed = await this.#authorizer.authorize(EMERGENCY_CALL, incoming);
    this.decisions.push(allowed);
    if (!allowed) throw new PermissionDeniedError("Permission denied");
  }
  disconnect() {}
  change() {}
  destroy() {}
}

let daemon: PrivateBus;
let polkitBus: Bus;
let service: Bus;
let application: Bus;
let polkit: FakePolicyKit;
let errors: unknown[];

beforeEach(async () => {
  daemon = await startPrivateBus();
  polkitBus = await connect({ bus: daemon.address });
  service = await connect({ bus: daemon.address });
  application = await connect({ bus: daemon.address });
  polkit = new FakePolicyKit();
  errors = [];
});
afterEach(async () => {
  await Promise.all([application?.close(), service?.close(), polkitBus?.close()]);
  await daemon?.stop();
});

async function startPolicyKit(): Promise<void> {
  await polkitBus.serve("/org/freedesktop/PolicyKit1/Authority", polkit);
  await polkitBus.requestName(POLICYKIT);
}

/** Serves a session. Returns the session and a client of the application. */
async function serveSession(
  authorizer: Authorizer = new PolicyKitAuthorizer(service, { onError: (error, check) => errors.push([error, check]) }),
): Promise<{ session: SessionClient; served: AuthorizedSession }> {
  const served = new AuthorizedSession(authorizer);
  await service.serve("/session", served);
  const session = new SessionClient(application, { destination: service.uniqueName, path: "/session" });
  return { session, served };
}

test.each([
  ["allows an action", GRANTED, true],
  ["denies an action", DENIED, false],
  ["requires a dialog, which the caller does not allow", CHALLENGE, false],
])("PolicyKit %s", async (_case, result, allowed) => {
  polkit.decide = () => result;
  await startPolicyKit();
  const { session, served } = await serveSession();
  const called = session.connect();
  await (allowed ? called : expect(called).rejects.toThrow(PermissionDeniedError));
  expect(served.decisions).toEqual([allowed]);
  expect(polkit.checks).toEqual([["system-bus-name", application.uniqueName, EMERGENCY_CALL, {}, 0]]);
  expect([errors, polkit.cancelled]).toEqual([[], []]);
});

test("interaction is only allowed if the caller allows it", async () => {
  await startPolicyKit();
  const { session } = await serveSession();
  await session.connect({ interactiveAuthorization: true });
  await session.connect();
  expect(polkit.checks).toEqual([
    ["system-bus-name", application.uniqueName, EMERGENCY_CALL, {}, 1],
    ["system-bus-name", application.uniqueName, EMERGENCY_CALL, {}, 0],
  ]);
});

test("PolicyKit receives the details of the request", async () => {
  await startPolicyKit();
  const caller: Caller = { ...present(":1.99"), interactiveAuthorization: false };
  const authorizer = new PolicyKitAuthorizer(service);
  expect(await authorizer.authorize(ROAMING_POLICY, caller, { policy: "always" })).toBe(true);
  expect(polkit.checks).toEqual([["system-bus-name", ":1.99", ROAMING_POLICY, { policy: "always" }, 0]]);
});

test("without PolicyKit on the bus, all actions are denied", async () => {
  const { session } = await serveSession();
  await expect(session.connect()).rejects.toThrow(PermissionDeniedError);
  expect(errors).toEqual([
    [
      expect.objectContaining({ errorName: "org.freedesktop.DBus.Error.ServiceUnknown" }),
      { action: EMERGENCY_CALL, sender: application.uniqueName },
    ],
  ]);
  await startPolicyKit();
  await session.connect();
});

test("if PolicyKit fails, all actions are denied and the error is reported", async () => {
  polkit.decide = () => {
    throw new NotAuthorizedError("only root may ask");
  };
  await startPolicyKit();
  const { session } = await serveSession();
  await expect(session.connect()).rejects.toThrow("Permission denied");
  expect(errors).toEqual([
    [new NotAuthorizedError("only root may ask"), { action: EMERGENCY_CALL, sender: application.uniqueName }],
  ]);
});

test("if PolicyKit leaves the bus during a check, the action is denied", async () => {
  polkit.decide = () => polkitBus.close().then(() => GRANTED);
  await startPolicyKit();
  const { session } = await serveSession();
  await expect(session.connect({ interactiveAuthorization: true })).rejects.toThrow(PermissionDeniedError);
  expect(errors).toHaveLength(1);
});

test("a caller that leaves the bus cancels its check and no other", async () => {
  polkit.decide = () => new Promise(() => undefined);
  await startPolicyKit();
  const { session, served } = await serveSession();
  const other = await connect({ bus: daemon.address });
  const target = { destination: service.uniqueName, path: "/session" };
  const denied = expect(session.connect({ interactiveAuthorization: true })).rejects.toThrow(PermissionDeniedError);
  const left = expect(new SessionClient(other, target).connect({ interactiveAuthorization: true })).rejects.toThrow();
  await vi.waitFor(() => expect(polkit.checks).toHaveLength(2));
  const leaving = polkit.checks.findIndex((check) => Array.isArray(check) && check[1] === other.uniqueName);
  await other.close();
  await left;
  await vi.waitFor(() => expect(polkit.cancelled).toEqual([String(leaving + 1)]));
  await vi.waitFor(() => expect(served.decisions).toEqual([false]));
  expect(errors).toEqual([]);
  await polkitBus.close();
  await denied;
});

test("a caller that has left the bus is denied without a check", async () => {
  await startPolicyKit();
  const caller = { ...present(":1.99"), signal: AbortSignal.abort() };
  expect(await new PolicyKitAuthorizer(service).authorize(EMERGENCY_CALL, caller)).toBe(false);
  expect(polkit.checks).toEqual([]);
});

test("denyAll denies all actions, allowUids allows those of some users", async () => {
  const uid = process.getuid?.() ?? -1;
  const decide = async (authorizer: Authorizer) => {
    const { session, served } = await serveSession(authorizer);
    await session.connect().catch(() => undefined);
    await service.close();
    service = await connect({ bus: daemon.address });
    return served.decisions;
  };
  expect(await decide(denyAll)).toEqual([false]);
  expect(await decide(allowUids([uid]))).toEqual([true]);
  expect(await decide(allowUids([uid + 1]))).toEqual([false]);
  expect(await decide(allowUids([]))).toEqual([false]);
  const gone = { ...present(":1.99"), credentials: () => Promise.reject(new Error("has left")) };
  expect(await allowUids([0]).authorize(EMERGENCY_CALL, gone)).toBe(false);
  const unknown = { ...present(":1.99"), credentials: async () => ({}) };
  expect(await allowUids([0]).authorize(EMERGENCY_CALL, unknown)).toBe(false);
});

test("the actions file declares exactly the session actions", () => {
  const file = readFileSync("runtime/connman/system/net.connman.sessions.policy", "utf8");
  const described = [...file.matchAll(/<action id="([^"]+)">/g)].map(([, id]) => id);
  expect(described).toEqual([...SESSION_ACTIONS]);
});

/** Returns a caller that does not leave the bus. */
function present(sender: string): Caller {
  return {
    sender,
    interactiveAuthorization: true,
    signal: new AbortController().signal,
    credentials: async () => ({ uid: 0 }),
  };
}
