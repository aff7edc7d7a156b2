// A WordPiece tokenizer, as BERT's and MPNet's, that covers every word of a-z and 0-9.

/** The tokens after the special ones: signs, pieces of words, some whole words. */
const PIECES = (() => {
  const letters = [...'abcdefghijklmnopqrstuvwxyz0123456789'];
  const endings = ['ing', 'ed', 'er', 'es', 'al', 'ion', 'ly', 'ness'];
  const words =
    'the a of and for with in to black white red blue paper pen ink color set pack film movie book game music home office tool light small large new old';
  const pieces = [...letters, ...letters.map((x) => `##${x}`), ...endings.map((x) => `##${x}`)];
  return [...'.,:;!?()-&/\'"%+#', ...pieces, ...words.split(' ')];
})();

/**
 * The files of a tokenizer by their names, and how many tokens it knows.
 * @param special the special tokens by their roles, in the order of their numbers
 */
export function wordPiece(tokenizerClass, special, maxTokens) {
  const names = Object.values(special);
  const vocabulary = [...new Set([...names, ...PIECES])];
  const { cls, sep, unk } = special;
  const piece = (id) => ({ SpecialToken: { id, type_id: 0 } });
  const once = (token) => ({ id: token, ids: [vocabulary.indexOf(token)], tokens: [token] });
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: names.map((content, id) => addedToken(id, content)),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [piece(cls), { Sequence: { id: 'A', type_id: 0 } }, piece(sep)],
      pair: [],
      special_tokens: { [cls]: once(cls), [sep]: once(sep) },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: unk,
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
    },
  };
  const config = {
    tokenizer_class: tokenizerClass,
    do_lower_case: true,
    model_max_length: maxTokens,
    ...Object.fromEntries(Object.entries(special).map(([role, token]) => [`${role}_token`, token])),
  };
  return { files: { 'tokenizer.json': tokenizer, 'tokenizer_config.json': config }, size: vocabulary.length };
}

export function addedToken(id, content) {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}
