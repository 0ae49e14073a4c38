import {
  ChannelPasswordFlags as Flags,
  type Password1Service,
  type Password1Signals,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Password1";
import type { Dialect } from "../../dialects/dialect.ts";
import { DialectService, type HandlersOf } from "../dialect-service.ts";
import type { RoomViewContext } from "./room-view-context.ts";

const NONE: Flags = 0;

/** Service for the interface Password in one dialect. */
export class PasswordView extends DialectService<object, Password1Signals> implements HandlersOf<Password1Service> {
  readonly #context: RoomViewContext;

  constructor(dialect: Dialect, context: RoomViewContext) {
    super(dialect, "password", {});
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
