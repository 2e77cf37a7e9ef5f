/** A project's settings as they stand in a form, and what of them is to be sent. */

import type { Project } from "../api/projects";
import type { ProjectChange, ProjectSettings } from "../api/schema";
import { countOf, rateOf, rateText } from "../ui/rates";

/** How files are named that are published, where nothing else is said. */
export const USUAL_TEMPLATE = "{shot}/roto/v{version:03d}/{object}.{frame:04d}.{ext}";

export interface Draft {
  name: string;
  client: string;
  roots: string;
  artistsSeeAll: boolean;
  quality: NonNullable<ProjectSettings["quality"]>;
  handles: string;
  colorspace: string;
  fps: string;
  publishFolder: string;
  publishTemplate: string;
}

export function draftOf({ name, client, allowed_roots, artists_see_all, settings = {} }: Project): Draft {
  return {
    name,
    client: client ?? "",
    roots: allowed_roots.join("\n"),
    artistsSeeAll: artists_see_all ?? true,
    quality: settings.quality ?? "standard",
    handles: String(settings.handles ?? 0),
    colorspace: settings.colorspace ?? "",
    fps: rateText(settings.fps),
    publishFolder: settings.publish?.folder ?? "",
    publishTemplate: settings.publish?.template ?? "",
  };
}

/** A form's draft after somebody else has changed the project: theirs, but for what was typed here. */
export function rebased(draft: Draft, before: Project, now: Project): Draft {
  const was = draftOf(before);
  const typed = Object.entries(draft).filter(([name, value]) => value !== was[name as keyof Draft]);
  return { ...draftOf(now), ...Object.fromEntries(typed) };
}

/** What is wrong with it, by field; nothing when it can be sent. */
export function faults(draft: Draft): Partial<Record<keyof Draft, string>> {
  const found: Partial<Record<keyof Draft, string>> = {};
  if (!draft.name.trim()) found.name = "A project has a name.";
  if (countOf(draft.handles) === null) found.handles = "A number of frames.";
  if (rateOf(draft.fps) === undefined) found.fps = "As 24, 23.976 or 24000/1001.";
  if (!draft.publishFolder.trim() && draft.publishTemplate.trim()) found.publishFolder = "Say below which folder.";
  return found;
}

/** The change; what stays as it is, is left out, so that who may not change folders may the rest. */
export function changeOf(project: Project, draft: Draft): ProjectChange {
  const before = draftOf(project);
  const folder = draft.publishFolder.trim();
  const settings: ProjectSettings = {
    ...project.settings,
    quality: draft.quality,
    handles: countOf(draft.handles) ?? 0,
    colorspace: draft.colorspace.trim() || null,
    fps: draft.fps === before.fps ? (project.settings?.fps ?? null) : (rateOf(draft.fps) ?? null),
    publish: folder ? { folder, template: draft.publishTemplate.trim() || USUAL_TEMPLATE } : null,
  };
  const same = JSON.stringify(settings) === JSON.stringify({ ...settings, ...project.settings });
  return {
    ...(draft.name.trim() !== before.name && { name: draft.name.trim() }),
    ...(draft.client.trim() !== before.client && { client: draft.client.trim() }),
    ...(draft.artistsSeeAll !== before.artistsSeeAll && { artists_see_all: draft.artistsSeeAll }),
    ...(linesOf(draft.roots).join("\n") !== before.roots && { allowed_roots: linesOf(draft.roots) }),
    ...(!same && { settings }),
  };
}

export function linesOf(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}
