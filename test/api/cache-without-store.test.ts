import { DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { localTableName } from '../../local/dynamo.ts';
import { startGatewayUnderTest } from './gateway-under-test.ts';

it('the cache does without its table, and leaves it alone for a while after it failed', async () => {
  const gateway = await startGatewayUnderTest({ overrides: { caching: { isOn: true } } });
  try {
    await gateway.database.send(new DeleteTableCommand({ TableName: localTableName('responses') }));
    const body = { model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'Why is the sky blue?' }] };
    for (let count = 0; count < 3; count++) {
      const response = await gateway.post('/v1/chat/completions', body);
      expect([response.status, response.headers.get('x-headgate-cache')]).toEqual([200, 'miss']);
    }
    expect(gateway.log.filter((line) => line.startsWith('store failed'))).toHaveLength(1);
  } finally {
    await gateway.close();
  }
});
