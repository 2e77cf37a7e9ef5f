/** Asked before somebody is let in no more, or forgotten. */

import { ConfirmDialog } from "../ui/ConfirmDialog";
import { say } from "../ui/Toasts";
import { type Person, useChangePerson, useForget } from "./usePeople";

interface LeavingProps {
  person: Person;
  onClose(): void;
}

export function DisableDialog({ person, onClose }: LeavingProps) {
  const change = useChangePerson();
  return (
    <ConfirmDialog
      title={`Disable ${person.name}?`}
      verb="Disable"
      dangerous
      work={() => change.mutateAsync({ id: person.id, body: { state: "disabled" } })}
      onClose={onClose}
    >
      <p>Their sign-ins and keys end at once, for good. Their work stays. They can be enabled again.</p>
    </ConfirmDialog>
  );
}

export function ForgetDialog({ person, onDone, onClose }: LeavingProps & { onDone?: () => void }) {
  const forget = useForget();
  return (
    <ConfirmDialog
      title={`Forget ${person.name}?`}
      verb="Forget for good"
      dangerous
      work={async () => {
        await forget.mutateAsync(person.id);
        say("Forgotten.");
        onDone?.();
      }}
      onClose={onClose}
    >
      <p>
        Name, address, password, sign-ins, keys and memberships go. What they made stays, under a number that tells
        nothing. This cannot be taken back.
      </p>
    </ConfirmDialog>
  );
}
