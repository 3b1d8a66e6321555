import { isJsonObject, type JsonObject } from '../../core/json-body.ts';

/** Keywords that Anthropic's schemas lack; the model is told of them in words. */
const UNENFORCED = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
];

/** Keywords whose value is one schema, a list of them, or schemas by name. */
const SCHEMA = ['items'];
const SCHEMA_LISTS = ['anyOf', 'allOf'];
const NAMED_SCHEMAS = ['properties', '$defs', 'definitions'];

/**
 * A JSON schema as Anthropic enforces it (its page "Structured outputs", "JSON Schema limitations"): objects have no
 * properties but those named, limits on numbers and lengths move into descriptions, `oneOf` becomes `anyOf`.
 */
export function strictSchema(schema: unknown): unknown {
  if (!isJsonObject(schema)) return schema;
  const { oneOf, ...strict } = schema;
  if (Array.isArray(oneOf)) strict.anyOf ??= oneOf;
  const told = takeUnenforced(strict);
  if (told !== '') strict.description = [strict.description, told].filter(Boolean).join('\n');
  if (strict.type === 'object' || isJsonObject(strict.properties)) strict.additionalProperties = false;
  for (const keyword of SCHEMA) if (keyword in strict) strict[keyword] = strictSchema(strict[keyword]);
  for (const keyword of SCHEMA_LISTS) {
    const list = strict[keyword];
    if (Array.isArray(list)) strict[keyword] = list.map(strictSchema);
  }
  for (const keyword of NAMED_SCHEMAS) {
    const named = strict[keyword];
    if (!isJsonObject(named)) continue;
    strict[keyword] = Object.fromEntries(Object.entries(named).map(([name, part]) => [name, strictSchema(part)]));
  }
  return strict;
}

/** Takes the keywords out of the schema, in place, and answers with what they said. */
function takeUnenforced(schema: JsonObject): string {
  const told: string[] = [];
  const take = (keyword: string) => {
    told.push(`${keyword}: ${JSON.stringify(schema[keyword])}`);
    delete schema[keyword];
  };
  for (const keyword of UNENFORCED) if (keyword in schema) take(keyword);
  if (typeof schema.minItems === 'number' && schema.minItems > 1) take('minItems');
  return told.join(', ');
}
