import { Button } from "../ui/Button";
import { ProblemBox } from "../ui/ProblemBox";
import { say, sayRefused } from "../ui/Toasts";
import page from "../ui/Page.module.css";
import { exact } from "../ui/time";
import { useHistory, useRollBack } from "./useSettings";
import { writeValue } from "./values";

export function HistorySection() {
  const history = useHistory();
  const back = useRollBack();
  if (history.error) return <ProblemBox problem={history.error} />;
  if (!history.data?.items.length) return null;
  return (
    <section>
      <h2>Changes</h2>
      <div className={page.scroll} tabIndex={0}>
        <table className={`${page.table} ${page.cards}`}>
          <thead>
            <tr>
              <th>When</th>
              <th>Setting</th>
              <th>Became</th>
              <th>By</th>
              <th>Change</th>
            </tr>
          </thead>
          <tbody>
            {history.data.items.map((one) => (
              <tr key={one.seq}>
                <td data-label="When">{exact(one.at)}</td>
                <th scope="row">{one.name}</th>
                <td data-label="Became">
                  <code>{one.value === null ? "its default" : writeValue(one.value)}</code>
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
    </section>
  );
}
