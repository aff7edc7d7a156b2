import { expect, test } from 'vitest';
import { lexicalEmbeddings } from '../../../src/embed/lexical/lexicalEmbeddings.ts';

/** Titles of four groups, each a cross of qualities and things, some with a promotion in front. */
interface Titles {
  readonly promotions: readonly string[];
  readonly qualities: readonly string[];
  readonly things: readonly (readonly string[])[];
  readonly separator: string;
}

const LANGUAGES: Readonly<Record<string, Titles>> = {
  Chinese: {
    promotions: ['【包邮】', '【限时特惠】', ''],
    qualities: ['红色', '蓝色', '小号', '新款', '儿童'],
    things: [
      ['棉质衬衫', '长袖衬衫', '牛津纺衬衫'],
      ['厨房刀具', '不锈钢菜刀', '水果刀'],
      ['木吉他', '民谣吉他', '电吉他'],
      ['数码相机', '单反相机', '运动相机'],
    ],
    separator: '',
  },
  Japanese: {
    promotions: ['【送料無料】', '【期間限定】', ''],
    qualities: ['赤い', '青い', '小さい', '北欧風', '人気の'],
    things: [
      ['コットンシャツ', '長袖シャツ', 'リネンシャツ'],
      ['三徳包丁', '果物包丁', 'パン切り包丁'],
      ['エレキギター', 'クラシックギター', 'アコースティックギター'],
      ['デジタルカメラ', '防水カメラ', '一眼レフカメラ'],
    ],
    separator: '',
  },
  Thai: {
    promotions: ['[ส่งฟรี]', '[ลดพิเศษ]', ''],
    qualities: ['สีแดง', 'สีฟ้า', 'ขนาดเล็ก', 'รุ่นใหม่', 'สำหรับเด็ก'],
    things: [
      ['เสื้อเชิ้ต', 'เสื้อแขนยาว', 'เสื้อยืดคอกลม'],
      ['มีดทำครัว', 'มีดปอกผลไม้', 'มีดเซรามิก'],
      ['กีตาร์โปร่ง', 'กีตาร์ไฟฟ้า', 'กีตาร์คลาสสิก'],
      ['กล้องดิจิตอล', 'กล้องฟิล์ม', 'กล้องวงจรปิด'],
    ],
    separator: '',
  },
  Korean: {
    promotions: ['[무료배송]', '[특가]', ''],
    qualities: ['빨간', '파란', '작은', '신상', '어린이'],
    things: [
      ['면셔츠', '린넨셔츠', '긴팔셔츠'],
      ['주방칼세트', '과일칼세트', '세라믹칼세트'],
      ['통기타', '전자기타', '클래식기타'],
      ['디지털카메라', '방수카메라', '필름카메라'],
    ],
    separator: ' ',
  },
};

for (const [language, titles] of Object.entries(LANGUAGES)) {
  test(`${language} titles lie beside those of the same thing, not of the same promotion`, async () => {
    const { purity, missing } = await neighbours(titles);
    expect(missing).toEqual([]);
    expect(purity).toBeGreaterThan(0.8);
  });
}

test('German compounds of one text each lie beside those that end alike', async () => {
  const groups = [
    ['Baumwollhemd', 'Leinenhemd', 'Freizeithemd', 'Trachtenhemd', 'Oberhemd'],
    ['Küchenmesser', 'Brotmesser', 'Gemüsemesser', 'Fleischmesser', 'Obstmesser'],
    ['Konzertgitarre', 'Westerngitarre', 'Kindergitarre', 'Bassgitarre', 'Reisegitarre'],
  ];
  const qualities = ['rot', 'blau', 'klein', 'neu', 'robust'];
  const texts = groups.flatMap((group) => group.map((thing, n) => `${thing} ${qualities[n]}`));
  const { embeddings } = await lexicalEmbeddings(
    texts.map((_, n) => `i${n}`),
    texts,
    { dim: 8 },
  );
  expect(share(embeddings.vectors, embeddings.width, (n) => Math.floor(n / 5), 2)).toBe(1);
});

/** Share of the three nearest neighbours that are of the same group. */
async function neighbours({ promotions, qualities, things, separator }: Titles) {
  const groups: number[] = [];
  const texts: string[] = [];
  for (const [group, names] of things.entries()) {
    for (const [n, thing] of names.entries()) {
      for (const [m, quality] of qualities.entries()) {
        texts.push([promotions[(n + m) % promotions.length], quality, thing].join(separator));
        groups.push(group);
      }
    }
  }
  const ids = texts.map((_, n) => `i${n}`);
  const { embeddings, missing } = await lexicalEmbeddings(ids, texts, { dim: 16 });
  return { purity: share(embeddings.vectors, embeddings.width, (n) => groups[n], 3), missing };
}

function share(vectors: Float32Array, width: number, groupOf: (n: number) => number, k: number): number {
  const count = vectors.length / width;
  const rows = Array.from({ length: count }, (_, n) => vectors.subarray(n * width, (n + 1) * width));
  const mean = rows[0].map((_, column) => rows.reduce((sum, row) => sum + row[column], 0) / count);
  const units = rows.map((row) => {
    const centred = row.map((value, column) => value - mean[column]);
    return centred.map((value) => value / Math.hypot(...centred));
  });
  const product = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, n) => sum + value * b[n], 0);
  let same = 0;
  for (const [n, unit] of units.entries()) {
    const near = units
      .map((other, m) => ({ m, similarity: m === n ? -9 : product(unit, other) }))
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, k);
    same += near.filter(({ m }) => groupOf(m) === groupOf(n)).length;
  }
  return same / (k * count);
}
