import { useEffect, useRef, useState } from "react";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import styles from "./People.module.css";

/** A secret that is shown this once: to be copied now. */
export function SecretBox({ label, secret }: { label: string; secret: string }) {
  const field = useRef<HTMLInputElement>(null);
  const [told, setTold] = useState("");

  useEffect(() => field.current?.select(), []);

  async function copy(): Promise<void> {
    field.current?.select();
    try {
      // Browsers give the clipboard to pages on https only, and may be told not to.
      await navigator.clipboard.writeText(secret);
      setTold("Copied.");
    } catch {
      setTold("It is selected: press Ctrl+C, or ⌘C.");
    }
  }

  return (
    <div className={styles.secret}>
      <Field label={label} hint="Copy it now. It is not shown again; the server keeps only its fingerprint.">
        <input ref={field} readOnly value={secret} onFocus={(event) => event.target.select()} />
      </Field>
      <div className={styles.copy}>
        <Button look="main" onClick={() => void copy()}>
          Copy
        </Button>
        <span role="status">{told}</span>
      </div>
    </div>
  );
}
