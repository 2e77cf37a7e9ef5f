import { NavLink, useLocation } from "react-router";
import { may, useMe } from "../session/session";
import styles from "./People.module.css";

const PAGES = [
  { to: "/people", label: "People", needs: "manage_users" },
  { to: "/people/roles", label: "Roles" },
  { to: "/people/farm-tokens", label: "Farm tokens", needs: "manage_farm" },
] as const;

/** The pages about people; those one may not see are not offered. */
export function PeopleNav() {
  const me = useMe();
  const { pathname } = useLocation();
  // A person's own page is one of People's.
  const isPerson = !PAGES.some(({ to }) => to === pathname);
  return (
    <nav aria-label="About people" className={styles.nav}>
      {PAGES.filter((one) => !("needs" in one) || may(me.data, one.needs)).map(({ to, label }) => (
        <NavLink key={to} to={to} end={to !== "/people" || !isPerson}>
          {label}
        </NavLink>
      ))}
    </nav>
  );
}
