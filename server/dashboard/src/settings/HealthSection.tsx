import { Button } from "../ui/Button";
import { ProblemBox } from "../ui/ProblemBox";
import { StateChip } from "../ui/StateChip";
import page from "../ui/Page.module.css";
import { Waiting } from "../ui/Waiting";
import { broken } from "./health";
import { useHealth, useVersion } from "./useSettings";

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** Every part the server needs: what it is for, whether it works, what to do if not. */
export function HealthSection() {
  const health = useHealth();
  const version = useVersion();
  const failing = health.data ? broken(health.data) : [];
  return (
    <section aria-label="Health" className={page.section}>
      <header>
        <h2>Health</h2>
        <Button small disabled={health.isFetching} onClick={() => void health.refetch()}>
          Look again
        </Button>
      </header>
      {health.error && <ProblemBox problem={health.error} />}
      {health.isPending && <Waiting />}
      {health.data && (
        <>
          <p role="status">
            {failing.length === 0 ? (
              <>✓ Everything works.</>
            ) : (
              <strong className={page.bad}>
                ✕ {failing.length} of {Object.keys(health.data.checks).length} parts do not work: {failing.join(", ")}.
              </strong>
            )}{" "}
            <span className={page.dim}>
              {version.data && `Version ${version.data.version} at ${version.data.public_url}, `}
              looked at {TIME.format(health.dataUpdatedAt)}
            </span>
          </p>
          <div className={page.scroll} tabIndex={0} role="group" aria-label="Parts">
            <table className={`${page.table} ${page.cards}`}>
              <thead>
                <tr>
                  <th>Part</th>
                  <th>State</th>
                  <th>Says</th>
                  <th>Setting</th>
                </tr>
              </thead>
              <tbody>
                {Object.entries(health.data.checks).map(([name, check]) => (
                  <tr key={name}>
                    <th scope="row">
                      {name}
                      {check.about && <small>{check.about}</small>}
                    </th>
                    <td data-label="State">
                      <StateChip state={check.ok ? "works" : "failed"} />
                    </td>
                    <td data-label="Says">
                      <div>
                        {check.message || (check.ok ? "–" : "nothing more")}
                        {!check.ok && check.remedy && <strong className={page.remedy}>{check.remedy}</strong>}
                      </div>
                    </td>
                    <td data-label="Setting">
                      <code>{check.setting || "–"}</code>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  );
}
