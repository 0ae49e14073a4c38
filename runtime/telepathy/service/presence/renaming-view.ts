import type { Renaming1Service } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Renaming1";
import type { RenameListener, RenameModel } from "../../connection/presence/rename-model.ts";
import type { Dialect } from "../../dialects/dialect.ts";
import { DialectService, type HandlersOf } from "../dialect-service.ts";

/** Signals of all dialects. */
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
    super(dialect, "renaming", {});
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
