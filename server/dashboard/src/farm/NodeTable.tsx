import { Fragment } from "react";
import { Link } from "react-router";
import type { Node } from "../api/farm";
import { Button } from "../ui/Button";
import { StateChip } from "../ui/StateChip";
import { away, exact } from "../ui/time";
import styles from "./Farm.module.css";
import page from "../ui/Page.module.css";
import type { NodeState, Worker } from "./useFarm";

interface NodeTableProps {
  nodes: readonly Node[];
  /** Asked to change a node's state; absent for who may not. */
  onChange?: ((node: Node, state: NodeState) => void) | undefined;
}

const CHANGES: Record<NodeState, { state: NodeState; verb: string }[]> = {
  enabled: [
    { state: "draining", verb: "Drain" },
    { state: "disabled", verb: "Disable" },
  ],
  draining: [
    { state: "enabled", verb: "Enable" },
    { state: "disabled", verb: "Disable" },
  ],
  disabled: [{ state: "enabled", verb: "Enable" }],
};

/** Machines, their workers one below the other, and what each works on. */
export function NodeTable({ nodes, onChange }: NodeTableProps) {
  return (
    <div className={page.scroll} tabIndex={0}>
      <table className={page.table}>
        <thead>
          <tr>
            <th>Node</th>
            <th>State</th>
            <th>Worker</th>
            <th>Device</th>
            <th>GPU memory</th>
            <th>Works on</th>
            <th>Heard of</th>
            {onChange && <th>Change</th>}
          </tr>
        </thead>
        <tbody>
          {nodes.map((node) => (
            <Fragment key={node.id}>
              {/* One that no worker of is known may be kept from working, and be let to again. */}
              {(node.workers.length ? node.workers : [null]).map((worker, index) => (
                <tr key={worker?.id ?? "none"}>
                  {index === 0 && (
                    <>
                      <th scope="rowgroup" className={styles.node} rowSpan={node.workers.length || 1}>
                        {node.id}
                      </th>
                      <td rowSpan={node.workers.length || 1}>
                        <StateChip state={node.state} />
                        {node.reason && <small>{node.reason}</small>}
                        {node.changed_by && node.state !== "enabled" && <small>{node.changed_by}</small>}
                      </td>
                    </>
                  )}
                  {worker ? <WorkerCells worker={worker} /> : <td colSpan={5}>No worker of it is known.</td>}
                  {onChange && index === 0 && (
                    <td rowSpan={node.workers.length || 1}>
                      <div className={page.actions}>
                        {CHANGES[node.state].map(({ state, verb }) => (
                          <Button
                            key={state}
                            small
                            aria-label={`${verb} ${node.id}`}
                            onClick={() => onChange(node, state)}
                          >
                            {verb}
                          </Button>
                        ))}
                      </div>
                    </td>
                  )}
                </tr>
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function WorkerCells({ worker }: { worker: Worker }) {
  const { current, memory } = worker;
  return (
    <>
      <td>
        {worker.slot}
        <small>{worker.queues.join(", ")}</small>
      </td>
      <td>
        {worker.device}
        <small>{worker.engines.map(({ engine, model }) => `${engine} ${model}`).join(", ") || "no engine"}</small>
      </td>
      <td>{memory ? <Memory memory={memory} /> : "–"}</td>
      <td>{current ? <Current current={current} /> : worker.alive ? "Nothing" : "–"}</td>
      <td title={exact(worker.last_seen_at)}>
        {worker.alive ? away(worker.last_seen_at) : (
          <span className={styles.dead}>✕ Away, {away(worker.last_seen_at)}</span>
        )}
        <small>{worker.version}</small>
      </td>
    </>
  );
}

function Current({ current }: { current: NonNullable<Worker["current"]> }) {
  const { progress } = current;
  const share = progress.total ? progress.done / progress.total : 0;
  return (
    <>
      {current.job_id ? (
        <Link to={`/jobs/${current.job_id}`}>{current.shot_name}</Link>
      ) : (
        "A shot you do not see"
      )}{" "}
      {current.kind}
      {current.stuck && <span className={styles.dead}> ✕ stuck</span>}
      <div className={styles.bar} role="progressbar" aria-label={current.kind} aria-valuenow={Math.round(share * 100)}>
        <span style={{ width: `${share * 100}%` }} />
      </div>
      <small>
        {progress.done} of {progress.total}
        {progress.frames_per_second ? `, ${progress.frames_per_second.toFixed(1)} a second` : ""}
      </small>
    </>
  );
}

function Memory({ memory }: { memory: Record<string, number> }) {
  const used = memory.gpu_used_bytes ?? 0;
  const total = memory.gpu_total_bytes ?? 0;
  return (
    <>
      {gib(used)} of {gib(total)} GiB
      <div className={styles.bar}>
        <span style={{ width: `${total ? (used / total) * 100 : 0}%` }} />
      </div>
    </>
  );
}

function gib(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}
