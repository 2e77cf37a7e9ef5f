/** One worker that takes SHA-256 of one file after the other. */

import { stopped } from "roto-client/retry";
import type { Told } from "./hashing.worker";

export class Hasher {
  private worker: Worker | null = null;

  /** 64 hex digits; `read` is told of bytes as they are read. */
  digest(file: Blob, read: (bytes: number) => void, signal?: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(stopped());
        return;
      }
      const worker = (this.worker ??= start());
      const end = (): void => signal?.removeEventListener("abort", stop);
      const stop = (): void => {
        // In the middle of a file it listens to nothing else.
        this.close();
        end();
        reject(stopped());
      };
      signal?.addEventListener("abort", stop, { once: true });
      worker.onmessage = ({ data }: MessageEvent<Told>) => {
        if (data.read) read(data.read);
        if (data.digest) {
          end();
          resolve(data.digest);
        }
        if (data.error) {
          end();
          reject(new Error(data.error));
        }
      };
      worker.onerror = () => {
        end();
        reject(new Error("The file could not be read."));
      };
      worker.postMessage(file);
    });
  }

  close(): void {
    this.worker?.terminate();
    this.worker = null;
  }
}

function start(): Worker {
  return new Worker(new URL("./hashing.worker.ts", import.meta.url), { type: "module" });
}
