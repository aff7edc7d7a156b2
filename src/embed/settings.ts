/** Settings of embedders that are named rather than passed as objects; each kind reads some of them. */
export interface EmbedderSettings {
  /** The model, of embedders that can run several. */
  readonly encoder?: string;
  /** A folder that holds the model, instead of a download. */
  readonly modelFolder?: string;
  /** Columns of lexical vectors. */
  readonly lexicalDim?: number;
  /** A file with the ids of the vectors, one a line. */
  readonly embeddingIds?: string;
}

/** A key of `EmbedderSettings`. */
export type SettingName = keyof EmbedderSettings;

/** How a setting is written on a command line. */
export interface SettingDescriptor {
  readonly name: SettingName;
  /** What stands for its value in a help text. */
  readonly argument: string;
  readonly description: string;
  readonly type: 'text' | 'count';
}

/** Every setting, in the order of help texts. */
export const EMBEDDER_SETTINGS: readonly SettingDescriptor[] = [
  {
    name: 'encoder',
    argument: 'model',
    type: 'text',
    description: 'the model (default for transformers: Xenova/all-mpnet-base-v2)',
  },
  {
    name: 'modelFolder',
    argument: 'folder',
    type: 'text',
    description: 'holds the encoder, instead of a download',
  },
  {
    name: 'lexicalDim',
    argument: 'n',
    type: 'count',
    description: 'width of lexical vectors (default: 256)',
  },
  {
    name: 'embeddingIds',
    argument: 'file',
    type: 'text',
    description: 'item ids of the vectors, one a line',
  },
];
