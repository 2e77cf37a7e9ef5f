import type { ButtonHTMLAttributes } from "react";
import { Link, type LinkProps } from "react-router";
import styles from "./Button.module.css";

type Look = "plain" | "main" | "danger" | "bare";

interface Looks {
  look?: Look;
  small?: boolean;
}

function classes({ look = "plain", small = false }: Looks, more = ""): string {
  return [styles.button, styles[look], small ? styles.small : "", more].filter(Boolean).join(" ");
}

export function Button({
  look,
  small,
  className,
  type = "button",
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & Looks) {
  return <button type={type} className={classes({ look, small }, className)} {...rest} />;
}

/** A link that looks as a button does: for going somewhere, never for doing something. */
export function LinkButton({ look, small, className, ...rest }: LinkProps & Looks) {
  return <Link className={classes({ look, small }, className)} {...rest} />;
}
