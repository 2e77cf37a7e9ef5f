import { useState } from "react";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { Waiting } from "../ui/Waiting";
import { type Scope, useMakeKey, useScopes } from "./access";
import styles from "./People.module.css";
import { SecretBox } from "./SecretBox";

const LASTING = [
  { days: "30", label: "after 30 days" },
  { days: "90", label: "after 90 days" },
  { days: "365", label: "after a year" },
  { days: "", label: "never" },
] as const;
const USUAL: readonly Scope["name"][] = ["read", "write"];

/** Makes a key of one's own and shows its secret, this once. */
export function KeyDialog({ onClose }: { onClose(): void }) {
  const scopes = useScopes();
  const make = useMakeKey();
  if (make.data) {
    return (
      <Dialog title={`The key ${make.data.name}`} onClose={onClose} actions={<Button onClick={onClose}>I have it</Button>}>
        <SecretBox label="The new key" secret={make.data.key} />
        <p className={page.dim}>
          Programs send it as <code>Authorization: Bearer …</code>; <code>roto login --key -</code> and{" "}
          <code>ROTO_API_KEY_FILE</code> take it too.
        </p>
      </Dialog>
    );
  }
  if (scopes.data) return <KeyForm scopes={scopes.data.items} make={make} onClose={onClose} />;
  return (
    <Dialog title="Make a key" onClose={onClose}>
      {scopes.error ? <ProblemBox problem={scopes.error} again={() => void scopes.refetch()} /> : <Waiting />}
    </Dialog>
  );
}

interface KeyFormProps {
  scopes: readonly Scope[];
  make: ReturnType<typeof useMakeKey>;
  onClose(): void;
}

function KeyForm({ scopes, make, onClose }: KeyFormProps) {
  const [name, setName] = useState("");
  const [days, setDays] = useState("90");
  const [wanted, setWanted] = useState<readonly Scope["name"][]>(() =>
    scopes.filter((one) => one.usable && USUAL.includes(one.name)).map((one) => one.name),
  );
  const ready = name.trim() !== "" && wanted.length > 0 && !make.isPending;

  function send(): void {
    if (!ready) return;
    make.mutate({ name: name.trim(), scopes: [...wanted], expires_in_days: days ? Number(days) : null });
  }

  return (
    <Dialog
      title="Make a key"
      onClose={onClose}
      onSubmit={send}
      actions={
        <>
          <Button onClick={onClose}>Not now</Button>
          <Button type="submit" look="main" disabled={!ready}>
            Make the key
          </Button>
        </>
      }
    >
      <div className={page.form}>
        <Field label="What it is for" hint="Lists and the audit log call it so.">
          <input value={name} maxLength={100} autoComplete="off" autoFocus onChange={(event) => setName(event.target.value)} />
        </Field>
        <fieldset className={page.plain}>
          <legend className={styles.legend}>It may</legend>
          {scopes.map((one) => (
            <label key={one.name} className={styles.tick}>
              <input
                type="checkbox"
                checked={wanted.includes(one.name)}
                disabled={!one.usable}
                onChange={(event) =>
                  setWanted((before) => (event.target.checked ? [...before, one.name] : before.filter((it) => it !== one.name)))
                }
              />
              <span>
                {one.name}
                <small>{one.usable ? one.about : `${one.about} (your role does not give it)`}</small>
              </span>
            </label>
          ))}
        </fieldset>
        <Field label="It expires" hint="A key can do what you can, in every project of yours, within what is ticked.">
          <select value={days} onChange={(event) => setDays(event.target.value)}>
            {LASTING.map((one) => (
              <option key={one.days} value={one.days}>
                {one.label}
              </option>
            ))}
          </select>
        </Field>
        {make.error && <ProblemBox problem={make.error} />}
      </div>
    </Dialog>
  );
}
