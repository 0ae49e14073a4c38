import { ConnectionStatus, ConnectionStatusReason } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import fc from "fast-check";
import { expect, test } from "vitest";
import { errorOfReason, reasonOfError } from "../../../../runtime/telepathy/connection/disconnect-reasons.ts";
import { StatusMachine } from "../../../../runtime/telepathy/connection/status-machine.ts";

const PREFIX = "im.telepathy1.Error.";
const connecting = { wasConnected: false };

test.each([
  [0, "Disconnected"],
  [1, "Cancelled"],
  [2, "NetworkError"],
  [3, "AuthenticationFailed"],
  [4, "EncryptionError"],
  [5, "AlreadyConnected"],
  [6, "Cert.NotProvided"],
  [7, "Cert.Untrusted"],
  [8, "Cert.Expired"],
  [9, "Cert.NotActivated"],
  [10, "Cert.HostnameMismatch"],
  [11, "Cert.FingerprintMismatch"],
  [12, "Cert.SelfSigned"],
  [13, "Cert.Invalid"],
  [14, "Cert.Revoked"],
  [15, "Cert.Insecure"],
  [16, "Cert.LimitExceeded"],
])("reason %i and error %s are equivalents", (reason, error) => {
  expect(errorOfReason(reason, connecting).errorName).toBe(PREFIX + error);
  expect(reasonOfError(PREFIX + error)).toBe(reason);
});

test("a clash of names is one of three errors, and all three are a clash of names", () => {
  const { NameInUse } = ConnectionStatusReason;
  const errors = [
    { wasConnected: false, register: true },
    connecting,
    { wasConnected: true },
    { wasConnected: true, register: true },
  ].map((circumstances) => errorOfReason(NameInUse, circumstances).errorName);
  expect(errors).toEqual(
    ["RegistrationExists", "AlreadyConnected", "ConnectionReplaced", "ConnectionReplaced"].map((name) => PREFIX + name),
  );
  expect(errors.map(reasonOfError)).toEqual([5, 5, 5, 5]);
});

test.each([
  ["ConnectionRefused", 2],
  ["ConnectionFailed", 2],
  ["ConnectionLost", 2],
  ["ServiceBusy", 2],
  ["PermissionDenied", 3],
  ["DoesNotExist", 3],
  ["EncryptionNotAvailable", 4],
  ["Offline", 0],
])("the more precise error %s comes under reason %i", (error, reason) => {
  expect(reasonOfError(PREFIX + error)).toBe(reason);
});

test("what nobody knows is no reason in particular", () => {
  expect(reasonOfError("org.example.Odd")).toBe(ConnectionStatusReason.NoneSpecified);
  expect(errorOfReason(99, connecting).errorName).toBe(`${PREFIX}Disconnected`);
});

test("whatever happens: no status twice, none after the end, each error right before the end", () => {
  const steps = fc.array(fc.constantFrom("connecting", "connected", "lost", "requested"), { maxLength: 12 });
  fc.assert(
    fc.property(steps, (done) => {
      const told: string[] = [];
      const machine = new StatusMachine({
        connectionError: (name) => told.push(name),
        statusChanged: (status, reason) => told.push(`${status},${reason}`),
      });
      for (const step of done) {
        if (step === "connecting") machine.connecting();
        else if (step === "connected") machine.connected();
        else
          machine.disconnected(
            step === "lost" ? ConnectionStatusReason.NetworkError : ConnectionStatusReason.Requested,
          );
      }
      expect(told.join(" ")).toMatch(/^(1,1)?( ?0,1)?( ?2,1| ?im\.telepathy1\.Error\.NetworkError 2,2)?$/);
      if (told.includes("0,1")) expect(told[0]).toBe("1,1");
    }),
  );
});

test("new and disconnected are the same on the bus, and not here", () => {
  const machine = new StatusMachine({ connectionError: () => undefined, statusChanged: () => undefined });
  expect([machine.phase, machine.status]).toEqual(["new", ConnectionStatus.Disconnected]);
  machine.connecting();
  expect([machine.phase, machine.status]).toEqual(["connecting", ConnectionStatus.Connecting]);
  machine.connected();
  expect([machine.phase, machine.status]).toEqual(["connected", ConnectionStatus.Connected]);
  machine.disconnected(ConnectionStatusReason.CertExpired);
  expect([machine.phase, machine.status]).toEqual(["disconnected", ConnectionStatus.Disconnected]);
});
