/** The deploy test's HEADGATE_CONFIG: the provider openai is a simulated one on this machine. */
export const SIMULATED_PROVIDER_PORT = 18_787;

export const configuration = {
  // Without streams, API Gateway gives an answer 29 seconds: one retry fits.
  retry: { attempts: 2 },
  providers: {
    openai: {
      wire: 'openai',
      baseUrl: `http://127.0.0.1:${SIMULATED_PROVIDER_PORT}/v1`,
      maxTokensField: 'max_completion_tokens',
      takesStreamOptions: true,
      needsKey: true,
    },
  },
};
