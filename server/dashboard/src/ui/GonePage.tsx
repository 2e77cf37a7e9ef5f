import type { ReactNode } from "react";
import { problemOf } from "../api/problem";
import page from "./Page.module.css";
import { ProblemBox } from "./ProblemBox";

interface GoneProps {
  problem: unknown;
  again(): void;
  /** What is said where there is no such thing, or none that one may see. */
  hint: string;
  /** Where to go from here. */
  children: ReactNode;
}

/** Instead of a page that cannot be shown: asking again does not help where there is nothing. */
export function GonePage({ problem, again, hint, children }: GoneProps) {
  const gone = problemOf(problem).status === 404;
  return (
    <div className={page.page}>
      <ProblemBox problem={problem} again={gone ? undefined : again} />
      {gone && <p className={page.dim}>{hint}</p>}
      {children}
    </div>
  );
}
