import type { Presence } from "@dbus-codegen-ts/stubs/generic-types";
import {
  Presence1,
  type Presence1Properties,
  type Presence1Service,
  type Presence1Signals,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Presence1";
import { SimplePresence as Presence0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection.Interface.SimplePresence";
import { Presence1 as Presence2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Connection.Interface.Presence1";
import type { PresenceListener, PresenceModel } from "../../connection/presence/presence-model.ts";
import type { ContractsByDialect, Dialect } from "../../dialects/dialect.ts";
import { DialectService, type HandlersOf } from "../dialect-service.ts";

/** Contracts of the interface Presence (SimplePresence in `telepathy-0`), by dialect. */
const CONTRACTS: ContractsByDialect = {
  "telepathy-1-2012": Presence1,
  "telepathy-1-2013": Presence2013,
  "telepathy-0": Presence0,
};

/** Service for the interface Presence (SimplePresence in `telepathy-0`) in one dialect. */
export class PresenceView
  extends DialectService<Presence1Properties, Presence1Signals>
  implements HandlersOf<Presence1Service>, PresenceListener
{
  readonly #model: PresenceModel;

  constructor(dialect: Dialect, model: PresenceModel) {
    super(dialect, CONTRACTS, propertiesOf(model));
    this.#model = model;
    model.addListener(this);
  }

  setPresence(status: string, message: string) {
    return this.#model.setPresence(status, message);
  }

  getPresences(contacts: readonly number[]) {
    return this.#model.presences(contacts);
  }

  statusesChanged(): void {
    this.assign(propertiesOf(this.#model));
  }

  presencesChanged(presences: ReadonlyMap<number, Presence>): void {
    this.emit("presencesChanged", presences);
  }
}

function propertiesOf({ statuses, maximumMessageLength }: PresenceModel): Presence1Properties {
  return { statuses, maximumStatusMessageLength: maximumMessageLength };
}
