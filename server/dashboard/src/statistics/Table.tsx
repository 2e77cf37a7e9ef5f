import type { ReactNode } from "react";
import page from "../ui/Page.module.css";
import styles from "./Statistics.module.css";

interface TableProps {
  title: string;
  /** Where it is downloaded for a spreadsheet. */
  csv: string;
  /** What the rows are of, then what is counted of them. */
  columns: readonly [string, ...string[]];
  rows: readonly { key: string; head: ReactNode; cells: readonly ReactNode[] }[];
}

/** A table of figures, and its download; nothing where there is nothing to tell. */
export function Table({ title, csv, columns: [head, ...counted], rows }: TableProps) {
  if (!rows.length) return null;
  return (
    <section className={page.section}>
      <header>
        <h2>{title}</h2>
        <a href={csv} download>
          CSV
        </a>
      </header>
      <div className={page.scroll} tabIndex={0}>
        <table className={page.table}>
          <thead>
            <tr>
              <th>{head}</th>
              {counted.map((column) => (
                <th key={column} className={styles.number}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.key}>
                <th scope="row">{row.head}</th>
                {row.cells.map((cell, index) => (
                  <td key={counted[index]} className={styles.number}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
