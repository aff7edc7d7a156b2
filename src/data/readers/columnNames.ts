import type { FeedbackKind } from '../feedback.ts';

/** What a column can be for. */
export type ColumnRole = 'user' | 'item' | 'rating' | 'timestamp' | 'title' | 'id' | 'image';

const ITEMS =
  'itemid item iid productid movieid parentasin asin isbn isbn13 bookid articleid businessid gmapid trackid songid ' +
  'artistid albumid gameid appid animeid mangaid recipeid newsid videoid poiid venueid placeid locationid beerid ' +
  'beerbeerid wineid courseid jobid listingid hotelid offerid adid postid documentid docid sku stockcode productcode ' +
  'productsku itemcode itemno articleno gtin ean upc workid goodreadsbookid product movie book track song artist ' +
  'artikel artikelid artikelnr artikelnummer produkt produktid produit idproduit producto articulo prodotto';

/**
 * Names by which a column is found where none is given, compared without case, spaces and marks, the first in the list
 * that is there. They are those of public datasets and of shops' exports.
 */
const NAMES: Readonly<Record<ColumnRole, string>> = {
  user:
    'userid user uid reviewerid customerid visitorid memberid userkey accountid profileid personid clientid buyerid ' +
    'shopperid msno steamid username userlogin reviewprofilename customer customerno customernumber ' +
    'benutzer nutzer kunde kundenid kundennr kundennummer utilisateur idclient usuario cliente',
  item: ITEMS,
  id: `${ITEMS} id key code no nr number`,
  rating:
    'rating ratings overall stars score bookrating userrating movierating reviewrating reviewscore starrating ' +
    'ratingvalue ratingscore reviewoverall preference ' +
    'plays playcount listens listencount count quantity qty weight numplays hours hoursplayed playtime ' +
    'playtimeforever playduration watchtime frequency visits views purchases clicks ' +
    'label labels like liked isliked click clicked isclick recommended isrecommended votedup purchased ' +
    'bewertung sterne evaluation calificacion menge anzahl quantite cantidad',
  timestamp:
    'timestamp time unixreviewtime unixtime timestampms eventtime datetime date ts reviewtime reviewdate createdat ' +
    'dateadded invoicedate tdat purchasedate orderdate transactiondate visittime utctime createdtime updatedat datum ' +
    'zeitstempel epoch day',
  title:
    'title name movietitle booktitle producttitle productname itemname itemtitle gamename appname artistname trackname songtitle prodname productdisplayname',
  image:
    'imageurlhighres imageurll imageurlm image imageurl images imageurls imurl imgurl img imagepath imagefile imagefilename imagelink imagesrc mainimage ' +
    'primaryimage picture pictureurl photo photourl thumbnail thumbnailurl cover coverurl ' +
    'poster posterurl posterpath bild bildurl imagen foto',
};

const LISTS = new Map(Object.entries(NAMES).map(([role, names]) => [role, names.split(' ')])) as ReadonlyMap<
  ColumnRole,
  readonly string[]
>;

const FEEDBACK_COUNTS = new Set(
  'plays playcount listens listencount count quantity qty weight numplays hours hoursplayed playtime playtimeforever playduration watchtime frequency visits views purchases clicks menge anzahl quantite cantidad'.split(
    ' ',
  ),
);
const FEEDBACK_LABELS = new Set(
  'label labels like liked isliked click clicked isclick recommended isrecommended votedup purchased'.split(
    ' ',
  ),
);

/** A name without case, spaces and marks: `Book-Rating` and `book_rating` are `bookrating`. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/** The column that bears a name of the role, the first in the role's list; −1 if none does. */
export function namedFor(role: ColumnRole, columns: readonly string[]): number {
  const plain = columns.map(plainName);
  for (const name of LISTS.get(role)!) {
    const found = plain.indexOf(name);
    if (found !== -1) return found;
  }
  return -1;
}

/** Whether a cell could be the name of a column of this role. */
export function isNameOf(role: ColumnRole, cell: string): boolean {
  return LISTS.get(role)!.includes(plainName(cell));
}

/** What the numbers of a column mean by its name; null where that does not tell. */
export function kindByName(name: string): FeedbackKind | null {
  const plain = plainName(name);
  if (FEEDBACK_COUNTS.has(plain)) return 'count';
  if (FEEDBACK_LABELS.has(plain)) return 'label';
  return isNameOf('rating', name) ? 'rating' : null;
}
