/** Names by which an artist's own masks and effects are prompts. */

export interface PromptName {
  kind: "box" | "neg" | "+" | "-";
  object: string;
}

const NAMED = /^\s*(box:|neg:|\+|-)\s*(.*?)\s*$/i;
/** A second point of an object is "+hero 2" or "+hero#2". */
const NUMBERED = /^(.*?)(?:\s+|\s*#)\d+$/;

/** What a mask's name says; null when it is no prompt's. */
export function maskPrompt(name: string): PromptName | null {
  const found = promptName(name);
  return found && (found.kind === "box" || found.kind === "neg") ? found : null;
}

/** What an effect's name says; null when it is no prompt's. */
export function effectPrompt(name: string): PromptName | null {
  const found = promptName(name);
  return found && (found.kind === "+" || found.kind === "-") ? found : null;
}

export function isPromptName(maskName: string): boolean {
  return maskPrompt(maskName) !== null;
}

function promptName(name: string): PromptName | null {
  const parts = NAMED.exec(name);
  if (!parts || !parts[2]) {
    return null;
  }
  const kind = parts[1].toLowerCase().replace(":", "") as PromptName["kind"];
  const numbered = NUMBERED.exec(parts[2]);
  return { kind: kind, object: numbered && numbered[1] ? numbered[1] : parts[2] };
}
