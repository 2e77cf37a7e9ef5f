/** What is asked of the audit log: filters of the address, as the API and its export take them. */

export const FILTERS = ["actor", "action", "target_kind", "target", "project_id", "since", "until"] as const;
export type Filter = (typeof FILTERS)[number];
export type Asked = Partial<Record<Filter, string>>;

/** The filters an address holds; empty ones are none. */
export function readFilters(address: URLSearchParams): Asked {
  return Object.fromEntries(FILTERS.flatMap((name) => (address.get(name) ? [[name, address.get(name)]] : [])));
}

/** The same address with one filter set, or taken out where `value` is empty. */
export function withFilter(address: URLSearchParams, name: Filter, value: string): URLSearchParams {
  const next = new URLSearchParams(address);
  if (value) next.set(name, value);
  else next.delete(name);
  return next;
}

/** As the API takes them: the reader's day and hour as a moment. What is no time is left out. */
export function toQuery({ since, until, ...rest }: Asked): Asked {
  const times = { since: moment(since), until: moment(until) };
  return { ...rest, ...(times.since ? { since: times.since } : {}), ...(times.until ? { until: times.until } : {}) };
}

/** Where all of it, not only what is shown, is downloaded. */
export function exportAddress(asked: Asked, format: "csv" | "jsonl"): string {
  return `/api/v1/audit/export?${new URLSearchParams({ format, ...toQuery(asked) })}`;
}

function moment(local: string | undefined): string | undefined {
  const at = local ? new Date(local) : null;
  return at && !Number.isNaN(at.getTime()) ? at.toISOString() : undefined;
}
