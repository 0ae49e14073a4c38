import type { Bus, CallOptions, Subscription } from "@dbus-codegen-ts/runtime";
import type { Handle } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { Aliasing1Client, type AliasPair } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Aliasing1";
import { Renaming1Client } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Renaming1";
import { AliasingClient } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection.Interface.Aliasing";
import { RenamingClient } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection.Interface.Renaming";
import { Aliasing1Client as Aliasing1Client2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Connection.Interface.Aliasing1";
import { Renaming1Client as Renaming1Client2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Connection.Interface.Renaming1";
import { rootOfPath } from "../connection/object-names.ts";
import { CANONICAL_ROOT } from "../dialects/dialect.ts";
import type { RemoteConnection } from "./remote-connection.ts";
import { withCanonicalErrors } from "./remote-errors.ts";

/** Receiver of changes of aliases and identifiers. */
export interface RemoteNamesListener {
  aliasesChanged(aliases: ReadonlyMap<Handle, string>): void;
  renamed(original: Handle, renamed: Handle): void;
}

/** Client of the aliases and identifiers of a connection in any dialect. */
export class RemoteNames {
  readonly #aliasing: Aliasing1Client | AliasingClient;
  readonly #renaming: Renaming1Client | RenamingClient;
  /**
   * Clients for the signals of `telepathy-1-2013`, whose arguments differ from those of other dialects; undefined
   * for names under `org.freedesktop.Telepathy`.
   */
  readonly #newer: readonly [Aliasing1Client2013, Renaming1Client2013] | undefined;

  constructor(bus: Bus, { target }: RemoteConnection) {
    const isCanonical = (rootOfPath(target.path) ?? CANONICAL_ROOT) === CANONICAL_ROOT;
    this.#aliasing = isCanonical ? new Aliasing1Client(bus, target) : new AliasingClient(bus, target);
    this.#renaming = isCanonical ? new Renaming1Client(bus, target) : new RenamingClient(bus, target);
    this.#newer = isCanonical
      ? [new Aliasing1Client2013(bus, target), new Renaming1Client2013(bus, target)]
      : undefined;
  }

  /** Sets the alias of a contact. Many protocols permit only the alias of the user. */
  setAlias(handle: Handle, alias: string, call?: CallOptions): Promise<void> {
    return withCanonicalErrors(this.#aliasing.setAliases(new Map([[handle, alias]]), call));
  }

  /** Changes the user's identifier. */
  rename(identifier: string, call?: CallOptions): Promise<void> {
    return withCanonicalErrors(this.#renaming.requestRename(identifier, call));
  }

  /** Subscribes to changes of aliases and identifiers. Each promise resolves when one subscription is active. */
  subscribe(listener: RemoteNamesListener): readonly Promise<Subscription>[] {
    const onPairs = (pairs: readonly AliasPair[]): void =>
      listener.aliasesChanged(new Map(pairs.map(({ handle, alias }) => [handle, alias])));
    const onRenamed = (original: Handle, renamed: Handle): void => listener.renamed(original, renamed);
    const newer = this.#newer;
    return [
      this.#aliasing.signals.aliasesChanged.subscribe(onPairs),
      this.#renaming.signals.renamed.subscribe(onRenamed),
      ...(newer === undefined
        ? []
        : [
            newer[0].signals.aliasesChanged.subscribe((aliases) => listener.aliasesChanged(aliases)),
            newer[1].signals.renamed.subscribe(onRenamed),
          ]),
    ];
  }
}
