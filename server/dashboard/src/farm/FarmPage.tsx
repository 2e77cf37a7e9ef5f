import { useState } from "react";
import { type Node, useNodes, useQueues } from "../api/farm";
import { may, useMe } from "../session/session";
import { EmptyState } from "../ui/EmptyState";
import { ProblemBox } from "../ui/ProblemBox";
import { Waiting } from "../ui/Waiting";
import page from "../ui/Page.module.css";
import { NodeDialog } from "./NodeDialog";
import { NodeTable } from "./NodeTable";
import { QueueCharts } from "./QueueCharts";
import { QueueFigures } from "./QueueFigures";
import { StuckList } from "./StuckList";
import type { NodeState } from "./useFarm";

/** What the farm does: how long one waits, what is stuck, which machine works on what. */
export default function FarmPage() {
  const me = useMe();
  const nodes = useNodes();
  const queues = useQueues();
  const [change, setChange] = useState<{ node: Node; state: NodeState } | null>(null);
  const manages = may(me.data, "manage_farm");

  if (nodes.isPending || queues.isPending) return <Waiting />;
  const problem = nodes.error ?? queues.error;
  if (problem && !nodes.data) {
    return <ProblemBox problem={problem} again={() => void nodes.refetch()} />;
  }
  return (
    <div className={page.page}>
      <h1>Farm</h1>
      {problem && <ProblemBox problem={problem} />}
      {queues.data && <QueueFigures queues={queues.data.queues} />}
      <QueueCharts />
      {queues.data && queues.data.stuck.length > 0 && <StuckList stuck={queues.data.stuck} />}
      <section className={page.section}>
        <h2>Nodes</h2>
        {nodes.data?.length ? (
          <NodeTable
            nodes={nodes.data}
            onChange={manages ? (node, state) => setChange({ node, state }) : undefined}
          />
        ) : (
          <EmptyState title="No machine has ever worked for this server">
            <p>
              Start a worker on one: <code>roto worker</code>, with the farm token in a file that{" "}
              <code>ROTO_FARM_TOKEN_FILE</code> names. It appears here by itself.
            </p>
          </EmptyState>
        )}
      </section>
      {change && <NodeDialog {...change} onClose={() => setChange(null)} />}
    </div>
  );
}
