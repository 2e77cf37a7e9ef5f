import { type FormEvent, useState } from "react";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { say } from "../ui/Toasts";
import { useChangePassword } from "./access";
import styles from "./People.module.css";

/** One's own password; whoever has none, or forgot it, has a link sent. */
export function PasswordForm({ email }: { email: string }) {
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const change = useChangePassword();

  function send(event: FormEvent): void {
    event.preventDefault();
    change.mutate(
      { old, new: fresh },
      {
        onSuccess: () => {
          setOld("");
          setFresh("");
          say("Your password is changed; your other sign-ins have ended.");
        },
      },
    );
  }

  return (
    <section className={`${page.section} ${styles.narrow}`} aria-label="Password">
      <header>
        <h2>Password</h2>
      </header>
      <form className={page.row} onSubmit={send}>
        {/* Password managers file the new one under it. */}
        <input type="email" autoComplete="username" value={email} readOnly hidden />
        <Field label="The one you have">
          <input type="password" autoComplete="current-password" value={old} onChange={(event) => setOld(event.target.value)} />
        </Field>
        <Field label="The new one" hint="At least 10 characters.">
          <input type="password" autoComplete="new-password" value={fresh} onChange={(event) => setFresh(event.target.value)} />
        </Field>
        <Button type="submit" disabled={!old || !fresh || change.isPending}>
          Change the password
        </Button>
      </form>
      {change.error && <ProblemBox problem={change.error} />}
      <p className={page.dim}>
        Forgot it, or never had one because you sign in elsewhere? <a href="/reset">Have a link sent</a>.
      </p>
    </section>
  );
}
