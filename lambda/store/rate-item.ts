import { type Conduct, GOOD_CONDUCT } from '../core/lock-out.ts';
import type { RateUpdate } from '../core/rate-update.ts';
import { type Counter, EMPTY_WINDOW, type RateWindow } from '../core/rate-window.ts';

/** Attributes of the item that are not counters. Counters are named `r`, `t`, `k:…` and `m:…`, their slots with `.n`. */
const OTHER = new Set(['pk', 'sk', 'epoch', 'conduct', 'conductRevision', 'lockedUntilMs', 'expiresAt']);

/** An account's limits as they lie in the `traffic` table. */
export interface RateState {
  window: RateWindow;
  conduct: Conduct;
  conductRevision: number;
}

export const NEW_STATE: RateState = { window: EMPTY_WINDOW, conduct: GOOD_CONDUCT, conductRevision: 0 };

/** The state an item holds; a missing item is a new account. */
export function readState(item: Record<string, unknown> | undefined): RateState {
  if (!item) return NEW_STATE;
  const counters: Record<string, { total: number; slots: Record<number, number> }> = {};
  const counter = (name: string) => {
    counters[name] ??= { total: 0, slots: {} };
    return counters[name];
  };
  for (const [attribute, value] of Object.entries(item)) {
    if (OTHER.has(attribute)) continue;
    const [, name = '', slot] = attribute.match(/^(.*)\.(\d+)$/) ?? [];
    if (slot === undefined) counter(attribute).total = Number(value);
    else counter(name).slots[Number(slot)] = Number(value);
  }
  return {
    window: { epoch: Number(item.epoch ?? 0), counters: counters as Record<string, Counter> },
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
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  const name = (attribute: string) => {
    const known = Object.keys(names).find((placeholder) => names[placeholder] === attribute);
    if (known !== undefined) return known;
    const placeholder = `#a${Object.keys(names).length}`;
    names[placeholder] = attribute;
    return placeholder;
  };
  const value = (number: number) => {
    const placeholder = `:v${Object.keys(values).length}`;
    values[placeholder] = number;
    return placeholder;
  };
  const { add, set, remove, condition } = update;
  const sets = Object.entries({ ...set, expiresAt: expiresAtSeconds }).map(
    ([key, number]) => `${name(key)} = ${value(number)}`,
  );
  const adds = Object.entries(add).map(([key, number]) => `${name(key)} ${value(number)}`);
  const parts = [`SET ${sets.join(', ')}`];
  if (adds.length > 0) parts.push(`ADD ${adds.join(', ')}`);
  if (remove.length > 0) parts.push(`REMOVE ${remove.map(name).join(', ')}`);

  const isSameEpoch =
    condition.epoch === undefined
      ? `attribute_not_exists(${name('epoch')})`
      : `${name('epoch')} = ${value(condition.epoch)}`;
  const conditions = [
    isSameEpoch,
    `(attribute_not_exists(${name('lockedUntilMs')}) OR ${name('lockedUntilMs')} <= ${value(nowMs)})`,
    ...Object.entries(condition.atMost).map(
      ([key, number]) => `(attribute_not_exists(${name(key)}) OR ${name(key)} <= ${value(number)})`,
    ),
    ...Object.entries(condition.equal).map(([key, number]) => `${name(key)} = ${value(number)}`),
  ];
  return {
    UpdateExpression: parts.join(' '),
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  };
}
