import "react";

declare module "react" {
  interface InputHTMLAttributes<T> {
    /** Every browser has it, and React's types do not. */
    webkitdirectory?: "" | undefined;
  }
}
