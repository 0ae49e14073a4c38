import { Writer } from "../wire/writer.ts";

let spare: Writer | undefined = new Writer();

/** The bytes that a function writes. All services share the memory in which it does. */
export function written(write: (writer: Writer) => void): Uint8Array {
  // A getter of a value may itself come here, so the writer is away while it is in use.
  const writer = spare ?? new Writer();
  spare = undefined;
  try {
    write(writer);
    return writer.copyBytes();
  } finally {
    writer.reset();
    spare = writer;
  }
}
