/** Names of months with their usual short forms, January first, in the languages of shops; without accents. */
const MONTHS: readonly string[] = [
  'january jan januar jaenner janner janvier janv enero ene gennaio gen janeiro januari stycznia sty января янв ocak',
  'february feb februar februari fevrier fevr fev febrero febbraio fevereiro lutego lut февраля фев subat',
  'march mar marz maerz mars marzo marco maart mrt marca марта мар mart',
  'april apr avril avr abril abr aprile avril kwietnia kwi апреля апр nisan',
  'may mai mayo maggio mag maio mei maj maja мая mayis',
  'june jun juni juin junio giugno giu junho czerwca cze июня июн haziran',
  'july jul juli juillet juil julio luglio lug julho lipca lip июля июл temmuz',
  'august aug aout agosto ago augustus augusti sierpnia sie августа авг agustos',
  'september sept sep septembre septiembre settembre set setembro wrzesnia wrz сентября сен eylul',
  'october oct oktober okt octobre octubre ottobre ott outubro out pazdziernika paz октября окт ekim',
  'november nov novembre noviembre novembro listopada lis ноября ноя kasim',
  'december dec dezember dez decembre diciembre dic dicembre dezembro grudnia gru декабря дек aralik',
];

const NUMBERS = new Map(
  MONTHS.flatMap((names, n) => names.split(' ').map((name): [string, number] => [plainMonth(name), n + 1])),
);

/** 1 to 12 by a name in any case, with or without accents and a point; 0 if it is none. */
export function monthOf(name: string): number {
  return NUMBERS.get(plainMonth(name)) ?? 0;
}

function plainMonth(name: string): string {
  return name.normalize('NFKD').toLowerCase().replace(/ı/g, 'i').replace(/ł/g, 'l').replace(/\P{L}/gu, '');
}
