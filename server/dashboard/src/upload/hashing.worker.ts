/** Takes SHA-256 away from the page, which goes on answering meanwhile. */

import { Sha256 } from "./sha256";

const PART = 4 << 20;

export interface Told {
  /** Bytes that were read since it was last told. */
  read?: number;
  digest?: string;
  error?: string;
}

self.onmessage = async ({ data: file }: MessageEvent<Blob>) => {
  const tell = (told: Told) => self.postMessage(told);
  try {
    const hash = new Sha256();
    for (let at = 0; at < file.size; at += PART) {
      const bytes = new Uint8Array(await file.slice(at, at + PART).arrayBuffer());
      hash.update(bytes);
      tell({ read: bytes.length });
    }
    tell({ digest: hash.hex() });
  } catch (error) {
    tell({ error: String(error) });
  }
};
