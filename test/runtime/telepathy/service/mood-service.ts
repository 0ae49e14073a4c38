import { type InterfaceContract, Service } from "@dbus-codegen-ts/runtime";

const contract = {
  version: 2,
  name: "org.example.Mood",
  methods: { cheer: { name: "Cheer", in: [], out: [] } },
  signals: {},
  properties: {},
} as const satisfies InterfaceContract;

/** Service of an optional interface that tests add to a connection. */
export class MoodService extends Service<typeof contract, object, object> {
  static readonly interfaceName = contract.name;

  constructor() {
    super(contract, {});
  }

  cheer() {}
}
