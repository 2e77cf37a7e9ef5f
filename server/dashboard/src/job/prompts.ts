/** What the job was shown: where each object is, on some frames. Plate pixels. */

import type { Click, Curve } from "../review/prompted";

export interface Prompt {
  frame: number;
  points?: Click[];
  box?: [number, number, number, number] | null;
  /** Base64 of a grey PNG of the plate's size. */
  mask?: { png: string } | null;
  outline?: Curve[] | null;
  absent?: boolean;
}

export interface Prompted {
  name: string;
  label?: string;
  color?: number[] | null;
  prompts?: Prompt[];
}

/** The objects a job was submitted with; none for jobs of other kinds. */
export function promptedOf(params: Record<string, unknown>): Prompted[] {
  const objects = params.objects;
  return Array.isArray(objects) ? objects.filter((one): one is Prompted => typeof one?.name === "string") : [];
}

/** "2 clicks, a box". */
export function told({ points = [], box, mask, outline, absent }: Prompt): string {
  const parts = [
    points.length ? `${points.length} ${points.length === 1 ? "click" : "clicks"}` : "",
    box ? "a box" : "",
    mask ? "a painted mask" : "",
    outline?.length ? `${outline.length} ${outline.length === 1 ? "curve" : "curves"}` : "",
    absent ? "not there" : "",
  ];
  return parts.filter(Boolean).join(", ") || "nothing";
}
