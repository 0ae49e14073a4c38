import {
  RoomConfig1,
  type RoomConfig1Properties,
  type RoomConfig1Service,
  type RoomConfiguration,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.RoomConfig1";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { RoomConfig1 as RoomConfig0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Interface.RoomConfig1";
import { RoomConfig1 as RoomConfig2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Channel.Interface.RoomConfig1";
import type { ContractsByDialect, Dialect } from "../../dialects/dialect.ts";
import { DialectService, type HandlersOf } from "../dialect-service.ts";
import type { RoomViewContext } from "./room-view-context.ts";

/** Contracts of the interface RoomConfig, by dialect. */
const CONTRACTS: ContractsByDialect = {
  "telepathy-1-2012": RoomConfig1,
  "telepathy-1-2013": RoomConfig2013,
  "telepathy-0": RoomConfig0,
};

/** Service for the interface RoomConfig in one dialect. */
export class RoomConfigView extends DialectService<RoomConfig1Properties> implements HandlersOf<RoomConfig1Service> {
  readonly #context: RoomViewContext;

  constructor(dialect: Dialect, context: RoomViewContext) {
    super(dialect, CONTRACTS, propertiesOf(context));
    this.#context = context;
    context.room.addListener({ configurationChanged: () => this.assign(propertiesOf(context)) });
  }

  updateConfiguration({ extra = {}, ...changes }: RoomConfiguration) {
    const [unknown] = Object.keys(extra);
    if (unknown !== undefined)
      throw new InvalidArgumentError("a setting does not exist, or its value has another type");
    return this.#context.operations.configure(this.#context.room, changes);
  }
}

function propertiesOf({ room, operations }: RoomViewContext): RoomConfig1Properties {
  return {
    ...room.configuration,
    canUpdateConfiguration: room.permissions.configure,
    mutableProperties: operations.mutableSettings.map((key) => RoomConfig1.properties[key].name),
    configurationRetrieved: room.isConfigurationRetrieved,
  };
}
