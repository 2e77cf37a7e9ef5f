import { Link } from "react-router";
import { useNodes, useQueues } from "../api/farm";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { StateChip } from "../ui/StateChip";
import { lasting } from "../ui/time";
import { Waiting } from "../ui/Waiting";
import { counted, outdated } from "./health";
import { useVersion } from "./useSettings";

/** Whether what is asked of the farm is done: its queues, and who serves them. */
export function FarmSection() {
  const queues = useQueues();
  const nodes = useNodes();
  const version = useVersion();
  const problem = queues.error ?? nodes.error;
  const old = nodes.data && version.data ? outdated(nodes.data, version.data.version) : [];
  return (
    <section aria-label="Farm" className={page.section}>
      <header>
        <h2>Farm</h2>
        <Link to="/farm">Machines and charts</Link>
      </header>
      {problem && <ProblemBox problem={problem} />}
      {(queues.isPending || nodes.isPending) && <Waiting />}
      {nodes.data?.length === 0 && (
        <p>
          No machine has registered yet. Give one a token (<Link to="/people/farm-tokens">Farm tokens</Link>) and start{" "}
          <code>roto worker</code> there.
        </p>
      )}
      {nodes.data && nodes.data.length > 0 && <p>{counted(nodes.data)}.</p>}
      {old.length > 0 && (
        <p className={page.bad}>
          ✕ Of another version than the server, upgrade: {old.map((one) => `${one.id} (${one.version})`).join(", ")}
        </p>
      )}
      {queues.data && queues.data.queues.length > 0 && (
        <div className={page.scroll} tabIndex={0} role="group" aria-label="Queues">
          <table className={`${page.table} ${page.cards}`}>
            <thead>
              <tr>
                <th>Queue</th>
                <th>State</th>
                <th>Waiting</th>
                <th>Running</th>
                <th>Oldest waits</th>
                <th>Workers</th>
              </tr>
            </thead>
            <tbody>
              {queues.data.queues.map((queue) => (
                <tr key={queue.name}>
                  <th scope="row">{queue.name}</th>
                  <td data-label="State">
                    {queue.workers_alive > 0 ? (
                      <StateChip state="works" />
                    ) : queue.waiting > 0 ? (
                      <span className={page.bad}>✕ Nobody serves it: start a worker that does</span>
                    ) : (
                      <span className={page.dim}>○ Nobody serves it, nothing waits</span>
                    )}
                  </td>
                  <td data-label="Waiting">{queue.waiting}</td>
                  <td data-label="Running">{queue.running}</td>
                  <td data-label="Oldest waits">{queue.waiting > 0 ? lasting(queue.oldest_waiting_seconds) : "–"}</td>
                  <td data-label="Workers">{queue.workers_alive}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {queues.data && queues.data.stuck.length > 0 && (
        <p className={page.bad}>
          ✕ {queues.data.stuck.length} running {queues.data.stuck.length === 1 ? "task has" : "tasks have"} stopped
          reporting: see the farm&rsquo;s page.
        </p>
      )}
    </section>
  );
}
