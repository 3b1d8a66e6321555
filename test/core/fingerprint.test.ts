import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../lambda/core/chat-request.ts';
import { type CacheScope, fingerprint, scopeText } from '../../lambda/core/fingerprint.ts';

const request = (body: object = {}, maxTokens?: number): ChatRequest => ({
  model: 'x',
  stream: false,
  streamOptions: {},
  body: { messages: [{ role: 'user', content: 'hi' }], ...body },
  maxTokens,
  options: {},
});
const scope: CacheScope = { kind: 'account', account: 'a' };
const of = (body: object, more: Partial<ChatRequest> = {}) => fingerprint(scope, 'p/m', { ...request(body), ...more });

const name = fc.oneof(fc.string(), fc.constantFrom('a', 'a#b', '"', '["account"', 'a","b', '\u0000', 'key', 'user'));
const scopes: fc.Arbitrary<CacheScope> = fc.oneof(
  fc.record({ kind: fc.constant('account' as const), account: name }),
  fc.record({ kind: fc.constant('key' as const), account: name, keyId: name }),
  fc.record({ kind: fc.constant('user' as const), account: name, user: name }),
  fc.record({ kind: fc.constant('shared' as const), group: name }),
);

describe('a fingerprint', () => {
  it('is never the same in two scopes, whatever their names', () => {
    fc.assert(
      fc.property(scopes, scopes, (one, other) => {
        const isSame = JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
        expect(scopeText(one) === scopeText(other)).toBe(isSame);
        expect(fingerprint(one, 'p/m', request()) === fingerprint(other, 'p/m', request())).toBe(isSame);
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, object]>([
    ['another message', { messages: [{ role: 'user', content: 'ho' }] }],
    ['another role', { messages: [{ role: 'system', content: 'hi' }] }],
    ['an image', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] }],
    ['tools', { tools: [{ type: 'function', function: { name: 'f' } }] }],
    ['temperature', { temperature: 0.5 }],
    ['a format', { response_format: { type: 'json_object' } }],
    ['n', { n: 2 }],
    ['a seed', { seed: 1 }],
    ['a limit', { max_tokens: 5 }],
    ['a field that nobody knows', { tone: 'grave' }],
  ])('differs with %s', (_name, body) => expect(of(body)).not.toBe(of({})));

  it('differs by model', () => expect(fingerprint(scope, 'p/n', request())).not.toBe(of({})));

  it.each<[string, object, Partial<ChatRequest>]>([
    ['the end user', { user: 'u' }, {}],
    ['metadata', { metadata: { a: 'b' } }, {}],
    ['streaming', {}, { stream: true, streamOptions: { include_usage: true } }],
    ['what is not given', { seed: undefined }, {}],
  ])('is the same whatever %s', (_name, body, more) => expect(of(body, more)).toBe(of({})));

  it('is the same for both names of a limit, and for fields in another order', () => {
    expect(of({ max_tokens: 5 })).toBe(of({ max_completion_tokens: 5 }));
    expect(of({ max_tokens: 5 })).toBe(fingerprint(scope, 'p/m', request({}, 5)));
    expect(of({ seed: 1, n: 1 })).toBe(of({ n: 1, seed: 1 }));
  });
});
