import { IRC_LIMITS } from "../../quotas.ts";

const NEWLINE = 0x0a;
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Splits received bytes into lines. Lines that are too long are dropped without being buffered completely. */
export class LineReader {
  readonly #onLine: (line: string) => void;
  #incomplete: Buffer = Buffer.alloc(0);
  #isLineTooLong = false;

  /** @param onLine - Called with each line, without line end, NUL and CR. */
  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** Processes received bytes. */
  receive(bytes: Buffer): void {
    this.#incomplete = Buffer.concat([this.#incomplete, bytes]);
    let start = 0;
    for (let end = this.#incomplete.indexOf(NEWLINE); end >= 0; end = this.#incomplete.indexOf(NEWLINE, start)) {
      if (!this.#isLineTooLong && end - start <= IRC_LIMITS.lineBytes) this.#report(start, end);
      this.#isLineTooLong = false;
      start = end + 1;
    }
    this.#incomplete = this.#incomplete.subarray(start);
    if (this.#incomplete.length <= IRC_LIMITS.lineBytes) return;
    this.#isLineTooLong = true;
    this.#incomplete = Buffer.alloc(0);
  }

  #report(start: number, end: number): void {
    this.#onLine(decodeText(this.#incomplete.subarray(start, end)).replace(/[\0\r]/g, ""));
  }
}

/** Decodes a text as UTF-8, or as ISO 8859-1 if it is not valid UTF-8. IRC does not declare the encoding. */
function decodeText(bytes: Buffer): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    return bytes.toString("latin1");
  }
}
