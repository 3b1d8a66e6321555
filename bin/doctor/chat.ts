import { type Finding, fail, pass, unknown } from './finding.ts';

/** A model that is slower is no model to look with. */
const CHAT_MS = 60_000;

/** A real chat, streamed, through the URL: whether it is answered to its end, and whether it came in pieces. */
export async function chatFindings(url: string, key: string): Promise<Finding[]> {
  const startedAt = performance.now();
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify({
      stream: true,
      max_tokens: 200,
      messages: [{ role: 'user', content: 'Count from one to twenty in words.' }],
    }),
    signal: AbortSignal.timeout(CHAT_MS),
  });
  if (!response.ok) return [await refused(response)];
  let text = '';
  let pieces = 0;
  let firstMs = 0;
  const decoder = new TextDecoder();
  for await (const piece of response.body ?? []) {
    pieces += 1;
    firstMs ||= performance.now() - startedAt;
    text += decoder.decode(piece, { stream: true });
  }
  const milliseconds = Math.round(performance.now() - startedAt);
  const model = response.headers.get('x-headgate-model') ?? 'a model';
  if (!text.includes('data: [DONE]')) {
    return [fail(`chat: ${model} began an answer that broke off`, 'Ask again; then see docs/runbook.md#errorrate.')];
  }
  const answered = pass(`chat: ${model} answered in ${milliseconds} ms`);
  if (pieces > 1) return [answered, pass(`stream: ${pieces} pieces, the first after ${Math.round(firstMs)} ms`)];
  return [
    answered,
    unknown('stream: the answer came in one piece', 'A short answer may; where bufferedAnswers is on, all do.'),
  ];
}

/** Our own errors say what to do, and hold nothing of the request. */
async function refused(response: Response): Promise<Finding> {
  const body = (await response.json().catch(() => ({}))) as { error?: { code?: string; message?: string } };
  const { code = 'no code', message = 'See docs/runbook.md.' } = body.error ?? {};
  return fail(
    `chat: ${response.status} ${code}`,
    code === 'invalid_api_key' ? 'HEADGATE_KEY is no valid key of this gateway.' : message,
  );
}
