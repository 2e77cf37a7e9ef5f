import { type ReactNode, useEffect, useRef, useState } from "react";
import { NavLink, useLocation } from "react-router";
import { useProjects } from "../api/projects";
import { may, type Me } from "../session/session";
import { Button } from "../ui/Button";
import { Line } from "./Line";
import { Notices } from "./Notices";
import { PersonMenu } from "./PersonMenu";
import styles from "./Shell.module.css";
import { ShortcutSheet } from "./ShortcutSheet";
import { press, useShortcuts } from "./shortcuts";
import { toggleTheme } from "./theme";

interface Place {
  to: string;
  label: string;
  /** What one must be allowed on the server to find something there. */
  needs?: string;
}

const PLACES: Place[] = [
  { to: "/jobs", label: "Jobs" },
  { to: "/review", label: "Review" },
  { to: "/shots", label: "Shots" },
  { to: "/projects", label: "Projects" },
  { to: "/upload", label: "Upload" },
  { to: "/farm", label: "Farm", needs: "view_farm" },
  { to: "/statistics", label: "Statistics" },
  { to: "/people", label: "People", needs: "manage_users" },
  { to: "/audit", label: "Audit", needs: "read_audit" },
  { to: "/settings", label: "Settings", needs: "configure" },
];

/** The bar on top, what the server tells everybody, and the page. */
export function Shell({ me, children }: { me: Me; children: ReactNode }) {
  const [sheet, setSheet] = useState(false);
  useShortcuts("Everywhere", {
    "?": { label: "These keys", run: () => setSheet(true) },
    t: { label: "Light or dark", run: toggleTheme },
    "/": { label: "Search", run: focusSearch },
  });
  useEffect(() => {
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
  const nav = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const uploads = useUploads(me);
  const places = PLACES.filter(({ to, needs }) => (!needs || may(me, needs)) && (to !== "/upload" || uploads));
  // On a phone the bar is longer than the screen: where one is, is seen.
  useEffect(() => {
    nav.current?.querySelector("[aria-current]")?.scrollIntoView?.({ block: "nearest", inline: "center" });
  }, [pathname, places.length]);
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#page">
        To the page
      </a>
      <header className={styles.bar}>
        <NavLink to="/jobs" className={styles.brand} aria-label="Megaton Roto">
          <img src="/pages/mark.svg" alt="" width="22" height="22" />
          <span>Megaton Roto</span>
        </NavLink>
        <nav aria-label="Pages" className={styles.places} ref={nav}>
          {places.map(({ to, label }) => (
            <NavLink key={to} to={to} className={styles.place}>
              {label}
            </NavLink>
          ))}
        </nav>
        <Line />
        <Button look="bare" small aria-label="Keys" title="Keys (?)" onClick={() => setSheet(true)}>
          ?
        </Button>
        <Button look="bare" small aria-label="Light or dark" title="Light or dark (t)" onClick={toggleTheme}>
          ◐
        </Button>
        <PersonMenu me={me} />
      </header>
      <Notices />
      <main id="page" className={styles.page} tabIndex={-1}>
        {children}
      </main>
      {sheet && <ShortcutSheet onClose={() => setSheet(false)} />}
    </div>
  );
}

/** Whether there is a project to upload into, or there may be: no role on the server says that. */
function useUploads(me: Me): boolean {
  const creates = may(me, "create_project");
  const projects = useProjects("no", !creates);
  return creates || (projects.data?.some((one) => may(one, "add_shot")) ?? true);
}

function focusSearch(): void {
  document.querySelector<HTMLInputElement>("input[type=search]")?.focus();
}
