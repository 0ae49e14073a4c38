import { connect } from "../../runtime/core/index.ts";
import { bodyCodec } from "../../runtime/core/wire/arguments-codec.ts";
import { MessageFlag, MessageType } from "../../runtime/core/wire/header.ts";
import { Everything } from "../runtime/core/fixtures/services.ts";
import { Sampler1Client } from "../runtime/core/generated/org.example.Sampler1.ts";
import { onDiagnostic, until } from "./support.ts";

const NAME = "org.example.Forged";
const DAEMON = "org.freedesktop.DBus";
const FORGED_ANSWER = 666;

/**
 * Result of forging one kind of message. `reached` counts messages that the bus delivered to the victim, the attacked
 * client.
 */
export interface ForgeryResult {
  readonly forged: number;
  readonly reached: number;
  readonly accepted: number;
}

/** Result of each kind of forgery against one victim. */
export interface ForgeryReport {
  readonly replies: ForgeryResult;
  readonly errors: ForgeryResult;
  readonly ownerChanges: ForgeryResult;
}

/**
 * Lets a third client forge messages, `count` of each kind: replies and errors to calls whose serial it knows, before
 * the real reply; NameOwnerChanged with itself as the owner of the name that the victim uses, sent in turn to the
 * victim and as a broadcast; and signals of that name.
 */
export async function forge(address: string, count: number): Promise<ForgeryReport> {
  await using service = await connect({ bus: address });
  await using victim = await connect({ bus: address });
  await using forger = await connect({ bus: address });
  await service.serve("/a", new Everything());
  await service.requestName(NAME);
  const client = new Sampler1Client(victim, { destination: NAME, path: "/a" });
  const owners: (string | undefined)[] = [];
  const heard: number[] = [];
  await using _watch = await victim.watchName(NAME, (owner) => owners.push(owner));
  await using _signal = await client.signals.hasOwnProperty$.subscribe((number) => heard.push(number));
  const stolen = watchSerials(victim.uniqueName, "Later");
  const signature = bodyCodec("u");
  const call = async (forgery: (serial: number) => void): Promise<ForgeryResult> => {
    let accepted = 0;
    const before = victim.counters.drops.forgedReply;
    for (let index = 0; index < count; index++) {
      const answer = client.later(3).then(
        (value) => value === FORGED_ANSWER,
        () => true,
      );
      const serial = stolen.serials.at(-1) ?? 0;
      forgery(serial);
      if (await answer) accepted++;
    }
    await until("every forgery reached the victim", () => victim.counters.drops.forgedReply - before >= count);
    return { forged: count, reached: victim.counters.drops.forgedReply - before, accepted };
  };
  try {
    const forgedCall = (serial: number) => ({
      type: MessageType.MethodCall,
      flags: MessageFlag.NoReplyExpected,
      serial,
      sender: victim.uniqueName,
      signature: "",
      bytes: new Uint8Array(0),
      length: 0,
      bodyOffset: 0,
    });
    const replies = await call((serial) => forger.reply(forgedCall(serial), signature, [FORGED_ANSWER]));
    const errors = await call((serial) => forger.replyError(forgedCall(serial), "org.example.Forged", "forged"));
    const before = victim.counters.drops.foreignSignal;
    for (let index = 0; index < count; index++) {
      forger.emit({
        path: "/org/freedesktop/DBus",
        interface: DAEMON,
        member: "NameOwnerChanged",
        codec: bodyCodec("sss"),
        args: [NAME, service.uniqueName, forger.uniqueName],
        ...(index % 2 === 0 && { destination: victim.uniqueName }),
      });
      const signal = { path: "/a", interface: "org.example.Sampler1", member: "HasOwnProperty" };
      forger.emit({ ...signal, codec: signature, args: [FORGED_ANSWER], destination: victim.uniqueName });
    }
    // Messages of one sender to one receiver keep their order.
    await forger.call({ destination: victim.uniqueName, path: "/", member: "Ping" }).catch(() => undefined);
    const reached = victim.counters.drops.foreignSignal - before;
    const accepted = owners.length - 1 + heard.length + ((await client.later(1)) === 1 ? 0 : 1);
    return { replies, errors, ownerChanges: { forged: count, reached, accepted } };
  } finally {
    stolen.stop();
  }
}

/** Records the serials of calls of a member that a connection sends, which a real forger could only guess. */
function watchSerials(connection: string, member: string) {
  const serials: number[] = [];
  const stop = onDiagnostic("dbus-codegen:message", ({ connection: from, direction, header }) => {
    if (from === connection && direction === "out" && header.member === member) serials.push(header.serial);
  });
  return { serials, stop };
}
