import type { Destroyable1Service } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Destroyable1";
import type { Channel } from "../../connection/channels/channel.ts";
import type { ConnectionModel } from "../../connection/connection-model.ts";
import type { Dialect } from "../../dialects/dialect.ts";
import { DialectService, type HandlersOf } from "../dialect-service.ts";

/** Service for the interface Destroyable in one dialect. */
export class DestroyableView extends DialectService<object> implements HandlersOf<Destroyable1Service> {
  readonly #model: ConnectionModel;
  readonly #channel: Channel;

  constructor(dialect: Dialect, channel: Channel, model: ConnectionModel) {
    super(dialect, "destroyable", {});
    this.#channel = channel;
    this.#model = model;
  }

  destroy() {
    this.#model.channels.destroy(this.#channel);
  }
}
