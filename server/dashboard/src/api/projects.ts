/** Projects and who is in them, as every area asks for them. */

import { useQuery } from "@tanstack/react-query";
import { api, data } from "./client";
import { everything } from "./everything";
import { keys } from "./queries";
import type { MemberIn, MemberOut, ProjectOut } from "./schema";

export type Project = ProjectOut;
export type Member = MemberOut;
export type MemberRole = MemberIn["role"];
export const MEMBER_ROLES: readonly MemberRole[] = ["supervisor", "artist", "viewer"];
/** Which projects are told: the working ones, those in the archive, or both. */
export type Archived = "no" | "only" | "all";

const MOST = 1000;

export function useProjects(archived: Archived = "no", enabled = true) {
  return useQuery({
    queryKey: [...keys.projects, archived],
    enabled,
    queryFn: () =>
      everything((cursor) =>
        data(api.GET("/api/v1/projects", { params: { query: { archived, limit: MOST, cursor } } })),
      ) as Promise<Project[]>,
  });
}

export function useProject(id: string) {
  return useQuery({
    queryKey: [...keys.projects, "one", id],
    queryFn: () =>
      data(api.GET("/api/v1/projects/{project_id}", { params: { path: { project_id: id } } })) as Promise<Project>,
  });
}

export function useMembers(projectId: string) {
  return useQuery({
    queryKey: [...keys.projects, "members", projectId],
    enabled: projectId !== "",
    queryFn: () =>
      everything((cursor) =>
        data(
          api.GET("/api/v1/projects/{project_id}/members", {
            params: { path: { project_id: projectId }, query: { limit: MOST, cursor } },
          }),
        ),
      ),
  });
}
