import { useMemo } from "react";
import { Button } from "../ui/Button";
import { MoreButton } from "../ui/MoreButton";
import { ProblemBox } from "../ui/ProblemBox";
import { say, sayRefused } from "../ui/Toasts";
import page from "../ui/Page.module.css";
import { exact } from "../ui/time";
import { useHistory, useRollBack } from "./useSettings";
import { foundBy, writeChanged } from "./values";

/** What was set to what, by whom and when; each can be put back. */
export function HistorySection() {
  const history = useHistory();
  const back = useRollBack();
  const { rows, hasNextPage } = history;
  const found = useMemo(() => foundBy(rows, !hasNextPage), [rows, hasNextPage]);
  const problem = history.error && <ProblemBox problem={history.error} again={() => void history.refetch()} />;
  if (!rows.length) return problem;
  return (
    <section>
      <h2>Changes</h2>
      <div className={page.scroll} tabIndex={0}>
        <table className={`${page.table} ${page.cards}`}>
          <thead>
            <tr>
              <th>When</th>
              <th>Setting</th>
              <th>From</th>
              <th>To</th>
              <th>By</th>
              <th>Change</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((one, index) => (
              <tr key={one.seq}>
                <td data-label="When">{exact(one.at)}</td>
                <th scope="row">{one.name}</th>
                <td data-label="From">
                  <code>{writeChanged(found[index])}</code>
                </td>
                <td data-label="To">
                  <code>{writeChanged(one.value)}</code>
                </td>
                <td data-label="By">{one.changed_by_name ?? one.changed_by}</td>
                <td>
                  <Button
                    small
                    aria-label={`Put back ${one.name} of ${exact(one.at)}`}
                    onClick={() =>
                      back.mutate(one.seq, {
                        onSuccess: () => say(`${one.name} is as it was then.`),
                        onError: sayRefused,
                      })
                    }
                  >
                    Put back
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {problem}
      <MoreButton list={history} />
    </section>
  );
}
