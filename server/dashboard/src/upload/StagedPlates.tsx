import { Button } from "../ui/Button";
import page from "../ui/Page.module.css";
import type { FoundPlate, Sorted } from "./plates";
import { bytesText } from "./speed";
import styles from "./Upload.module.css";

interface StagedProps {
  sorted: Sorted;
  /** Why they cannot be sent; "" when they can. */
  whyNot: string;
  onChange(plates: FoundPlate[]): void;
  onSend(): void;
  onClear(): void;
}

/** What was dropped, before it is sent: names of the shots are chosen here. */
export function StagedPlates({ sorted, whyNot, onChange, onSend, onClear }: StagedProps) {
  const { plates, others } = sorted;
  const count = `${plates.length} ${plates.length === 1 ? "plate" : "plates"}`;
  return (
    <section className={page.section} aria-label="To be sent">
      <header>
        <h2>To be sent</h2>
        <Button onClick={onClear}>Send none</Button>
        <Button look="main" disabled={plates.length === 0 || whyNot !== ""} title={whyNot} onClick={onSend}>
          Upload {count}
        </Button>
      </header>
      {whyNot && <p className={page.bad}>{whyNot}</p>}
      {others.length > 0 && (
        <p className={page.dim} title={others.slice(0, 40).join("\n")}>
          Left out, for they are no plates: {others.slice(0, 3).join(", ")}
          {others.length > 3 && ` and ${others.length - 3} more`}
        </p>
      )}
      {plates.length > 0 && (
        <div className={page.scroll}>
          <table className={page.table}>
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
                <tr key={plate.files[0]?.path}>
                  <td className={page.path}>{plate.title}</td>
                  <td>
                    <input
                      className={styles.name}
                      aria-label={`Shot of ${plate.title}`}
                      value={plate.name}
                      maxLength={100}
                      onChange={(event) => onChange(plates.with(index, { ...plate, name: event.target.value }))}
                    />
                  </td>
                  <td>
                    {plate.frames ? `${plate.frames[0]}–${plate.frames[1]}` : "movie"}
                    {plate.missing > 0 && <small className={page.bad}>{plate.missing} missing</small>}
                  </td>
                  <td>{bytesText(plate.size)}</td>
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
