import type { JobRow } from "../api/schema";
import { StateChip } from "../ui/StateChip";
import styles from "./Board.module.css";
import type { Group, Grouping } from "./filters";
import { ShotCard } from "./ShotCard";

interface BoardProps {
  groups: readonly Group[];
  by: Grouping;
  /** Names by id; shown on the cards unless all are of one project. */
  projects: ReadonlyMap<string, string>;
  showsProjects: boolean;
  jobs: ReadonlyMap<string, JobRow>;
  picked: ReadonlySet<string>;
  onToggle(id: string, through: boolean): void;
}

/** Columns of cards. */
export function Board(props: BoardProps) {
  const { groups, by, projects, showsProjects, jobs, picked, onToggle } = props;
  return (
    <div className={styles.board}>
      {groups.map(({ key, title, shots }) => (
        <section key={key} className={styles.group} aria-label={title}>
          <h2>
            {by === "project" ? title : <StateChip state={key} />} <small>{shots.length}</small>
          </h2>
          <ul className={styles.cards} tabIndex={shots.length ? 0 : undefined}>
            {shots.map((shot) => (
              <ShotCard
                key={shot.id}
                shot={shot}
                project={showsProjects ? (projects.get(shot.project_id) ?? "") : ""}
                job={jobs.get(shot.id)}
                showsReview={by !== "review"}
                picked={picked.has(shot.id)}
                onToggle={onToggle}
              />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
