import { type FocusEvent, useRef } from "react";
import { Link } from "react-router";
import { signOut } from "../api/signing";
import type { Me } from "../session/session";
import { Button } from "../ui/Button";
import { sayRefused } from "../ui/Toasts";
import styles from "./Shell.module.css";

/** Who is signed in; below it, what is one's own. */
export function PersonMenu({ me }: { me: Me }) {
  const menu = useRef<HTMLDetailsElement>(null);

  function close(): void {
    if (menu.current) menu.current.open = false;
  }

  function leave(event: FocusEvent): void {
    if (!event.currentTarget.contains(event.relatedTarget)) close();
  }

  return (
    <details
      ref={menu}
      className={styles.who}
      onBlur={leave}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !menu.current?.open) return;
        close();
        menu.current.querySelector("summary")?.focus();
      }}
    >
      <summary>{me.name || me.email}</summary>
      {/* Pressing between its lines does not leave it. */}
      <div tabIndex={-1}>
        <span>
          {me.email}, {me.role}
        </span>
        <Link to="/profile" onClick={close}>
          Your account and keys
        </Link>
        <Link to="/people/roles" onClick={close}>
          What roles may do
        </Link>
        <Button small onClick={() => void signOut().catch(sayRefused)}>
          Sign out
        </Button>
      </div>
    </details>
  );
}
