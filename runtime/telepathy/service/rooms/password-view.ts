import {
  ChannelPasswordFlags as Flags,
  Password1,
  type Password1Service,
  type Password1Signals,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Password1";
import { Password as Password0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Interface.Password";
import { Password1 as Password2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Channel.Interface.Password1";
import type { ContractsByDialect, Dialect } from "../../dialects/dialect.ts";
import { DialectService, type HandlersOf } from "../dialect-service.ts";
import type { RoomViewContext } from "./room-view-context.ts";

/** Contracts of the interface Password, by dialect. */
const CONTRACTS: ContractsByDialect = {
  "telepathy-1-2012": Password1,
  "telepathy-1-2013": Password2013,
  "telepathy-0": Password0,
};

const NONE: Flags = 0;

/** Service for the interface Password in one dialect. */
export class PasswordView extends DialectService<object, Password1Signals> implements HandlersOf<Password1Service> {
  readonly #context: RoomViewContext;

  constructor(dialect: Dialect, context: RoomViewContext) {
    super(dialect, CONTRACTS, {});
    this.#context = context;
    context.room.addListener({
      passwordRequiredChanged: (isRequired) =>
        this.emit("passwordFlagsChanged", isRequired ? Flags.Provide : NONE, isRequired ? NONE : Flags.Provide),
    });
  }

  getPasswordFlags() {
    return this.#context.room.isPasswordRequired ? Flags.Provide : NONE;
  }

  providePassword(password: string) {
    return this.#context.operations.providePassword(this.#context.room, password);
  }
}
