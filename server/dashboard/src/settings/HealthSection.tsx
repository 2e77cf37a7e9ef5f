import { ProblemBox } from "../ui/ProblemBox";
import { StateChip } from "../ui/StateChip";
import page from "../ui/Page.module.css";
import { useHealth } from "./useSettings";

export function HealthSection() {
  const health = useHealth();
  return (
    <section>
      <h2>Health</h2>
      {health.error && <ProblemBox problem={health.error} />}
      {health.data && (
        <div className={page.scroll}>
          <table className={page.table}>
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
                  <th scope="row">{name}</th>
                  <td>
                    <StateChip state={check.ok ? "works" : "failed"} />
                  </td>
                  <td>{check.message}</td>
                  <td>
                    <code>{check.setting}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
