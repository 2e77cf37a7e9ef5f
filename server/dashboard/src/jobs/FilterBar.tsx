import { memo, useEffect, useState } from "react";
import { useProjects } from "../api/projects";
import { useShot } from "../api/shots";
import { SavedViews } from "../ui/SavedViews";
import { lookOf } from "../ui/states";
import { asking, type Filters, KINDS, PRIORITIES, STATES } from "./filters";
import styles from "./Jobs.module.css";
import { KIND_NAMES, PRIORITY_NAMES } from "./names";
import { SubmittedChoice } from "./SubmittedChoice";
import { useOwnerName } from "./useJobs";

interface FilterBarProps {
  params: URLSearchParams;
  filters: Filters;
  /** How many jobs there are, by state. */
  states: Record<string, number>;
  onChange(params: URLSearchParams, how?: { replace: boolean }): void;
}

const TYPING_MS = 300;

/** What is shown: by state with how many there are, and by all else one asks for. */
export const FilterBar = memo(function FilterBar({ params, filters, states, onChange }: FilterBarProps) {
  const projects = useProjects("all");
  const all = Object.values(states).reduce((sum, each) => sum + each, 0);

  function ask(name: keyof Filters, values: readonly string[]): void {
    onChange(asking(params, name, values));
  }
  function turn(state: Filters["state"][number]): void {
    const { state: asked } = filters;
    ask("state", asked.includes(state) ? asked.filter((one) => one !== state) : [...asked, state]);
  }

  return (
    <search className={styles.filters}>
      <div className={styles.chips} role="group" aria-label="State">
        <Chip pressed={!filters.state.length} label="All" number={all} onClick={() => ask("state", [])} />
        {STATES.filter((state) => states[state] || filters.state.includes(state)).map((state) => (
          <Chip
            key={state}
            pressed={filters.state.includes(state)}
            label={lookOf(state).label}
            sign={lookOf(state).sign}
            number={states[state] ?? 0}
            onClick={() => turn(state)}
          />
        ))}
      </div>
      <Chip
        pressed={filters.owner === "me"}
        label="Mine"
        onClick={() => ask("owner", filters.owner === "me" ? [] : ["me"])}
      />
      {filters.owner && filters.owner !== "me" && <OwnerChip id={filters.owner} onClick={() => ask("owner", [])} />}
      {filters.shot_id && <ShotChip id={filters.shot_id} onClick={() => ask("shot_id", [])} />}
      <Choice
        label="Project"
        value={filters.project_id}
        options={(projects.data ?? []).map(({ id, name, archived_at }) => [id, archived_at ? `${name} (archive)` : name])}
        onChange={(value) => ask("project_id", [value])}
      />
      <Choice
        label="Kind"
        value={filters.kind[0]}
        options={KINDS.map((kind) => [kind, KIND_NAMES[kind]])}
        onChange={(value) => ask("kind", [value])}
      />
      <Choice
        label="Priority"
        value={filters.priority[0]}
        options={PRIORITIES.map((priority) => [priority, PRIORITY_NAMES[priority]])}
        onChange={(value) => ask("priority", [value])}
      />
      <SubmittedChoice params={params} filters={filters} onChange={onChange} />
      <SavedViews page="jobs" params={params} onShow={onChange} />
      <Search value={filters.search ?? ""} onChange={(text) => onChange(asking(params, "search", [text]), { replace: true })} />
    </search>
  );
});

/** Whose jobs alone are shown. */
function OwnerChip({ id, onClick }: { id: string; onClick(): void }) {
  const { data: name, isPending } = useOwnerName(id);
  return <Chip pressed label={`Owner ${name ?? (isPending ? "…" : "that is not known")}`} sign="✕" onClick={onClick} />;
}

/** Of which shot jobs alone are shown. */
function ShotChip({ id, onClick }: { id: string; onClick(): void }) {
  const { data: shot, isPending } = useShot(id);
  const name = shot?.name ?? (isPending ? "…" : "that is not known");
  return <Chip pressed label={`Shot ${name}`} sign="✕" onClick={onClick} />;
}

interface ChipProps {
  pressed: boolean;
  label: string;
  sign?: string;
  number?: number;
  onClick(): void;
}

function Chip({ pressed, label, sign, number, onClick }: ChipProps) {
  return (
    <button type="button" className={styles.chip} aria-pressed={pressed} onClick={onClick}>
      {sign && <span aria-hidden="true">{sign}</span>}
      {label}
      {number !== undefined && <span className={styles.number}>{number.toLocaleString("en")}</span>}
    </button>
  );
}

interface ChoiceProps {
  label: string;
  value: string | undefined;
  options: readonly (readonly [string, string])[];
  onChange(value: string): void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <select
      className={styles.choice}
      aria-label={label}
      value={value ?? ""}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="">{label}: all</option>
      {value && !options.some(([id]) => id === value) && <option value={value}>{label}: not known</option>}
      {options.map(([id, name]) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}

function Search({ value, onChange }: { value: string; onChange(text: string): void }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text.trim() === value) return;
    const timer = setTimeout(() => onChange(text.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <input
      type="search"
      className={styles.search}
      aria-label="Search shots and objects"
      placeholder="Shot or object  (/)"
      maxLength={200}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
    />
  );
}
