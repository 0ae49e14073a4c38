import { Renaming1, type Renaming1Service } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Renaming1";
import { Renaming as Renaming0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection.Interface.Renaming";
import { Renaming1 as Renaming2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Connection.Interface.Renaming1";
import type { RenameListener, RenameModel } from "../../connection/presence/rename-model.ts";
import type { ContractsByDialect, Dialect } from "../../dialects/dialect.ts";
import { DialectService, type HandlersOf } from "../dialect-service.ts";

/** Contracts of the interface Renaming, by dialect. */
const CONTRACTS: ContractsByDialect = {
  "telepathy-1-2012": Renaming1,
  "telepathy-1-2013": Renaming2013,
  "telepathy-0": Renaming0,
};

/** Signals of the interface Renaming, of all dialects together. */
interface RenamingSignals {
  renamed: [original: number, renamed: number, identifier?: string];
}

/** Service for the interface Renaming in one dialect. */
export class RenamingView
  extends DialectService<object, RenamingSignals>
  implements HandlersOf<Renaming1Service>, RenameListener
{
  readonly #model: RenameModel;

  constructor(dialect: Dialect, model: RenameModel) {
    super(dialect, CONTRACTS, {});
    this.#model = model;
    model.addListener(this);
  }

  requestRename(identifier: string) {
    return this.#model.requestRename(identifier);
  }

  renamed(original: number, renamed: number, identifier: string): void {
    if (this.dialect.renamedHasIdentifier) this.emit("renamed", original, renamed, identifier);
    else this.emit("renamed", original, renamed);
  }
}
