/** What an entry of the audit log changed, a line each: "role: artist → admin". */

type Facts = Record<string, unknown> | null;

export function changes(before: Facts, after: Facts): string[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].sort();
  return names.map((name) => {
    const was = told(before?.[name]);
    const is = told(after?.[name]);
    if (was === "") return `${name}: ${is}`;
    return is === "" ? `${name}: ${was} → gone` : `${name}: ${was} → ${is}`;
  });
}

function told(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value || "“”" : JSON.stringify(value);
}
