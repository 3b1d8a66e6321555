import { addFamily, characterHashes, type Features, wordHashes } from './features.ts';
import { hash } from './hash.ts';
import type { TopicHints } from './topic-words.ts';

/** Of a text this much is looked at. */
const CHARACTERS = 600;

/** What all words, and all character sequences, weigh together. */
const FAMILY_WEIGHTS = { words: 2, characters: 2 };

/** The features by which a learned topic is told in a normalized text: what its word list says, and every word. */
export function topicFeatures(text: string, hints: TopicHints, dimensions: number): Features {
  const features: Features = { indices: [], values: [] };
  const add = (name: string) => {
    features.indices.push(hash(name) % dimensions);
    features.values.push(1);
  };
  add('bias');
  for (const group of hints.groups) add(`words ${group}`);
  if (hints.hasPair) add('pair');
  if (hints.isClearPair) add('clear pair');
  const looked = text.slice(0, CHARACTERS);
  addFamily(wordHashes(looked), FAMILY_WEIGHTS.words, features, dimensions);
  addFamily(characterHashes(looked), FAMILY_WEIGHTS.characters, features, dimensions);
  return features;
}
