/**
 * What the panel keeps on this machine: server, key and choices. The browser's own storage holds
 * it.
 */

import { CHOICES, type Choices } from "./state";

const NAME = "megaton-roto";

interface Kept {
  server: string;
  token: string;
  choices: Choices;
}

export type Storage = Pick<globalThis.Storage, "getItem" | "setItem">;

export class Memory {
  constructor(private readonly storage: Storage) {}

  /** What was kept; what is missing or damaged is the default. */
  recall(): Kept {
    let kept: Partial<Kept> = {};
    try {
      const told: unknown = JSON.parse(this.storage.getItem(NAME) ?? "{}");
      if (typeof told === "object" && told !== null) kept = told as Partial<Kept>;
    } catch (error) {
      console.warn("what the panel remembered cannot be read and is forgotten", error);
    }
    return {
      server: typeof kept.server === "string" ? kept.server : "",
      token: typeof kept.token === "string" ? kept.token : "",
      // A shot and its range are of one plate, not of the next one.
      choices: { ...CHOICES, ...kept.choices, shot: "", frames: "" },
    };
  }

  keep(fields: Partial<Kept>): void {
    this.storage.setItem(NAME, JSON.stringify({ ...this.recall(), ...fields }));
  }
}
