/** What a version that is done can be written as once more, without tracking it again. */

import type { Job } from "../api/jobs";
import type { components } from "../api/schema";
import { OUTPUTS, type Video } from "../ui/files";

type ExportIn = components["schemas"]["ExportIn"];
type Output = NonNullable<ExportIn["outputs"]>[number];

export interface Exported {
  outputs: Output[];
  formats: string[];
  videos: Video[];
  mattes: NonNullable<ExportIn["mattes"]>;
  /** Of the movies; null: the project's. */
  quality: NonNullable<ExportIn["quality"]> | null;
  /** Of the mattes' names; "": the usual. */
  template: string;
  publish: boolean;
}

/** Nothing is chosen beforehand: what is wanted is mostly the one thing that was forgotten. */
export const NOTHING: Exported = {
  outputs: [],
  formats: [],
  videos: [],
  mattes: "exr",
  quality: null,
  template: "",
  publish: false,
};

/** Shapes are written in formats, each chosen by itself. */
export const PICTURES = OUTPUTS.filter(([output]) => output !== "shapes") as readonly (readonly [Output, string])[];

/** Whether there are shapes to write: a job that was asked for mattes alone has made none. */
export function hasShapes({ tasks }: Pick<Job, "tasks">): boolean {
  return tasks.some(({ kind, state }) => kind === "vectorize" && state === "succeeded");
}

/** What keeps it from being asked for, by field. */
export function wrongOf({ outputs, formats, videos, template }: Exported): { nothing?: string; template?: string } {
  return {
    ...(outputs.length || formats.length || videos.length ? {} : { nothing: "Choose at least one." }),
    ...(/[\\/]/.test(template) ? { template: "A file's name, without folders." } : {}),
  };
}

/** The request for that version's files. */
export function bodyOf({ template, videos, ...wanted }: Exported, version: number): ExportIn {
  return {
    ...wanted,
    version,
    videos: videos.map((kind) => ({ kind })),
    ...(template ? { template } : {}),
  } as ExportIn;
}
