import { describe, expect, it } from 'vitest';
import { isPublicAddress, lookUpPublic } from '../../lambda/webhook/public-address.ts';
import { sendWebhook } from '../../lambda/webhook/send-webhook.ts';

describe('where a webhook may go', () => {
  it.each(['8.8.8.8', '1.1.1.1', '172.15.0.1', '172.32.0.1', '100.63.0.1', '2606:4700::1111', '2a00:1450:4001::1'])(
    '%s is public',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    'fc00::1',
    'fe80::1',
    'ff02::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'localhost',
    '0x7f000001',
    '2130706433',
  ])('%s is not', (address) => expect(isPublicAddress(address)).toBe(false));

  it('is looked at when the connection is made, whatever the name was', async () => {
    const error = await new Promise((resolve) => lookUpPublic('localhost', { all: true }, resolve));
    expect(error).toMatchObject({ code: 'EACCES' });
    await expect(sendWebhook(new URL('https://localhost:1/'), {}, '{}')).rejects.toMatchObject({ code: 'EACCES' });
  });

  // A URL turns every way to write an address into the one that is checked.
  it.each(['https://127.0.0.1:1/', 'https://2130706433:1/', 'https://[::1]:1/', 'https://0x7f.1:1/'])(
    'is no address of this machine: %s',
    async (url) => {
      await expect(sendWebhook(new URL(url), {}, '{}')).rejects.toThrow('not public');
    },
  );
});
