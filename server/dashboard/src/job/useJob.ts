/** What hangs on a job. */

import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data } from "../api/client";
import type { Job } from "../api/jobs";
import { keys } from "../api/queries";
import type { components } from "../api/schema";
import { useKeyFor } from "../api/sentOnce";
import { useMore } from "../ui/useMore";

export type Task = components["schemas"]["TaskOut"];
export type Attempt = components["schemas"]["AttemptOut"];
export type RoleCount = components["schemas"]["RoleCount"];
export type AuditEntry = components["schemas"]["AuditEntryOut"];
export type Publication = components["schemas"]["PublicationOut"];

export const ENDED = ["succeeded", "failed", "cancelled"];
const FOLLOW_MS = 2000;
const PART = 1000;

function of(id: string) {
  return { params: { path: { job_id: id } } };
}

/** What workers wrote: all of it, or one attempt's; asked for again while somebody follows. */
export function useLog(job: Job, attempt: string, follows: boolean) {
  return useQuery({
    queryKey: [...keys.jobLog, job.id, attempt, job.state],
    queryFn: () =>
      data(
        api.GET("/api/v1/jobs/{job_id}/log", {
          params: { path: { job_id: job.id }, query: attempt ? { attempt } : {} },
          parseAs: "text",
        }),
      ) as Promise<string>,
    refetchInterval: follows && !ENDED.includes(job.state) ? FOLLOW_MS : false,
    placeholderData: keepPreviousData,
  });
}

/** How many files the job has made of which role. */
export function useOutputCounts(id: string) {
  return useQuery({
    queryKey: [...keys.job(id), "output counts"],
    queryFn: async () => (await data(api.GET("/api/v1/jobs/{job_id}/outputs/counts", of(id)))).roles,
  });
}

export function useOutputs(id: string, role: string) {
  return useMore([...keys.job(id), "outputs", role], (cursor) =>
    data(
      api.GET("/api/v1/jobs/{job_id}/outputs", {
        params: { path: { job_id: id }, query: { role, limit: PART, cursor } },
      }),
    ),
  );
}

export function usePublications(job: Job) {
  return useQuery({
    queryKey: [...keys.job(job.id), "publications"],
    queryFn: async () =>
      (
        await data(
          api.GET("/api/v1/shots/{shot_id}/publications", {
            params: { path: { shot_id: job.shot_id }, query: { job_id: job.id } },
          }),
        )
      ).items,
  });
}

/** What people did to it, for those who may read that. */
export function useAudit(job: Job, allowed: boolean) {
  return useQuery({
    queryKey: [...keys.job(job.id), "audit"],
    enabled: allowed,
    queryFn: async () =>
      (
        await data(
          api.GET("/api/v1/audit", {
            params: { query: { project_id: job.project_id, target: job.id, limit: 200 } },
          }),
        )
      ).items,
  });
}

/** What a person does to it; each answers with the job as it is then. */
export function useActions(id: string) {
  const queries = useQueryClient();
  const onSuccess = (job: Job) => {
    if (job.id === id) queries.setQueryData(keys.job(id), job);
    void queries.invalidateQueries({ queryKey: keys.job(id) });
    void queries.invalidateQueries({ queryKey: keys.jobs });
  };
  return {
    cancel: useMutation({ mutationFn: () => data(api.POST("/api/v1/jobs/{job_id}/cancel", of(id))) as Promise<Job>, onSuccess }),
    retry: useMutation({ mutationFn: () => data(api.POST("/api/v1/jobs/{job_id}/retry", of(id))) as Promise<Job>, onSuccess }),
    prioritize: useMutation({
      mutationFn: (priority: "high" | "normal" | "low") =>
        data(api.PATCH("/api/v1/jobs/{job_id}", { ...of(id), body: { priority } })) as Promise<Job>,
      onSuccess,
    }),
    publish: useMutation({
      mutationFn: () => data(api.POST("/api/v1/jobs/{job_id}/publish", { ...of(id), body: {} })) as Promise<Job>,
      onSuccess,
    }),
  };
}

/** Its version goes to the trash: there is no such job then. */
export function useDelete({ id, shot_id }: Job) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => data(api.DELETE("/api/v1/jobs/{job_id}", of(id))),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: keys.shot(shot_id) });
      void queries.invalidateQueries({ queryKey: keys.jobs });
    },
  });
}

/** Its results as other files: another job, once, however often the answer is lost. */
export function useExport({ shot_id }: Job) {
  const queries = useQueryClient();
  const keyFor = useKeyFor();
  return useMutation({
    mutationFn: (body: components["schemas"]["ExportIn"]) =>
      data(
        api.POST("/api/v1/shots/{shot_id}/export", {
          params: { path: { shot_id }, header: { "idempotency-key": keyFor(body) } },
          body,
        }),
      ) as Promise<Job>,
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: keys.shot(shot_id) });
      void queries.invalidateQueries({ queryKey: keys.jobs });
    },
  });
}
