import {
  Aliasing1,
  type Aliasing1Service,
  type AliasMap,
  type AliasPair,
  type ConnectionAliasFlags,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Aliasing1";
import { Aliasing as Aliasing0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection.Interface.Aliasing";
import {
  type Aliasing1Properties as Aliasing1Properties2013,
  type Aliasing1Service as Aliasing1Service2013,
  Aliasing1 as Aliasing2013,
} from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Connection.Interface.Aliasing1";
import type { AliasListener, AliasModel } from "../../connection/presence/alias-model.ts";
import type { ContractsByDialect, Dialect } from "../../dialects/dialect.ts";
import { DialectService, type HandlersOf } from "../dialect-service.ts";

/** Contracts of the interface Aliasing, by dialect. */
const CONTRACTS: ContractsByDialect = {
  "telepathy-1-2012": Aliasing1,
  "telepathy-1-2013": Aliasing2013,
  "telepathy-0": Aliasing0,
};

/** Signals of the interface Aliasing, of all dialects together. */
interface AliasingSignals {
  aliasesChanged: [aliases: readonly AliasPair[] | AliasMap];
}

/** Alias flags of all connections: no flags, because clients can set only the alias of the user. */
const FLAGS: ConnectionAliasFlags = 0;

/** Service for the interface Aliasing in one dialect. */
export class AliasingView
  extends DialectService<Aliasing1Properties2013, AliasingSignals>
  implements HandlersOf<Aliasing1Service>, HandlersOf<Aliasing1Service2013>, AliasListener
{
  readonly #model: AliasModel;

  constructor(dialect: Dialect, model: AliasModel) {
    super(dialect, CONTRACTS, { aliasFlags: FLAGS });
    this.#model = model;
    model.addListener(this);
  }

  getAliasFlags() {
    this.#model.requireConnected();
    return FLAGS;
  }

  requestAliases(contacts: readonly number[]) {
    return this.#model.aliases(contacts);
  }

  getAliases(contacts: readonly number[]) {
    const aliases = this.#model.aliases(contacts);
    return new Map(contacts.map((handle, index) => [handle, aliases[index] ?? ""]));
  }

  setAliases(aliases: AliasMap) {
    return this.#model.setAliases(aliases);
  }

  aliasesChanged(aliases: ReadonlyMap<number, string>): void {
    if (this.dialect.aliasesChangedHasMap) this.emit("aliasesChanged", aliases);
    else
      this.emit(
        "aliasesChanged",
        Array.from(aliases, ([handle, alias]) => ({ handle, alias })),
      );
  }
}
