import { UnsupportedError } from '../../errors.ts';

/** Sentences in four scripts without spaces, whose cuts tell the dictionaries of engines apart. */
const PROBES = [
  '红色棉质衬衫配深色牛仔裤和运动鞋',
  '送料無料の北欧風コットンシャツとかわいいスニーカー',
  'เสื้อเชิ้ตผ้าฝ้ายสีแดงสำหรับผู้ชายขนาดใหญ่',
  'ກາເຟອາຣາບິກ້າຄຸນນະພາບດີ',
];

/**
 * Cuts runs of scripts without spaces into words by `Intl.Segmenter`.
 * @throws {UnsupportedError} where the engine has none
 */
export function wordsOfRuns(): (run: string) => string[] {
  if (typeof Intl === 'undefined' || typeof Intl.Segmenter !== 'function') {
    const problem = 'expected Intl.Segmenter for segmentation intl, which this engine lacks';
    throw new UnsupportedError('lexicalEmbeddings', problem, 'Use segmentation characters');
  }
  // Dictionaries go by script; a fixed locale keeps the user's from deciding.
  const segmenter = new Intl.Segmenter('en', { granularity: 'word' });
  return (run) =>
    Array.from(segmenter.segment(run))
      .filter(({ isWordLike }) => isWordLike)
      .map(({ segment }) => segment);
}

/** How this engine cuts the probes: equal texts mean equal dictionaries, as far as these go. */
export function segmenterVersion(): string {
  const cut = wordsOfRuns();
  return PROBES.map((probe) => cut(probe).join('|')).join(' ');
}
