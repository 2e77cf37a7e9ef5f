import type { ReactNode } from "react";
import type { Project } from "../api/projects";
import page from "../ui/Page.module.css";
import styles from "./Board.module.css";
import { type Filters, type Grouping, GROUPINGS } from "./filters";

interface FilterBarProps {
  filters: Filters;
  projects: readonly Project[];
  count: string | undefined;
  /** Beside the count, while there are more. */
  more: ReactNode;
  onChange(change: Partial<Filters>): void;
}

/** What is shown of the shots; each choice is in the address at once. */
export function FilterBar({ filters, projects, count, more, onChange }: FilterBarProps) {
  return (
    <div className={styles.filters}>
      <h1>Shots</h1>
      <input
        type="search"
        aria-label="Search by name"
        placeholder="Search by name (/)"
        value={filters.search}
        onChange={(event) => onChange({ search: event.target.value })}
      />
      <select
        aria-label="Project"
        value={filters.project}
        onChange={(event) => onChange({ project: event.target.value })}
      >
        <option value="">All projects</option>
        {projects.map(({ id, name, archived_at }) => (
          <option key={id} value={id}>
            {archived_at ? `${name} (archive)` : name}
          </option>
        ))}
      </select>
      <select
        aria-label="Group by"
        value={filters.group}
        onChange={(event) => onChange({ group: event.target.value as Grouping })}
      >
        {Object.entries(GROUPINGS).map(([value, label]) => (
          <option key={value} value={value}>
            By {label.toLowerCase()}
          </option>
        ))}
      </select>
      <label className={page.check}>
        <input type="checkbox" checked={filters.mine} onChange={(event) => onChange({ mine: event.target.checked })} />
        My shots
      </label>
      <label className={page.check}>
        <input
          type="checkbox"
          checked={filters.archived}
          onChange={(event) => onChange({ archived: event.target.checked })}
        />
        Archive
      </label>
      <span className={styles.count} role="status">
        {count}
      </span>
      {more}
    </div>
  );
}
