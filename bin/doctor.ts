import { parseArgs } from 'node:util';
import { loadConfiguration } from '../local/configuration.ts';
import { chosenStackName, STACK_OPTIONS } from './deployed-stack.ts';
import { checksAfter } from './doctor/after.ts';
import { checksBefore } from './doctor/before.ts';
import { findingsOf, lineOf } from './doctor/finding.ts';

const USAGE = `npm run doctor -- [before|after] [--stage <stage>] [--stack <name>]

  before    what this machine and account need for a deployment
  after     whether a deployment works; with HEADGATE_KEY, a real chat, too (HEADGATE_URL in place of the stack's own)

  Without a word, both. Each line is pass, fail or unknown, with what to do. Ends with 1 when something fails.`;

const { positionals, values } = parseArgs({ allowPositionals: true, options: STACK_OPTIONS });
const SETS = { before: checksBefore, after: checksAfter };
const [name] = positionals;

if (name !== undefined && !Object.hasOwn(SETS, name)) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  try {
    const configuration = await loadConfiguration(process.env.HEADGATE_CONFIG);
    // Sets the region of the stage.
    chosenStackName(values);
    const sets = name === undefined ? Object.values(SETS) : [SETS[name as keyof typeof SETS]];
    for (const checks of sets) {
      for (const [about, check] of Object.entries(checks(values, configuration))) {
        for (const finding of await findingsOf(about, check)) {
          console.log(lineOf(finding));
          if (finding.status === 'fail') process.exitCode = 1;
        }
      }
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : 'It failed.');
    process.exitCode = 1;
  }
}
