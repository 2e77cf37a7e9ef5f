import type { ReactNode } from "react";
import { Button } from "../ui/Button";
import { bytesText } from "../ui/bytes";
import page from "../ui/Page.module.css";
import { cutTo, type Dropped, type FoundPlate, gapsText, identity, longestRun, type Sorted } from "./plates";
import styles from "./Upload.module.css";

interface StagedProps {
  sorted: Sorted;
  /** The shot that gets a new version; else each becomes one, whose name is chosen here. */
  shot?: string;
  /** Why they cannot be sent; "" when they can. */
  whyNot: string;
  onChange(plates: FoundPlate[]): void;
  onSend(): void;
  onClear(): void;
  /** Shots are to be made by the edit list. */
  onList?(list: Dropped): void;
  children?: ReactNode;
}

/** Why not to send them: what lacks frames would be refused after all of it was sent. */
export function whyNotSend(plates: readonly FoundPlate[]): string {
  if (plates.some(({ name }) => !name.trim())) return "Every shot needs a name.";
  const names = plates.map(({ name }) => name.trim().toLowerCase());
  const twice = plates.find(({ name }, at) => names.indexOf(name.trim().toLowerCase()) < at);
  if (twice) return `Two shots are called ${twice.name.trim()}: give one another name.`;
  return whyHoled(plates);
}

export function whyHoled(plates: readonly FoundPlate[]): string {
  const holed = plates.find(({ gaps }) => gaps.length > 0);
  return holed ? `${holed.title} lacks frames: drop them here too, take a part of it, or leave it out.` : "";
}

/** What was dropped, before it is sent: names of the shots are chosen here. */
export function StagedPlates({ sorted, shot, whyNot, onChange, onSend, onClear, onList, children }: StagedProps) {
  const { plates, others, lists } = sorted;
  const count = `${plates.length} ${plates.length === 1 ? "plate" : "plates"}`;
  return (
    <section className={page.section} aria-label="To be sent">
      <header>
        <h2>{plates.length > 0 ? "To be sent" : "Dropped"}</h2>
        <Button onClick={onClear}>{plates.length > 0 ? "Send none" : "Put away"}</Button>
        {plates.length > 0 && (
          <Button look="main" disabled={whyNot !== ""} title={whyNot} onClick={onSend}>
            {shot === undefined ? `Upload ${count}` : "Upload the version"}
          </Button>
        )}
      </header>
      {whyNot && plates.length > 0 && <p className={page.bad}>{whyNot}</p>}
      {children}
      {lists.map((list) => (
        <p key={identity(list)} className={styles.states}>
          <span>
            <span className={page.path}>{list.path}</span> may be an edit list.{" "}
            {plates.length > 0 && "Upload the plates first: it finds them among the project's shots. "}
          </span>
          <Button small aria-label={`Conform ${list.path}`} onClick={() => onList?.(list)}>
            Conform…
          </Button>
        </p>
      ))}
      {others.length > 0 && (
        <details className={page.dim}>
          <summary>
            Left out: {others[0]?.path}: {others[0]?.why}
            {others.length > 1 && `; and ${others.length - 1} more`}
          </summary>
          <ul className={styles.left}>
            {others.slice(0, 100).map(({ path, why }) => (
              <li key={path}>
                <span className={page.path}>{path}</span>: {why}
              </li>
            ))}
          </ul>
        </details>
      )}
      {plates.length > 0 && (
        <div className={page.scroll} tabIndex={0}>
          <table className={`${page.table} ${page.stacked}`}>
            <thead>
              <tr>
                <th>Plate</th>
                <th>Shot</th>
                <th>Frames</th>
                <th>Size</th>
                <th aria-label="Leave out" />
              </tr>
            </thead>
            <tbody>
              {plates.map((plate, index) => (
                <tr key={plate.files[0] && numberOf(plate.files[0].file)}>
                  <td className={page.path}>
                    {plate.title}
                    {plate.folder && <small>{plate.folder}</small>}
                  </td>
                  <td data-label="Shot">
                    {shot ?? (
                      <input
                        className={styles.name}
                        aria-label={`Shot of ${plate.title}`}
                        value={plate.name}
                        maxLength={100}
                        onChange={(event) => onChange(plates.with(index, { ...plate, name: event.target.value }))}
                      />
                    )}
                  </td>
                  <td data-label="Frames">
                    {plate.frames ? `${plate.frames[0]}–${plate.frames[1]}` : "movie"}
                    {plate.gaps.length > 0 && (
                      <Gaps plate={plate} onCut={(part) => onChange(plates.with(index, part))} />
                    )}
                  </td>
                  <td data-label="Size">{bytesText(plate.size)}</td>
                  <td>
                    <Button
                      small
                      look="bare"
                      aria-label={`Leave out ${plate.title}`}
                      onClick={() => onChange(plates.filter((one) => one !== plate))}
                    >
                      ✕
                    </Button>
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

const numbers = new WeakMap<File, number>();
let last = 0;

/** Two plates may begin with files that are alike in all that is known of them. */
function numberOf(file: File): number {
  const number = numbers.get(file) ?? ++last;
  numbers.set(file, number);
  return number;
}

function Gaps({ plate, onCut }: { plate: FoundPlate; onCut(part: FoundPlate): void }) {
  const run = longestRun(plate);
  return (
    <>
      <small className={page.bad}>missing: {gapsText(plate.gaps)}</small>
      <Button small onClick={() => onCut(cutTo(plate, run))}>
        Take only {run[0]}–{run[1]}
      </Button>
    </>
  );
}
