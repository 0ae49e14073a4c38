import { type InterfaceContract, Service } from "@dbus-codegen-ts/runtime";

const contract = {
  version: 2,
  name: "org.example.Mood",
  methods: { cheer: { name: "Cheer", in: [], out: [] } },
  signals: {},
  properties: {},
} as const satisfies InterfaceContract;

/** An interface that a connection may have beside its own. */
export class Moods extends Service<typeof contract, object, object> {
  static readonly contract = contract.name;

  constructor() {
    super(contract, {});
  }

  cheer() {}
}
