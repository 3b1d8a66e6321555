import { beforeEach, describe, expect, it } from 'vitest';
import { NO_LABELS } from '../../lambda/core/semantic/error-controller.ts';
import { secondLooksStore } from '../../lambda/store/second-looks.ts';
import { localTableName } from '../../local/dynamo.ts';
import { useTestDynamo } from './test-dynamo.ts';

const database = useTestDynamo();
let nowMs = 1_000_000;
let test = 0;
beforeEach(() => {
  test += 1;
});

const looks = () => secondLooksStore(database.client, localTableName('responses'), () => nowMs);
const where = () => ({ embedder: 'e', neighbourhood: `neighbourhood ${test}` });
const group = () => `group ${test}`;
const look = (more: object = {}) => ({
  prompt: 'asked',
  fingerprint: 'f1',
  fits: true,
  answerStoredAtMs: 7,
  group: group(),
  score: 0.71,
  ...more,
});
const WEEK_MS = 7 * 86_400_000;

describe('second looks', () => {
  it('are known for their pair, and for no other', async () => {
    await looks().add(where(), look());
    await looks().add(where(), look({ fingerprint: 'f2', fits: false }));
    await looks().add(where(), look({ prompt: 'asked otherwise', fingerprint: 'f3' }));
    expect([...(await looks().judgedWith(where(), ' asked\n'))]).toEqual([
      ['f1', { fits: true, answerStoredAtMs: 7 }],
      ['f2', { fits: false, answerStoredAtMs: 7 }],
    ]);
    expect(await looks().judgedWith({ ...where(), embedder: 'another' }, 'asked')).toEqual(new Map());
  });

  it('count once for a pair, however many look at the same time, and anew for another answer', async () => {
    await Promise.all(Array.from({ length: 5 }, () => looks().add(where(), look())));
    await looks().add(where(), look({ fits: false }));
    expect((await looks().judgedWith(where(), 'asked')).get('f1')?.fits).toBe(true);
    expect((await looks().labels(group())).right[35]).toBe(1);
    await looks().add(where(), look({ fits: false, answerStoredAtMs: 8 }));
    expect((await looks().judgedWith(where(), 'asked')).get('f1')).toEqual({ fits: false, answerStoredAtMs: 8 });
    expect((await looks().labels(group())).wrong[35]).toBe(1);
  });

  it('are forgotten when no kept answer can be as old', async () => {
    await looks().add(where(), look());
    nowMs += WEEK_MS + 1_000;
    expect(await looks().judgedWith(where(), 'asked')).toEqual(new Map());
  });

  it('label scores, from all processes, for one group', async () => {
    await looks().add(where(), look());
    await looks().add(where(), look({ fingerprint: 'f2' }));
    await looks().add(where(), look({ fingerprint: 'f3', score: 0.1, fits: false }));
    const { right, wrong } = await looks().labels(group());
    expect([right[35], right.reduce((sum, count) => sum + count)]).toEqual([2, 2]);
    expect([wrong[5], wrong.reduce((sum, count) => sum + count)]).toEqual([1, 1]);
    expect(await looks().labels('another group')).toEqual(NO_LABELS);
  });

  it('label nothing without a score', async () => {
    await looks().add(where(), look({ score: undefined }));
    expect(await looks().labels(group())).toEqual(NO_LABELS);
  });

  it('are read again after a minute', async () => {
    const store = looks();
    expect(await store.labels(group())).toEqual(NO_LABELS);
    await store.add(where(), look());
    expect(await store.labels(group())).toEqual(NO_LABELS);
    nowMs += 60_000;
    expect((await store.labels(group())).right[35]).toBe(1);
  });
});
