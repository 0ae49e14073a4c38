// Registers an agent for this process, which answers every question with the user's password.
import { registerAgent } from "@dbus-codegen-ts/polkit";
import { connect } from "@dbus-codegen-ts/runtime";

const PASSWORD = "secret";

const bus = await connect({ bus: "system" });
await registerAgent(bus, async ({ identities, authenticate }) => {
  const identity = identities.find((each) => each.kind === "unix-user" && each.details.uid === process.getuid?.());
  if (identity === undefined) throw new Error("the user is no administrator");
  const answer = (question: string): string => {
    console.log(`question tester ${question.trim()}`);
    return PASSWORD;
  };
  console.log((await authenticate(identity, { answer })) ? "authenticated" : "not authenticated");
});
console.log("registered");
