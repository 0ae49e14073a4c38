import { Aliasing1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Aliasing1";
import type { ContactAttributes } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import { Presence1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Presence1";
import type { ProtocolConnection } from "../../protocols/protocol.ts";
import { AliasModel } from "./alias-model.ts";
import { PresenceModel } from "./presence-model.ts";
import { type RenameContext, RenameModel } from "./rename-model.ts";

/** What a connection knows about its contacts and its user: the parts that the protocol supports. */
export class ContactInformation {
  readonly presence: PresenceModel | undefined;
  readonly aliases: AliasModel | undefined;
  readonly renames: RenameModel | undefined;
  /** Interfaces whose attributes `attributes` returns. */
  readonly attributeInterfaces: readonly string[];
  readonly #context: RenameContext;

  constructor({ presence, aliases, renaming }: ProtocolConnection, context: RenameContext) {
    this.#context = context;
    this.presence = presence && new PresenceModel(presence, context);
    this.aliases = aliases && new AliasModel(aliases, context);
    this.renames = renaming && new RenameModel(renaming, context);
    this.attributeInterfaces = [...(presence ? [Presence1.name] : []), ...(aliases ? [Aliasing1.name] : [])];
  }

  /** Notes that a client uses contacts. */
  watch(handles: readonly number[]): void {
    const { presence } = this;
    if (presence?.isWatching === true) presence.watch(this.#context.inspect(handles));
  }

  /**
   * Returns attributes of contacts, each at the position of its identifier.
   *
   * @param interfaces - Those of `attributeInterfaces` whose attributes are requested.
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

  /** Called when the connection is connected. */
  connected(): void {
    const onError = (error: unknown): void => this.#context.onError(error);
    void Promise.resolve(this.presence?.connected()).catch(onError);
  }

  /** Called when the handle of the user has changed, after the connection was connected. */
  selfHandleChanged(former: number, current: number, identifier: string): void {
    this.renames?.selfHandleChanged(former, current, identifier);
    this.presence?.selfHandleChanged(former, current);
  }
}
