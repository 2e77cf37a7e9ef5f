import { useState } from "react";
import type { ObjectChange } from "../api/schema";
import { type ShotObject, useObjects } from "../api/shots";
import { Button } from "../ui/Button";
import { colourOf, hexOf } from "../ui/colour";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { sayRefused } from "../ui/Toasts";
import { useAddObject, useChangeObject, useDeleteObject, useOrderObjects } from "./changes";
import styles from "./Shot.module.css";

/** What is isolated in the shot: names, labels, colours, and the order they lie in. */
export function ObjectList({ shotId, edits }: { shotId: string; edits: boolean }) {
  const objects = useObjects(shotId);
  const order = useOrderObjects(shotId);
  const add = useAddObject(shotId);
  const [name, setName] = useState("");
  const [leaving, setLeaving] = useState<ShotObject | null>(null);
  const remove = useDeleteObject(shotId);
  const all = objects.data ?? [];

  function move(from: number, by: number): void {
    const ids = all.map(({ id }) => id);
    const [moved] = ids.splice(from, 1);
    if (!moved) return;
    ids.splice(from + by, 0, moved);
    order.mutate(ids, { onError: sayRefused });
  }

  return (
    <section className={page.section} aria-label="Objects">
      <header>
        <h2>Objects</h2>
      </header>
      {objects.error && <ProblemBox problem={objects.error} />}
      {objects.data?.length === 0 && <p className={page.dim}>None yet: they come with the first prompt.</p>}
      {all.length > 0 && (
        <div className={page.scroll} tabIndex={0}>
          <table className={`${page.table} ${page.stacked}`}>
            <thead>
              <tr>
                <th>Colour</th>
                <th>Name</th>
                <th>Label</th>
                {edits && <th aria-label="Order and deletion" />}
              </tr>
            </thead>
            <tbody>
              {all.map((object, index) => (
                <tr key={object.id}>
                  <ObjectCells object={object} shotId={shotId} edits={edits} />
                  {edits && (
                    <td>
                      <div className={page.actions}>
                        <Button
                          small
                          look="bare"
                          aria-label={`${object.name}: further up`}
                          disabled={index === 0 || order.isPending}
                          onClick={() => move(index, -1)}
                        >
                          ↑
                        </Button>
                        <Button
                          small
                          look="bare"
                          aria-label={`${object.name}: further down`}
                          disabled={index === all.length - 1 || order.isPending}
                          onClick={() => move(index, 1)}
                        >
                          ↓
                        </Button>
                        <Button small look="bare" aria-label={`Delete ${object.name}`} onClick={() => setLeaving(object)}>
                          ✕
                        </Button>
                      </div>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {edits && (
        <form
          className={styles.adding}
          onSubmit={(event) => {
            event.preventDefault();
            const sent = name.trim();
            // Somebody may type the next one by then.
            const emptied = () => setName((now) => (now.trim() === sent ? "" : now));
            add.mutate(sent, { onSuccess: emptied, onError: sayRefused });
          }}
        >
          <input
            aria-label="Name of a new object"
            placeholder="New object"
            value={name}
            maxLength={100}
            onChange={(event) => setName(event.target.value)}
          />
          <Button type="submit" disabled={!name.trim() || add.isPending}>
            Add
          </Button>
        </form>
      )}
      {leaving && (
        <ConfirmDialog
          title={`Delete the object ${leaving.name}?`}
          verb="Put into the trash"
          dangerous
          work={() => remove.mutateAsync(leaving.id)}
          onClose={() => setLeaving(null)}
        >
          <p>Versions that hold it stay as they are. It can be restored from the trash.</p>
        </ConfirmDialog>
      )}
    </section>
  );
}

interface CellsProps {
  object: ShotObject;
  shotId: string;
  edits: boolean;
}

function ObjectCells({ object, shotId, edits }: CellsProps) {
  const change = useChangeObject(shotId);
  /** What is refused is said, and does not stay in its field. */
  const save = (told: ObjectChange, giveUp: () => void) =>
    change.mutate(
      { object: object.id, change: told },
      {
        onError: (problem) => {
          sayRefused(problem);
          giveUp();
        },
      },
    );
  if (!edits) {
    return (
      <>
        <td data-label="Colour">
          <span className={styles.swatch} style={{ background: hexOf(object.color) }} />
        </td>
        <td data-label="Name">{object.name}</td>
        <td data-label="Label">{object.label}</td>
      </>
    );
  }
  return (
    <>
      <td data-label="Colour">
        <input
          type="color"
          className={styles.colour}
          aria-label={`Colour of ${object.name}`}
          key={hexOf(object.color)}
          defaultValue={hexOf(object.color)}
          onBlur={({ target }) => {
            const hex = hexOf(object.color);
            if (target.value !== hex) save({ color: colourOf(target.value) }, () => (target.value = hex));
          }}
        />
      </td>
      <td data-label="Name">
        <Text label={`Name of ${object.name}`} value={object.name} onSave={(name, giveUp) => save({ name }, giveUp)} needed />
      </td>
      <td data-label="Label">
        <Text label={`Label of ${object.name}`} value={object.label} onSave={(label, giveUp) => save({ label }, giveUp)} />
      </td>
    </>
  );
}

interface TextProps {
  label: string;
  value: string;
  needed?: boolean;
  onSave(text: string, giveUp: () => void): void;
}

/** Text in its place: kept by Enter and by going on, given up by Escape. */
function Text({ label, value, needed = false, onSave }: TextProps) {
  return (
    <input
      key={value}
      className={styles.text}
      aria-label={label}
      defaultValue={value}
      maxLength={100}
      onKeyDown={(event) => {
        if (event.key === "Escape") event.currentTarget.value = value;
        if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
      }}
      onBlur={({ target }) => {
        const text = target.value.trim();
        const giveUp = () => {
          target.value = value;
        };
        if (needed && !text) giveUp();
        else if (text !== value) onSave(text, giveUp);
      }}
    />
  );
}
