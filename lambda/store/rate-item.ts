import { type Conduct, GOOD_CONDUCT } from '../core/lock-out.ts';
import type { RateUpdate } from '../core/rate-update.ts';
import type { Counter, RateWindow } from '../core/rate-window.ts';

/** Attributes of the item that are no counters. Counters are `r`, `t`, `k:…` and `m:…`; see core/rate-update.ts. */
const OTHER = new Set(['pk', 'sk', 'conduct', 'conductRevision', 'lockedUntilMs', 'expiresAt']);

/** An account's limits as they lie in the `traffic` table. */
export interface RateState {
  window: RateWindow;
  conduct: Conduct;
  conductRevision: number;
}

export const NEW_STATE: RateState = { window: {}, conduct: GOOD_CONDUCT, conductRevision: 0 };

/** The state an item holds; a missing item is a new account. */
export function readState(item: Record<string, unknown> | undefined): RateState {
  if (!item) return NEW_STATE;
  const counters: Record<string, Counter & { slots: Record<number, number> }> = {};
  for (const [attribute, value] of Object.entries(item)) {
    if (OTHER.has(attribute)) continue;
    const [name = '', part] = attribute.split(' ');
    counters[name] ??= { epoch: 0, total: 0, slots: {} };
    const counter = counters[name];
    if (part === undefined) counter.total = Number(value);
    else if (part === 'epoch') counter.epoch = Number(value);
    else counter.slots[Number(part)] = Number(value);
  }
  return {
    window: counters,
    conduct: (item.conduct as Conduct | undefined) ?? GOOD_CONDUCT,
    conductRevision: Number(item.conductRevision ?? 0),
  };
}

interface Expression {
  UpdateExpression: string;
  ConditionExpression: string;
  ExpressionAttributeNames: Record<string, string>;
  ExpressionAttributeValues: Record<string, unknown>;
}

/** The update as DynamoDB takes it. It does nothing to an account that is locked out at this time. */
export function updateExpression(update: RateUpdate, nowMs: number, expiresAtSeconds: number): Expression {
  const placeholders = new Map<string, string>();
  const values: Record<string, unknown> = {};
  const name = (attribute: string) => {
    const placeholder = placeholders.get(attribute) ?? `#${placeholders.size}`;
    placeholders.set(attribute, placeholder);
    return placeholder;
  };
  const value = (number: number) => {
    const placeholder = `:${Object.keys(values).length}`;
    values[placeholder] = number;
    return placeholder;
  };
  const { add, set, remove, condition } = update;
  const sets = Object.entries({ ...set, expiresAt: expiresAtSeconds }).map(
    ([key, number]) => `${name(key)}=${value(number)}`,
  );
  const adds = Object.entries(add).map(([key, number]) => `${name(key)} ${value(number)}`);
  const parts = [`SET ${sets.join(',')}`];
  if (adds.length > 0) parts.push(`ADD ${adds.join(',')}`);
  if (remove.length > 0) parts.push(`REMOVE ${remove.map(name).join(',')}`);
  const conditions = [
    `(attribute_not_exists(${name('lockedUntilMs')}) OR ${name('lockedUntilMs')}<=${value(nowMs)})`,
    ...condition.absent.map((key) => `attribute_not_exists(${name(key)})`),
    ...Object.entries(condition.atMost).map(([key, number]) => `${name(key)}<=${value(number)}`),
    ...Object.entries(condition.equal).map(([key, number]) => `${name(key)}=${value(number)}`),
  ];
  return {
    UpdateExpression: parts.join(' '),
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(
      [...placeholders].map(([attribute, placeholder]) => [placeholder, attribute]),
    ),
    ExpressionAttributeValues: values,
  };
}
