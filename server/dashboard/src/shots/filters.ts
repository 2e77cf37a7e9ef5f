/** Which shots the board shows and how they stand together: all of it is in the address. */

import type { Shot } from "../api/shots";
import { lookOf } from "../ui/states";

export const REVIEW_STATES = [
  "waiting",
  "in_progress",
  "pending_review",
  "retake",
  "approved",
  "final",
] as const;

export const GROUPINGS = { review: "Review", project: "Project", state: "Plate" } as const;
export type Grouping = keyof typeof GROUPINGS;

export interface Filters {
  project: string;
  search: string;
  mine: boolean;
  archived: boolean;
  group: Grouping;
}

export interface Group {
  key: string;
  title: string;
  shots: Shot[];
}

export function readFilters(params: URLSearchParams): Filters {
  const group = params.get("group") ?? "";
  return {
    project: params.get("project") ?? "",
    search: params.get("search") ?? "",
    mine: params.has("mine"),
    archived: params.has("archived"),
    group: group in GROUPINGS ? (group as Grouping) : "review",
  };
}

/** The same as an address: what is as usual is left out. */
export function writeFilters(filters: Filters): URLSearchParams {
  const params = new URLSearchParams();
  if (filters.project) params.set("project", filters.project);
  if (filters.search) params.set("search", filters.search);
  if (filters.mine) params.set("mine", "1");
  if (filters.archived) params.set("archived", "1");
  if (filters.group !== "review") params.set("group", filters.group);
  return params;
}

/** The shots whose names hold `search`, whatever its case. */
export function found(shots: readonly Shot[], search: string): Shot[] {
  const wanted = search.trim().toLocaleLowerCase();
  return shots.filter(({ name }) => name.toLocaleLowerCase().includes(wanted));
}

/** By review state all six columns, also empty ones: a board is read by its places. */
export function grouped(
  shots: readonly Shot[],
  by: Grouping,
  projects: ReadonlyMap<string, string>,
): Group[] {
  if (by === "review") {
    return REVIEW_STATES.map((state) => ({
      key: state,
      title: lookOf(state).label,
      shots: shots.filter(({ review }) => (review ?? "waiting") === state),
    }));
  }
  const keyed = Map.groupBy(shots, (shot) => (by === "project" ? shot.project_id : shot.state));
  const title = (key: string) => (by === "project" ? (projects.get(key) ?? "") : lookOf(key).label);
  return [...keyed]
    .map(([key, some]) => ({ key, title: title(key), shots: some }))
    .sort((one, other) => one.title.localeCompare(other.title));
}
