import {
  Subject1,
  type Subject1Properties,
  type Subject1Service,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Subject1";
import { Subject2 as Subject0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Interface.Subject2";
import { Subject1 as Subject2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Channel.Interface.Subject1";
import type { Room } from "../../connection/rooms/room.ts";
import type { ContractsByDialect, Dialect } from "../../dialects/dialect.ts";
import { DialectService, type HandlersOf } from "../dialect-service.ts";
import { UNKNOWN_TIMESTAMP } from "./room-view.ts";
import type { RoomViewContext } from "./room-view-context.ts";

/** Contracts of the interface Subject, by dialect. */
const CONTRACTS: ContractsByDialect = {
  "telepathy-1-2012": Subject1,
  "telepathy-1-2013": Subject2013,
  "telepathy-0": Subject0,
};

/** Service for the interface Subject in one dialect. */
export class SubjectView extends DialectService<Subject1Properties> implements HandlersOf<Subject1Service> {
  readonly #context: RoomViewContext;

  constructor(dialect: Dialect, context: RoomViewContext) {
    super(dialect, CONTRACTS, propertiesOf(context.room));
    this.#context = context;
    context.room.addListener({ subjectChanged: () => this.assign(propertiesOf(context.room)) });
  }

  setSubject(subject: string) {
    return this.#context.operations.setSubject(this.#context.room, subject);
  }
}

function propertiesOf({ subject: { text, actor, timestampSeconds }, permissions }: Room): Subject1Properties {
  return {
    subject: text,
    actor: actor?.identifier ?? "",
    actorHandle: actor?.handle ?? 0,
    timestamp: timestampSeconds === undefined ? UNKNOWN_TIMESTAMP : BigInt(timestampSeconds),
    canSet: permissions.setSubject,
  };
}
