import { describe, expect, it } from 'vitest';
import { align } from '../../../lambda/core/semantic/alignment.ts';
import { analyse } from '../../../lambda/core/semantic/prompt.ts';
import { type VetoId, vetoesOf } from '../../../lambda/core/semantic/vetoes/index.ts';

/** Of each veto: pairs that it must stop, and pairs that it must let pass. */
const CASES: Record<VetoId, { stops: [string, string][]; passes: [string, string][] }> = {
  numbers: {
    stops: [
      ['Give me 3 names for a boat', 'Give me 13 names for a boat'],
      ['Convert 7 pounds to grams', 'Convert 7 ounces to grams'],
      ['What does 40 kg make in lb?', 'What does 40 lb make in kg?'],
      ['Events in June in Rome', 'Events in July in Rome'],
      ['Solve 2x + 3 = 9', 'Solve 3x + 2 = 9'],
      ['A loan of twenty five thousand euros', 'A loan of twenty six thousand euros'],
      ['What is 30 percent of 90?', 'What is 90 percent of 30?'],
      ['How can I learn to sew?', 'How can I learn to sew in a month?'],
    ],
    passes: [
      ['Give me 3 names for a boat', 'Give me three names for a boat'],
      ['half a dozen eggs', '6 eggs'],
      ['a mortgage of 250,000 dollars', 'a mortgage of 250000 USD'],
      ['What is 6 times 7?', 'Calculate 6 * 7'],
      ['20 km in miles', 'How many miles are 20 kilometres?'],
      ['What is 30 percent of 90?', 'Calculate 30% of 90'],
      ['Can I learn to sew in a month?', 'Is it possible to learn sewing within a month?'],
    ],
  },
  identifiers: {
    stops: [
      ['What does error E17 mean?', 'What does error E71 mean?'],
      ['What is new in version 3.8.1?', 'What is new in version 3.8.2?'],
      ['What does `tar -x` do?', 'What does `tar -c` do?'],
      ["Translate 'good night' into Dutch", "Translate 'good day' into Dutch"],
    ],
    passes: [
      ['What does error E17 mean?', 'error E17 meaning'],
      ['What does `tar -x` do?', 'Explain `tar -x`'],
      ["Translate 'good night' into Dutch", 'How do you say "good night" in Dutch?'],
    ],
  },
  negation: {
    stops: [
      ['Which metals rust?', 'Which metals do not rust?'],
      ['Cakes with nuts', 'Cakes without nuts'],
      ['Welche Pilze sind giftig?', 'Welche Pilze sind nicht giftig?'],
    ],
    passes: [
      ["Which metals don't rust?", 'Which metals do not rust?'],
      ['Cakes without nuts', 'Cakes that contain no nuts'],
    ],
  },
  freshness: {
    stops: [
      ['What is on at the cinema today?', 'What is on at the cinema tomorrow?'],
      ['Who is the mayor?', 'Who is the current mayor?'],
    ],
    passes: [['What is on at the cinema today?', "Today's cinema programme"]],
  },
  scope: {
    stops: [
      ['Do all ducks fly?', 'Do ducks fly?'],
      ['Who was the first king of Spain?', 'Who was the last king of Spain?'],
      ['Bike helmets for adults', 'Bike helmets for children'],
      ['What is his job?', 'What is her job?'],
    ],
    passes: [
      ['Which tower is the tallest?', 'Which tower is the highest?'],
      ['Bike helmets for children', 'Bike helmets for kids'],
      ['What is his job?', 'Which job does he have?'],
    ],
  },
  format: {
    stops: [
      ['Describe the moon', 'Describe the moon in a poem'],
      ['Write a formal invitation', 'Write a casual invitation'],
      ['Write a toast in Greek', 'Write a toast in Danish'],
      ['How do I boil rice?', 'Wie koche ich den Reis?'],
    ],
    passes: [
      ['Write a short toast', 'Write a brief toast'],
      ['Write a toast in Greek', 'Compose a toast in Greek'],
    ],
  },
  names: {
    stops: [
      ['Who is the mayor of Lyon?', 'Who is the mayor of Lille?'],
      ['Sort a list in Ruby', 'Sort a list in Kotlin'],
    ],
    passes: [
      ['Who is the mayor of Lyon?', 'What is the name of the mayor of lyon?'],
      ['The wages in Germany', 'German wages'],
    ],
  },
  question: {
    stops: [
      ['Why was the bridge built?', 'When was the bridge built?'],
      ['How long does the course take?', 'How much is the course?'],
      ['Why do the bees swarm?', 'What do the bees swarm around?'],
      ['Can a guest use the sauna?', 'Must a guest use the sauna?'],
      ['How was the dam built?', 'When was the dam built?'],
      ['Which tolls are there on this road?', 'How many tolls are there on this road?'],
      ['How do bees make wax?', 'How much wax do bees make?'],
    ],
    passes: [
      ['Why was the bridge built?', 'What was the reason for building the bridge?'],
      ['How long does the course take?', 'What is the duration of the course?'],
      ['Can a guest use the sauna?', 'Is a guest allowed to use the sauna?'],
      ['How was the dam built?', 'In what way was the dam built?'],
      ['When is the best time to sow peas?', 'Which month is best for sowing peas?'],
    ],
  },
  opposites: {
    stops: [
      ['How do I enable the alarm?', 'How do I disable the alarm?'],
      ['Turn on the heating', 'Turn off the heating'],
      ['Is it legal to fish here?', 'Is it illegal to fish here?'],
      ['How do I raise the volume?', 'How do I lower the volume?'],
    ],
    passes: [
      ['How do I enable the alarm?', 'How do I turn the alarm on?'],
      ['Turn on the heating', 'Switch on the heating'],
    ],
  },
  roles: {
    stops: [
      ['Buses from Cork to Galway', 'Buses from Galway to Cork'],
      ['Do foxes hunt cats?', 'Do cats hunt foxes?'],
      ['Is iron harder than gold?', 'Is gold harder than iron?'],
      ['Should I dust before mopping?', 'Should I mop before dusting?'],
      ['Did the fox bite the dog?', 'Was the fox bitten by the dog?'],
      ['How does sun affect paint?', 'What effect does paint have on sun?'],
      ['Who paid the driver?', 'Who did the driver pay?'],
      ['How many inches are in a yard?', 'How many yards are in an inch?'],
      ['Convert litres to gallons', 'Convert gallons to litres'],
      ['Can my doctor call me?', 'Can I call my doctor?'],
      ['Can bees hear?', 'Can we hear bees?'],
      ['A card for my uncle', 'A card from my uncle'],
      ['Can I read while waiting?', 'Can I wait while reading?'],
    ],
    passes: [
      ['Buses from Cork to Galway', 'Buses to Galway from Cork'],
      ['Compare iron and gold', 'Compare gold and iron'],
      ['In Python, how can a list be sorted?', 'How do I sort a list in Python?'],
      ['Did the fox bite the dog?', 'Was the dog bitten by the fox?'],
      ['How does sun affect paint?', 'What effect does the sun have on paint?'],
      ['Who paid the driver?', 'By whom was the driver paid?'],
      ['How many inches are in a yard?', 'A yard is how many inches?'],
      ['Can my doctor call me?', 'Is my doctor allowed to call me?'],
      ['Can bees hear?', 'Are bees able to hear?'],
      ['A card for my uncle', 'A card to my uncle'],
      ['How do I reset my password?', 'How does a password reset work?'],
    ],
  },
  'one word': {
    stops: [
      ['How do I clean a carpet?', 'How do I clean a mirror?'],
      ['How do I rename a file?', 'How do I copy a file?'],
    ],
    passes: [
      ['How do I repair a carpet?', 'How do I mend a carpet?'],
      ['How do I clean a sofa?', 'What is the best way to clean a couch?'],
    ],
  },
  'any word': {
    stops: [['How do I clean a carpet?', 'How do I clean a wet carpet?']],
    passes: [['How do I clean a carpet?', 'Please tell me how carpets are cleaned']],
  },
};

const stopped = (one: string, other: string, id: VetoId) =>
  vetoesOf(align(analyse(one), analyse(other)), [id]).length > 0;

for (const [id, { stops, passes }] of Object.entries(CASES) as [VetoId, (typeof CASES)[VetoId]][]) {
  describe(`the veto "${id}"`, () => {
    it.each(stops)('stops %j and %j, in either order', (one, other) => {
      expect([stopped(one, other, id), stopped(other, one, id)]).toEqual([true, true]);
    });

    it.each(passes)('lets %j and %j pass, in either order', (one, other) => {
      expect([stopped(one, other, id), stopped(other, one, id)]).toEqual([false, false]);
    });
  });
}
