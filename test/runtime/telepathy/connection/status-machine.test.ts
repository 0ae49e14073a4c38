import { ConnectionStatus, ConnectionStatusReason } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import fc from "fast-check";
import { expect, test } from "vitest";
import { errorForReason, reasonForError } from "../../../../runtime/telepathy/connection/disconnect-reasons.ts";
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
])("reason %i and error %s are equivalent", (reason, error) => {
  expect(errorForReason(reason, connecting).errorName).toBe(PREFIX + error);
  expect(reasonForError(PREFIX + error)).toBe(reason);
});

test("the error equivalent to NameInUse depends on the context", () => {
  const { NameInUse } = ConnectionStatusReason;
  const errors = [
    { wasConnected: false, register: true },
    connecting,
    { wasConnected: true },
    { wasConnected: true, register: true },
  ].map((context) => errorForReason(NameInUse, context).errorName);
  expect(errors).toEqual(
    ["RegistrationExists", "AlreadyConnected", "ConnectionReplaced", "ConnectionReplaced"].map((name) => PREFIX + name),
  );
  expect(errors.map(reasonForError)).toEqual([5, 5, 5, 5]);
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
])("the specific error %s belongs to reason %i", (error, reason) => {
  expect(reasonForError(PREFIX + error)).toBe(reason);
});

test("unknown errors and reasons count as NoneSpecified", () => {
  expect(reasonForError("org.example.Odd")).toBe(ConnectionStatusReason.NoneSpecified);
  expect(errorForReason(99, connecting).errorName).toBe(`${PREFIX}Disconnected`);
});

test("no status is reported twice or after the end, and each error immediately before the end", () => {
  const steps = fc.array(fc.constantFrom("connecting", "connected", "lost", "requested"), { maxLength: 12 });
  fc.assert(
    fc.property(steps, (sequence) => {
      const reported: string[] = [];
      const machine = new StatusMachine({
        connectionError: (name) => reported.push(name),
        statusChanged: (status, reason) => reported.push(`${status},${reason}`),
      });
      for (const step of sequence) {
        if (step === "connecting") machine.startConnecting();
        else if (step === "connected") machine.setConnected();
        else
          machine.setDisconnected(
            step === "lost" ? ConnectionStatusReason.NetworkError : ConnectionStatusReason.Requested,
          );
      }
      expect(reported.join(" ")).toMatch(/^(1,1)?( ?0,1)?( ?2,1| ?im\.telepathy1\.Error\.NetworkError 2,2)?$/);
      if (reported.includes("0,1")) expect(reported[0]).toBe("1,1");
    }),
  );
});

test("new and disconnected have the same status and different phases", () => {
  const machine = new StatusMachine({ connectionError: () => undefined, statusChanged: () => undefined });
  expect([machine.phase, machine.status]).toEqual(["new", ConnectionStatus.Disconnected]);
  machine.startConnecting();
  expect([machine.phase, machine.status]).toEqual(["connecting", ConnectionStatus.Connecting]);
  machine.setConnected();
  expect([machine.phase, machine.status]).toEqual(["connected", ConnectionStatus.Connected]);
  machine.setDisconnected(ConnectionStatusReason.CertExpired);
  expect([machine.phase, machine.status]).toEqual(["disconnected", ConnectionStatus.Disconnected]);
});
