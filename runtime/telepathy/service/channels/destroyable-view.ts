import {
  Destroyable1,
  type Destroyable1Service,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Destroyable1";
import { Destroyable as Destroyable0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Interface.Destroyable";
import { Destroyable1 as Destroyable2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Channel.Interface.Destroyable1";
import type { Channel } from "../../connection/channels/channel.ts";
import type { ConnectionModel } from "../../connection/connection-model.ts";
import type { ContractsByDialect, Dialect } from "../../dialects/dialect.ts";
import { DialectService, type HandlersOf } from "../dialect-service.ts";

/** Contracts of the interface Destroyable, by dialect. */
const CONTRACTS: ContractsByDialect = {
  "telepathy-1-2012": Destroyable1,
  "telepathy-1-2013": Destroyable2013,
  "telepathy-0": Destroyable0,
};

/** Service for the interface Destroyable in one dialect. */
export class DestroyableView extends DialectService<object> implements HandlersOf<Destroyable1Service> {
  readonly #model: ConnectionModel;
  readonly #channel: Channel;

  constructor(dialect: Dialect, channel: Channel, model: ConnectionModel) {
    super(dialect, CONTRACTS, {});
    this.#channel = channel;
    this.#model = model;
  }

  destroy() {
    this.#model.channels.destroy(this.#channel);
  }
}
