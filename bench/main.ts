/** `npm run bench` measures the gateway's own cost; `npm run bench -- <name>` runs the measurement of that name. */
const [name = 'overhead'] = process.argv.slice(2);
await import(`./${name}.ts`);
