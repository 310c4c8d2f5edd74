/** `configs` of a toolset's entry in `tools`, as the API has it: one optional row a member. */
export type MemberConfigs<Name extends string> = { [Member in Name]?: { enabled?: boolean | null } | null };

/** Whether a member is on. Anything but `true` leaves off what is off by default. */
export function isMemberOn<Name extends string>(
  member: Name,
  configs: MemberConfigs<Name> | undefined,
  offByDefault: readonly Name[] = [],
): boolean {
  const enabled = configs?.[member]?.enabled;
  return offByDefault.includes(member) ? enabled === true : enabled !== false;
}
