import { expect, it } from 'vitest';
import { apiKeyId, hashApiKey } from '../../lambda/core/api-key.ts';
import { API_KEY, startGatewayUnderTest } from '../api/gateway-under-test.ts';

it('a key in constant use stops working within 5 s of being revoked', async () => {
  const gateway = await startGatewayUnderTest();
  const isAccepted = async () =>
    (await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${API_KEY}` } })).status === 200;
  expect(await isAccepted()).toBe(true);
  await gateway.asAdmin('DELETE', `/v2/admin/keys/${apiKeyId(hashApiKey(API_KEY))}`);
  const revokedAt = performance.now();
  while (await isAccepted()) {
    expect(performance.now() - revokedAt).toBeLessThan(5_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(performance.now() - revokedAt).toBeLessThan(5_000);
  await gateway.close();
});
