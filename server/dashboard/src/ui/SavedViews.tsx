import { useState } from "react";
import { nameOf, useSaveViews, useViews, type ViewPage, wordsOf } from "../api/views";
import { Button } from "./Button";
import { ConfirmDialog } from "./ConfirmDialog";
import { Field } from "./Field";
import styles from "./SavedViews.module.css";
import { sayRefused } from "./Toasts";

interface SavedViewsProps {
  page: ViewPage;
  /** What is shown now. */
  params: URLSearchParams;
  onShow(params: URLSearchParams): void;
}

/** One's own views of a page: to go to, to save what is shown as one, to remove the one that is shown. */
export function SavedViews({ page, params, onShow }: SavedViewsProps) {
  const views = useViews(page);
  const save = useSaveViews(page);
  const [asks, setAsks] = useState(false);
  if (!views.data) return null;

  const all = views.data;
  const names = Object.keys(all);
  const shown = nameOf(all, params);

  function remove(): void {
    save.mutate(({ [shown ?? ""]: _, ...others }) => others, { onError: sayRefused });
  }

  return (
    <span className={styles.views}>
      {names.length > 0 && (
        <select
          className={styles.choice}
          aria-label="Saved views"
          value={shown ?? ""}
          onChange={(event) => onShow(new URLSearchParams(all[event.target.value]))}
        >
          <option value="" disabled>
            Views
          </option>
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
      {shown !== undefined && (
        <Button small look="bare" disabled={save.isPending} onClick={remove}>
          Remove view
        </Button>
      )}
      {shown === undefined && params.size > 0 && (
        <Button small look="bare" onClick={() => setAsks(true)}>
          Save view…
        </Button>
      )}
      {asks && (
        <SaveDialog
          taken={names}
          work={(name) => save.mutateAsync((views) => ({ ...views, [name]: wordsOf(params) }))}
          onClose={() => setAsks(false)}
        />
      )}
    </span>
  );
}

interface SaveDialogProps {
  taken: readonly string[];
  work(name: string): Promise<unknown>;
  onClose(): void;
}

function SaveDialog({ taken, work, onClose }: SaveDialogProps) {
  const [text, setText] = useState("");
  const name = text.trim();
  const replaces = taken.includes(name);
  return (
    <ConfirmDialog
      title="Save what is shown as a view"
      verb={replaces ? "Replace" : "Save"}
      disabled={!name}
      work={() => work(name)}
      onClose={onClose}
    >
      <Field label="Name" hint={replaces ? "There is one of that name: it is replaced." : "Filters and order; for you alone."}>
        <input value={text} maxLength={100} onChange={(event) => setText(event.target.value)} />
      </Field>
    </ConfirmDialog>
  );
}
