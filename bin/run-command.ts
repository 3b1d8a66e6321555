/**
 * Runs the command of this name and prints what it answers, as text or as JSON. An unknown one prints the usage and ends with 2, a failed one its
 * message, and ends with 1.
 */
export async function runCommand(
  commands: Readonly<Record<string, () => Promise<unknown>>>,
  name: string,
  usage: string,
): Promise<void> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    console.error(usage);
    process.exitCode = 2;
    return;
  }
  try {
    const answer = await command();
    if (answer !== undefined) console.log(typeof answer === 'string' ? answer : JSON.stringify(answer, null, 2));
  } catch (error) {
    console.error(error instanceof Error ? error.message : 'It failed.');
    process.exitCode = 1;
  }
}
