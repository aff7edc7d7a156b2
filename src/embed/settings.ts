import { integer, oneOf, text } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { BAD_IMAGE_POLICIES, type BadImagePolicy } from './images/options.ts';
import { SEGMENTATIONS, type Segmentation, SUBWORDS, type Subwords } from './lexical/terms.ts';
import type { TokenPooling } from './transformers/presets.ts';

/**
 * Settings of embedders that are named rather than passed as objects; each kind reads some of them.
 *
 * @example
 * const settings: EmbedderSettings = { lexicalDim: 8 };
 * const embedder = await describeEmbedder('lexical').create('lexical', settings, {});
 */
export interface EmbedderSettings {
  /** The model, of embedders that can run several. */
  readonly encoder?: string;
  /** Width that vectors are cut to, of encoders that were trained for it. */
  readonly dimensions?: number;
  /** Put before every text. */
  readonly prefix?: string;
  /** How token vectors become one vector. */
  readonly encoderPooling?: TokenPooling;
  /** Precision of the weights. */
  readonly dtype?: string;
  /** A folder that holds the model, instead of a download. */
  readonly modelFolder?: string;
  /** Columns of lexical vectors. */
  readonly lexicalDim?: number;
  /** Which words lexical vectors know by their parts too, see `TermOptions`. */
  readonly lexicalSubwords?: Subwords;
  /** How lexical vectors cut scripts without spaces, see `TermOptions`. */
  readonly lexicalSegmentation?: Segmentation;
  /** The column of the catalogue with the images of the items. */
  readonly imageColumn?: string;
  /** The vision encoder. */
  readonly imageEncoder?: string;
  /** Where image files are. */
  readonly imageFolder?: string;
  /** What becomes of an item whose image cannot be used. */
  readonly onBadImage?: BadImagePolicy;
  /** A file with the ids of the vectors, one a line. */
  readonly embeddingIds?: string;
}

/**
 * The name of a setting.
 *
 * @example
 * const names: readonly SettingName[] = describeEmbedder('lexical').settings;
 */
export type SettingName = keyof EmbedderSettings;

/**
 * Every setting, in the order of help texts.
 *
 * @example
 * console.log(Object.keys(EMBEDDER_SETTINGS));
 */
export const EMBEDDER_SETTINGS: DescriptorsOf<EmbedderSettings> = {
  encoder: text({
    about: 'the model',
    defaultText: 'Xenova/all-mpnet-base-v2 for transformers',
    flag: '--encoder <model>',
  }),
  dimensions: integer({
    about: 'width that vectors are cut to, of encoders trained for it',
    ...{ min: 1, flag: '--dimensions <n>' },
  }),
  prefix: {
    ...text({ about: 'put before every text', flag: '--prefix <text>' }),
    defaultText: 'what the encoder was trained with, where it is known',
    parse: (given) => given,
  },
  encoderPooling: oneOf(['mean', 'cls', 'last_token'], {
    about: 'how token vectors become one vector',
    ...{ defaultText: 'as the encoder was trained, else mean', flag: '--encoder-pooling <how>' },
  }),
  dtype: text({
    about: 'precision of the weights, for @huggingface/transformers',
    ...{ defaultText: 'fp32', flag: '--dtype <name>' },
  }),
  modelFolder: text({ about: 'holds the encoder, instead of a download', flag: '--model-folder <folder>' }),
  lexicalDim: integer({
    ...{ about: 'width of lexical vectors', min: 1, flag: '--lexical-dim <n>' },
    defaultText: '256',
  }),
  lexicalSubwords: oneOf(SUBWORDS, {
    about: 'which words are known by their parts too: all for languages of compounds',
    defaultText: 'rare',
    flag: '--lexical-subwords <which>',
  }),
  lexicalSegmentation: oneOf(SEGMENTATIONS, {
    about: 'how scripts without spaces are cut',
    defaultText: 'characters',
    flag: '--lexical-segmentation <how>',
  }),
  imageColumn: text({
    about: 'column of the catalogue with addresses or paths of images',
    ...{ defaultText: 'by its name: image, image_url …', flag: '--image-column <name>' },
  }),
  imageEncoder: text({
    about: 'the vision encoder',
    ...{ defaultText: 'Xenova/clip-vit-base-patch32', flag: '--image-encoder <model>' },
  }),
  imageFolder: text({
    about: 'where image files are',
    ...{ defaultText: 'that of the catalogue', flag: '--image-folder <folder>' },
  }),
  onBadImage: oneOf(BAD_IMAGE_POLICIES, {
    about: 'what becomes of an item whose image is missing, broken or too large',
    ...{ defaultText: 'error', flag: '--on-bad-image <what>' },
  }),
  embeddingIds: text({ about: 'item ids of the vectors, one a line', flag: '--embedding-ids <file>' }),
};
