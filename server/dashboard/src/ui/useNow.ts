import { useEffect, useState } from "react";

/** The time now, told again every `pause` milliseconds: ages grow while one looks. */
export function useNow(pause = 15_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), pause);
    return () => clearInterval(timer);
  }, [pause]);
  return now;
}
