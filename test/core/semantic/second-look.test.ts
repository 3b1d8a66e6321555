import { describe, expect, it } from 'vitest';
import { saysItFits, secondLook } from '../../../lambda/core/semantic/second-look.ts';

describe('a second look', () => {
  it('shows both questions and no more of the answer than tells what it is about', () => {
    const { messages } = secondLook({
      kept: 'Who wrote "Emma"?',
      keptAnswer: 'x'.repeat(9_000),
      asked: 'Emma: author?',
    });
    const material = JSON.parse(String(messages[1]?.content));
    expect(material).toMatchObject({ earlierQuestion: 'Who wrote "Emma"?', newQuestion: 'Emma: author?' });
    expect(material.answer).toHaveLength(4_000);
  });

  it.each(['yes', 'Yes.', ' "YES"\n', '**yes**'])('takes %j for a yes', (text) => {
    expect(saysItFits(text)).toBe(true);
  });

  it.each(['no', 'No!', "'no'"])('takes %j for a no', (text) => {
    expect(saysItFits(text)).toBe(false);
  });

  it.each(['', 'maybe', 'yes, but not for trains', 'no yes', 'I say yes'])('takes %j for neither', (text) => {
    expect(saysItFits(text)).toBeUndefined();
  });
});
