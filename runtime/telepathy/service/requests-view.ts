import type {
  RequestsProperties,
  RequestsService,
  RequestsSignals,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Requests";
import { NotImplementedError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { ConnectionModel } from "../connection/connection-model.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { DialectService, type HandlersOf } from "./dialect-service.ts";

/** Service for the interface Requests in one dialect. The protocols of this package have no channels. */
export class RequestsView
  extends DialectService<RequestsProperties, RequestsSignals>
  implements HandlersOf<RequestsService>
{
  readonly #model: ConnectionModel;

  constructor(dialect: Dialect, model: ConnectionModel) {
    super(dialect, "requests", { channels: [], requestableChannelClasses: [] });
    this.#model = model;
  }

  createChannel(): never {
    return this.#refuse();
  }

  ensureChannel(): never {
    return this.#refuse();
  }

  #refuse(): never {
    this.#model.requireConnected();
    throw new NotImplementedError("this connection has no channels");
  }
}
