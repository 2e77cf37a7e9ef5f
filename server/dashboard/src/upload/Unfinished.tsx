import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data } from "../api/client";
import { useProjects } from "../api/projects";
import { Button } from "../ui/Button";
import page from "../ui/Page.module.css";
import { sayRefused } from "../ui/Toasts";
import { away, exact } from "../ui/time";
import { isActive, isOver, useQueue } from "./queue";

const KEY = ["uploads"] as const;

/** Uploads that were begun and not finished: dropped again they go on, for the server kept the pieces. */
export function Unfinished() {
  const queries = useQueryClient();
  const busy = useQueue(({ items }) => items.some(isActive));
  const sent = useQueue(({ items }) => items.filter(isOver).length);
  const projects = useProjects();
  const uploads = useQuery({
    queryKey: [...KEY, sent],
    staleTime: 0,
    queryFn: () => data(api.GET("/api/v1/uploads", { params: { query: { limit: 100 } } })),
    // What is on its way from here is no leftover.
    enabled: !busy,
  });
  const discard = useMutation({
    mutationFn: (id: string) =>
      data(api.DELETE("/api/v1/uploads/{upload_id}", { params: { path: { upload_id: id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
    onError: sayRefused,
  });
  const open = uploads.data?.items.filter(({ state }) => state === "open") ?? [];
  if (busy || !open.length) return null;
  return (
    <section className={page.section} aria-label="Begun before">
      <header>
        <h2>Begun before</h2>
      </header>
      <p className={page.dim}>
        Drop the same files again: what has arrived is not sent a second time. A browser may not read your disk by
        itself.
      </p>
      <div className={page.scroll}>
        <table className={page.table}>
          <tbody>
            {open.map((upload) => (
              <tr key={upload.id}>
                <td className={page.path}>
                  {upload.first_file}
                  {upload.file_count > 1 && ` and ${upload.file_count - 1} more`}
                </td>
                <td>{projects.data?.find(({ id }) => id === upload.project_id)?.name}</td>
                <td title={exact(upload.created_at)}>{away(upload.created_at)}</td>
                <td>
                  <div className={page.actions}>
                    <Button
                      small
                      aria-label={`Discard ${upload.first_file}`}
                      disabled={discard.isPending}
                      onClick={() => discard.mutate(upload.id)}
                    >
                      Discard
                    </Button>
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
