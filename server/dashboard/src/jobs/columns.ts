import type { Sort } from "./filters";

interface Column {
  label: string;
  hint?: string;
  /** The order that a first click on it gives. */
  sort?: Sort;
  right?: boolean;
}

/** In the order of `JobLine`'s cells and of the style sheet's `--columns`. */
export const COLUMNS: readonly Column[] = [
  { label: "Shot" },
  { label: "Project" },
  { label: "Objects" },
  { label: "Owner" },
  { label: "State" },
  { label: "Progress" },
  { label: "Queue" },
  { label: "Priority", sort: "priority", hint: "The most urgent first" },
  { label: "Age", sort: "-created", hint: "Since it was submitted" },
  { label: "ETA", right: true, hint: "When the stage it is at will be done" },
  { label: "Fr/s", right: true, hint: "Frames a second" },
  { label: "Worst", sort: "confidence", right: true, hint: "The lowest confidence of its mattes" },
];
