import { type Erasure, isAbout, isHidden } from '../core/erasure.ts';
import { given } from '../core/given.ts';
import type { PersonalItem, PersonalKind } from '../personal-items.ts';
import type { ExportGateway } from './gateway.ts';

/** Whose data is exported, and what of it is to be erased. */
export interface Asked {
  account: string;
  /** Undefined for all of the account. */
  user: string | undefined;
  orders: readonly Erasure[];
}

/** The kept answers, each by its fingerprint: `GET /v2/cache` shows them in full. */
export async function* keptAnswers({ responseCache, clock }: ExportGateway, { account, user, orders }: Asked) {
  let after: string | undefined;
  do {
    const page = await responseCache.page({ account }, given({ user }), after);
    for (const entry of page.entries) {
      if (!isHidden(entry.user, orders, clock())) yield entry.fingerprint;
    }
    after = page.next;
  } while (after !== undefined);
}

/** What else is kept: jobs by their ids, under which they can be read, the rest by ids that say nothing. */
export async function* heldItems(
  { personalItems, clock }: ExportGateway,
  kind: Exclude<PersonalKind, 'scores'>,
  { account, user, orders }: Asked,
) {
  for await (const item of personalItems.of(kind, account)) {
    if (item.expiresAtMs <= clock() || item.erasedBy !== undefined) continue;
    if (user !== undefined && item.user !== user) continue;
    if (!orders.some((order) => isAbout(order, item))) yield shown(item);
  }
}

/** The requests that were scored, among those that are shown. */
export async function* scoredRequests(
  { personalItems }: ExportGateway,
  { account }: Asked,
  shownRequests: ReadonlySet<string>,
) {
  for await (const { id } of personalItems.of('scores', account)) if (shownRequests.has(id)) yield id;
}

function shown({ id, user, startedAtMs, expiresAtMs }: PersonalItem) {
  return {
    id,
    ...given({ user }),
    startedAt: new Date(startedAtMs).toISOString(),
    keptUntil: new Date(expiresAtMs).toISOString(),
  };
}
