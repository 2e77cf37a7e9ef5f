import { useState } from "react";

interface FrameFieldProps {
  at: number;
  first: number;
  last: number;
  onGo(frame: number): void;
}

/** Goes there as soon as what is typed is a frame of the plate. */
export function FrameField({ at, first, last, onGo }: FrameFieldProps) {
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <input
      type="number"
      min={first}
      max={last}
      value={typed ?? at}
      onChange={({ target: { value, valueAsNumber } }) => {
        setTyped(value);
        if (Number.isInteger(valueAsNumber) && first <= valueAsNumber && valueAsNumber <= last) onGo(valueAsNumber);
      }}
      onBlur={() => setTyped(null)}
      onKeyDown={(event) => {
        if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
      }}
    />
  );
}
