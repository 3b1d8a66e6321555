import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listen, stop } from '../../local/listen.ts';
import { operationOf, passOn } from '../store/pass-on.ts';
import type { StoreMoment } from './kill-points.ts';

export interface KillProxy {
  endpoint: string;
  /** Does this at the next call that fits, once. The call gets no answer. */
  arm(moment: StoreMoment, account: string, strike: () => void): void;
  close(): Promise<void>;
}

/** A call is held this long before the strike: whatever does not wait for it is done by then. */
const HELD_MS = 300;

/** The place of the item that a call is about: its `pk`. */
function placeOf(body: string): string {
  const { Key, Item } = JSON.parse(body) as Record<'Key' | 'Item', { pk?: { S?: string } } | undefined>;
  return (Key ?? Item)?.pk?.S ?? '';
}

/** A proxy in front of DynamoDB that strikes at one exact call. */
export async function startKillProxy(target: string): Promise<KillProxy> {
  let armed: { moment: StoreMoment; place: string; strike: () => void } | undefined;

  const server = createServer(async (incoming, response) => {
    const body = (await buffer(incoming)).toString('utf8');
    const operation = operationOf(incoming);
    const isMeant =
      armed !== undefined &&
      operation === armed.moment.operation &&
      placeOf(body).startsWith(armed.place) &&
      body.includes(armed.moment.update ?? '');
    const due = isMeant ? armed : undefined;
    if (due) armed = undefined;
    if (due?.moment.when === 'before') {
      setTimeout(due.strike, HELD_MS);
      return;
    }
    passOn(target, [incoming, response], body, due?.strike);
  });
  return {
    endpoint: await listen(server, 0),
    arm(moment, account, strike) {
      armed = { moment, place: moment.place.replace('<account>', account), strike };
    },
    close: () => stop(server),
  };
}
