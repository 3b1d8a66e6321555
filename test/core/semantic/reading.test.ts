import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areForms, languageOf } from '../../../lambda/core/semantic/language.ts';
import { nearestOf } from '../../../lambda/core/semantic/nearest.ts';
import { normalise } from '../../../lambda/core/semantic/normalise.ts';
import { numberIn, numbersIn } from '../../../lambda/core/semantic/numbers.ts';
import { packVector, unpackVector } from '../../../lambda/core/semantic/packed-vector.ts';
import { analyse } from '../../../lambda/core/semantic/prompt.ts';
import { openingOf } from '../../../lambda/core/semantic/question.ts';
import { stem } from '../../../lambda/core/semantic/stem.ts';
import { areOpposites, areSynonyms } from '../../../lambda/core/semantic/synonyms.ts';
import { ofLengthOne } from '../../../lambda/embedding/embedder.ts';

describe('normalisation', () => {
  it('writes contractions out, and gives one name to what has several', () => {
    expect(normalise('What’s the way to turn on 2FA?')).toBe('what is the way to enable twofactor?');
    expect(normalise("I can't LOG IN")).toBe('i can not login');
  });

  it('changes nothing the second time', () => {
    for (const text of ["Don't switch it off", 'Node.js vs. Go', 'The 2nd World War, WW2']) {
      expect(normalise(normalise(text))).toBe(normalise(text));
    }
  });
});

describe('stems', () => {
  it.each([
    ['cancelling', 'cancel'],
    ['colours', 'color'],
    ['organised', 'organize'],
    ['studies', 'study'],
    ['wrote', 'write'],
    ['using', 'use'],
    ['children', 'kid'],
  ])('%s and %s are forms of one word', (one, other) => {
    expect(stem(one)).toBe(stem(other));
  });

  it.each([
    ['payment', 'pay'],
    ['bus', 'bush'],
    ['news', 'new'],
  ])('%s and %s are not', (one, other) => {
    expect(stem(one)).not.toBe(stem(other));
  });
});

describe('words that JavaScript gives to every object', () => {
  it('are words like others', () => {
    for (const word of ['constructor', 'toString', 'hasOwnProperty', '__proto__']) {
      expect(analyse(`What is a ${word}?`).numbers).toEqual([]);
      expect(typeof stem(word)).toBe('string');
    }
  });
});

describe('synonyms', () => {
  it('come from WordNet and from a list, and are never opposites', () => {
    const same = (one: string, other: string) => areSynonyms(stem(one), stem(other));
    expect([same('buy', 'purchase'), same('parcel', 'package'), same('cancel', 'cancellation')]).toEqual([
      true,
      true,
      true,
    ]);
    expect([same('buy', 'sell'), same('parcel', 'letter')]).toEqual([false, false]);
    expect(areOpposites(stem('install'), stem('uninstall'))).toBe(true);
  });
});

describe('numbers', () => {
  it('are read from digits and words', () => {
    expect(numbersIn('twenty five thousand and 1,250 and half a dozen and 16th'.split(' '))).toEqual([
      25_000, 1_250, 6, 16,
    ]);
    expect(numbersIn(['november', '9', '1989'])).toEqual([9, 1989]);
    expect([numberIn('one'), numberIn('first'), numberIn('250k')]).toEqual([undefined, undefined, 250_000]);
  });

  it('are the same in digits with and without commas', () => {
    fc.assert(
      fc.property(
        fc.nat(999_999_999),
        (value) => numberIn(value.toLocaleString('en')) === value && numberIn(String(value)) === value,
      ),
    );
  });
});

describe('languages', () => {
  it.each([
    ['wie kann ich das konto löschen', 'de'],
    ['comment puis-je annuler la commande', 'fr'],
    ['cómo puedo cancelar el pedido', 'es'],
    ['come posso cancellare il mio ordine', 'it'],
    ['como posso cancelar o meu pedido', 'pt'],
    ['jak mogę anulować zamówienie', 'pl'],
    ['如何取消订单', 'east asian'],
    ['как отменить заказ', 'other'],
    ['docker compose logs', 'en'],
  ])('%s is %s', (text, language) => {
    expect(languageOf(text.split(' '))).toBe(language);
  });
});

describe('words of other languages', () => {
  it('are whole where German separates a verb', () => {
    const wordsOf = (text: string) => analyse(text).content.map(({ word }) => word);
    expect(wordsOf('Wie setze ich mein Passwort zurück?')).toEqual(['zurücksetze', 'passwort']);
    expect(wordsOf('Wie schalte ich den Ton ein?')).not.toEqual(wordsOf('Wie schalte ich den Ton aus?'));
  });

  it('are the same in other forms, or where one stands for the other', () => {
    expect([areForms('lösche', 'löschen'), areForms('adresse', 'anschrift'), areForms('zmienić', 'zmieniać')]).toEqual([
      true,
      true,
      true,
    ]);
    expect([areForms('lösche', 'öffne'), areForms('adresse', 'namen')]).toEqual([false, false]);
  });
});

describe('openings', () => {
  it.each([
    ['how do i open a tin?', 'how'],
    ['excel: can a row be hidden?', 'possible'],
    ['is it raining?', 'yes or no'],
    ['the tap drips, why?', 'other'],
    ['which tap is best?', 'what'],
    ['tin opener', 'none'],
  ])('%s opens with %s', (text, opening) => {
    expect(openingOf(text)).toBe(opening);
  });
});

describe('vectors', () => {
  const vectors = fc
    .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 8, maxLength: 8 })
    .filter((list) => list.some((part) => Math.abs(part) > 0.01))
    .map(ofLengthOne);

  it('come out of their packing nearly as they were', () => {
    fc.assert(
      fc.property(vectors, (vector) => {
        const [found] = nearestOf(vector, [{ vector: unpackVector(packVector(vector)) }], 1);
        return (found?.likeness ?? 0) > 0.99;
      }),
    );
  });

  it('are found as sorting all of them would find them', () => {
    fc.assert(
      fc.property(vectors, fc.array(vectors, { maxLength: 30 }), (vector, list) => {
        const entries = list.map((one) => ({ vector: one }));
        const found = nearestOf(vector, entries, 5).map(({ likeness }) => likeness);
        const all = nearestOf(vector, entries, entries.length).map(({ likeness }) => likeness);
        return (
          all.every((value, index) => index === 0 || value <= (all[index - 1] ?? 1)) &&
          found.every((value, index) => value === all[index])
        );
      }),
    );
  });
});
