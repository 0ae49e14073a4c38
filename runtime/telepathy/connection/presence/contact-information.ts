import { Aliasing1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Aliasing1";
import type { ContactAttributes } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import { Presence1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Presence1";
import type { ProtocolConnection } from "../../protocols/protocol.ts";
import { AliasModel } from "./alias-model.ts";
import { PresenceModel } from "./presence-model.ts";
import { type RenameContext, RenameModel } from "./rename-model.ts";

/** Models of the presences, aliases and renames of a connection, as far as the protocol supports them. */
export class ContactInformation {
  readonly presence: PresenceModel | undefined;
  readonly aliases: AliasModel | undefined;
  readonly renames: RenameModel | undefined;
  /** Interfaces whose attributes the method `attributes` returns. */
  readonly attributeInterfaces: readonly string[];
  readonly #context: RenameContext;

  constructor({ presence, aliases, renaming }: ProtocolConnection, context: RenameContext) {
    this.#context = context;
    this.presence = presence && new PresenceModel(presence, context);
    this.aliases = aliases && new AliasModel(aliases, context);
    this.renames = renaming && new RenameModel(renaming, context);
    this.attributeInterfaces = [...(presence ? [Presence1.name] : []), ...(aliases ? [Aliasing1.name] : [])];
  }

  /** Starts to observe the presence of contacts that a client uses. */
  watch(handles: readonly number[]): void {
    const { presence } = this;
    if (presence?.isWatching === true) presence.watch(this.#context.inspect(handles));
  }

  /**
   * Returns the attributes of each contact, in the order of the identifiers.
   *
   * @param interfaces - Interfaces whose attributes are requested. Those missing in `attributeInterfaces` are
   * ignored.
   */
  attributes(identifiers: readonly string[], interfaces: readonly string[]): readonly ContactAttributes[] {
    const presences = interfaces.includes(Presence1.name) ? this.presence?.presencesOf(identifiers) : undefined;
    const aliases = interfaces.includes(Aliasing1.name) ? this.aliases : undefined;
    return identifiers.map((identifier, index) => {
      const presence = presences?.[index];
      return {
        ...(aliases !== undefined && { alias: aliases.aliasOf(identifier) }),
        ...(presence !== undefined && { presence }),
      };
    });
  }

  /**
   * Reports the user's presence and sets the presence that was requested before. Called when the connection has
   * become connected.
   */
  connected(): void {
    const onError = (error: unknown): void => this.#context.onError(error);
    void Promise.resolve(this.presence?.connected()).catch(onError);
  }

  /**
   * Reports the rename and the presences after the user's handle has changed. Called only while the connection is
   * connected.
   */
  selfHandleChanged(former: number, current: number, identifier: string): void {
    this.renames?.selfHandleChanged(former, current, identifier);
    this.presence?.selfHandleChanged(former, current);
  }
}
