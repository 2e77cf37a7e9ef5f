import { MEMBER_ROLES, type MemberRole } from "../api/projects";

interface RoleChoiceProps {
  role: MemberRole;
  label?: string;
  disabled?: boolean;
  onChange(role: MemberRole): void;
  id?: string;
  "aria-describedby"?: string;
}

/** As what somebody is in a project. */
export function RoleChoice({ role, label, onChange, ...rest }: RoleChoiceProps) {
  return (
    <select
      {...rest}
      aria-label={label}
      value={role}
      onChange={(event) => onChange(event.target.value as MemberRole)}
    >
      {MEMBER_ROLES.map((one) => (
        <option key={one}>{one}</option>
      ))}
    </select>
  );
}
