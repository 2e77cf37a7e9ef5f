import { type KeyboardEvent, type ReactNode, useId } from "react";
import styles from "./Job.module.css";

interface TabsProps<Name extends string> {
  names: readonly Name[];
  shown: Name;
  onShow(name: Name): void;
  children: ReactNode;
}

/** One of several panels at a time; arrow keys go from tab to tab. */
export function Tabs<Name extends string>({ names, shown, onShow, children }: TabsProps<Name>) {
  const id = useId();
  function turn(event: KeyboardEvent<HTMLDivElement>): void {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const next = names[(names.indexOf(shown) + by + names.length) % names.length];
    if (next === undefined) return;
    onShow(next);
    document.getElementById(`${id}-${next}`)?.focus();
  }
  return (
    <>
      <div role="tablist" aria-label="About this job" className={styles.tabs} onKeyDown={turn}>
        {names.map((name) => (
          <button
            key={name}
            id={`${id}-${name}`}
            type="button"
            role="tab"
            aria-selected={name === shown}
            aria-controls={`${id}-panel`}
            tabIndex={name === shown ? 0 : -1}
            onClick={() => onShow(name)}
          >
            {name}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${shown}`} className={styles.panel}>
        {children}
      </div>
    </>
  );
}
