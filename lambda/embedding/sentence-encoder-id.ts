/** The model of the sentence encoder and the size of its vectors, wherever it runs. */
export const SENTENCE_ENCODER_ID = 'use-lite-512';
