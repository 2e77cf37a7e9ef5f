/**
 * Pieces of an upload, several at a time: through the server, or straight into an object store.
 *
 * What has arrived is counted by the server, so whoever starts anew sends only the rest.
 */

import { RotoError } from "./errors";
import { checkGoing, pauseAfter, type Retry } from "./retry";
import type { UrlsOut } from "./schema";
import type { Transport } from "./transport";
import type { Upload } from "./types";

const AT_ONCE = 4;
/** Signed addresses that are asked for at once. */
const ADDRESSES = 32;
/** Of an address' life; older ones are not begun with. */
const HURRY = 0.8;
/** So often the store may not answer before pieces go through the server instead. */
const UNREACHABLE = 3;

export interface Piece {
  file: number;
  number: number;
  offset: number;
  length: number;
}

export interface Sending {
  transport: Transport;
  upload: Upload;
  patience: Retry;
  signal?: AbortSignal;
  read: (piece: Piece) => Promise<Uint8Array>;
  /** Told after each piece how many bytes of all files are there. */
  arrived: (done: number, piece: Piece) => void;
}

/** The pieces that have not arrived. */
export function missingPieces(upload: Upload): Piece[] {
  const missing: Piece[] = [];
  upload.files.forEach(({ size, offset, pieces }, file) => {
    const count = offset === size ? 0 : Math.ceil(size / upload.piece_size);
    for (let number = 0; number < count; number++) {
      if (!pieces.some(([first, last]) => first <= number && number <= last)) {
        const begin = number * upload.piece_size;
        missing.push({ file, number, offset: begin, length: Math.min(upload.piece_size, size - begin) });
      }
    }
  });
  return missing;
}

/** Sends what is missing; throws what the first piece that fails for good threw. */
export async function sendPieces(sending: Sending): Promise<void> {
  const waiting = missingPieces(sending.upload);
  const all = sending.upload.files.reduce((sum, file) => sum + file.size, 0);
  let done = all - waiting.reduce((sum, piece) => sum + piece.length, 0);
  let failed = false;
  const store = sending.upload.direct ? new Store(sending, waiting) : null;
  async function work(): Promise<void> {
    for (let piece = waiting.shift(); piece && !failed; piece = waiting.shift()) {
      try {
        await sendPatiently(sending, store, piece);
      } catch (error) {
        failed = true;
        throw error;
      }
      done += piece.length;
      sending.arrived(done, piece);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function sendPatiently(sending: Sending, store: Store | null, piece: Piece): Promise<void> {
  const { transport, patience, signal } = sending;
  const bytes = await sending.read(piece);
  for (let failures = 1; ; failures++) {
    checkGoing(signal);
    try {
      if (store?.answers) {
        await store.put(piece, bytes);
      } else {
        const path = `/uploads/${sending.upload.id}/files/${piece.file}/pieces/${piece.number}`;
        const headers = { "Content-Type": "application/octet-stream" };
        await transport.send("PUT", path, { bytes, headers, signal });
      }
      return;
    } catch (error) {
      const again = error instanceof RotoError && error.kind === "unavailable";
      if (!again || failures >= patience.tries) {
        throw error;
      }
      await transport.sleep(pauseAfter(patience, failures), signal);
    }
  }
}

interface Address {
  url: string;
  headers: Record<string, string>;
  until: number;
}

/** The object store that the server signs addresses for. */
class Store {
  /** False when this machine cannot reach it. */
  answers = true;
  private failures = 0;
  private readonly signed = new Map<string, Address>();
  private asking: Promise<void> = Promise.resolve();

  constructor(
    private readonly sending: Sending,
    private readonly waiting: readonly Piece[],
  ) {}

  async put(piece: Piece, bytes: Uint8Array): Promise<void> {
    const { url, headers } = await this.address(piece);
    const { transport, signal } = this.sending;
    const status = await transport.putElsewhere(url, bytes, headers, signal);
    if (status >= 200 && status < 300) {
      this.failures = 0;
      return;
    }
    if (status === 0) {
      this.failures++;
      this.answers = this.failures < UNREACHABLE;
    }
    // The address opens the file to whoever reads it: it is in no message.
    const told = status === 0 ? "did not answer" : `answered ${status}`;
    const again = [0, 400, 403, 408, 429].includes(status) || status >= 500;
    throw new RotoError(`The object store ${told}.`, { kind: again ? "unavailable" : "transfer" });
  }

  /** An address that is still good for a while, each for one use. */
  private async address(piece: Piece): Promise<Address> {
    const asked = this.asking.then(() => this.ask(piece));
    this.asking = asked.then(
      () => undefined,
      () => undefined,
    );
    return asked;
  }

  private async ask(piece: Piece): Promise<Address> {
    const known = this.take(piece);
    if (known && known.until > Date.now()) {
      return known;
    }
    const fresh = this.waiting.filter((one) => !this.signed.has(name(one)));
    const pieces = [piece, ...fresh.slice(0, ADDRESSES - 1)];
    const began = Date.now();
    const { transport, upload, signal } = this.sending;
    const body = { pieces: pieces.map(({ file, number }) => ({ file, number })) };
    const call = { body, idempotent: true, signal };
    const answer = await transport.json<UrlsOut>("POST", `/uploads/${upload.id}/urls`, call);
    const until = began + answer.expires_in * 1000 * HURRY;
    for (const { url, headers, ...one } of answer.urls) {
      this.signed.set(name(one), { url, headers, until });
    }
    const found = this.take(piece);
    if (!found) {
      throw new RotoError("The server gave no address for a piece.", { kind: "server" });
    }
    return found;
  }

  private take(piece: Piece): Address | undefined {
    const found = this.signed.get(name(piece));
    this.signed.delete(name(piece));
    return found;
  }
}

function name({ file, number }: { file: number; number: number }): string {
  return `${file} ${number}`;
}
