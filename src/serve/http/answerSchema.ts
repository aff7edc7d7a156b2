/** JSON Schema of an answer with items. */
export const ITEMS = {
  type: 'object',
  required: ['recommendationId', 'model', 'items'],
  properties: {
    recommendationId: { type: 'string', description: 'names this answer in events that follow from it' },
    model: { type: 'string', description: 'digest of the model that answered' },
    items: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'title', 'score'],
        properties: {
          id: { type: 'string' },
          title: { type: ['string', 'null'] },
          score: { type: 'number', description: 'only its order means something' },
          cold: { type: 'boolean', description: 'came after training' },
        },
      },
    },
    basis: { enum: ['user', 'history', 'popular', 'items', 'text'], description: 'what the ranking goes by' },
    rerank: {
      type: 'object',
      description: 'whose order the first items have, and why it is our own; only where it was asked for',
      properties: { by: { enum: ['chat', 'own'] }, reason: { type: ['string', 'null'] } },
    },
    unknownItems: {
      type: 'array',
      items: { type: 'string' },
      description: 'of the history, not in the model',
    },
    isShort: { const: true, description: 'fewer than k: no more are left of all that the parameters allow' },
  },
};
